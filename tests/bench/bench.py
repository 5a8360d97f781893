"""What the groups of rows share: the two programs that are compared, how often, and the homes that several groups measure in."""
from __future__ import annotations

import os
from collections.abc import Callable

from tests.bench import homes, timing
from tests.sandbox import ORCH, Sandbox

ARCHIVED = 100_000
OPEN = 100
MANY = 10_000
CLICK = "python -c 'import click'"


class Bench:
    def __init__(self, *, quick: bool, say: Callable[[str], None]) -> None:
        self.quick, self.say = quick, say
        self.homes: dict[str, Sandbox] = {}

    def rounds(self, wanted: int) -> int:
        return max(3, wanted // 4) if self.quick else wanted

    def home(self, name: str) -> Sandbox:
        """One of the homes, made when it is first asked for."""
        if name not in self.homes:
            self.say(f"making a home: {name} ...")
            self.homes[name] = self._make(name)
        return self.homes[name]

    def _make(self, name: str) -> Sandbox:
        if name == "3 tasks":
            return homes.quiet(0, waiting=3)
        if name == "nothing":
            return homes.quiet(0)
        if name == "open":
            return homes.quiet(OPEN)
        if name == "archive":
            return homes.quiet(0, self.home("open + archive"))
        if name == "open + archive":
            return homes.quiet(OPEN, ARCHIVED)
        return homes.quiet(MANY)

    def close(self) -> None:
        for box in self.homes.values():
            box.close()


def orch(box: Sandbox, *args: str, status: int = 0) -> timing.Way:
    return timing.process([ORCH, *args], box.env, status)


def click(box: Sandbox) -> timing.Way:
    """What every whole process is compared with: Python, and the library that commands are made with."""
    return timing.process([homes.python(), "-c", "import click"], box.env)


def rss(pid: int, field: str = "VmRSS") -> float:
    """Megabytes of memory that a process has. field: VmRSS now, VmHWM at most so far. raises OSError when it is gone"""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


LINUX = os.path.isdir("/proc/self")
