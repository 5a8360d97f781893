"""Beside plain job queues: nq and task-spooler start a command and know nothing of git. No targets; what orch's care costs in time."""
from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tests.bench import homes, life, timing
from tests.bench.bench import Bench, orch
from tests.bench.stats import Found, Row, middle, scaled
from tests.sandbox import Sandbox

GROUP = "beside job queues"
_serial = itertools.count(1)


class Queue(NamedTuple):
    name: str
    program: str | None  # full path, when it is installed
    env: Callable[[Sandbox], Mapping[str, str]]


QUEUES = (
    Queue("nq", shutil.which("nq"), lambda box: {"NQDIR": os.path.join(box.root, "nq")}),
    Queue("task-spooler (tsp)", shutil.which("tsp"), lambda box: {"TS_SOCKET": os.path.join(box.root, "tsp")}),
)


def rows(bench: Bench) -> Iterator[Row]:
    box = homes.make(life.tree(20))
    try:
        ways: dict[str, timing.Way] = {}
        begin: dict[str, timing.Way] = {}
        for queue in QUEUES:
            if queue.program:
                env = {**box.env, **queue.env(box)}
                ways[queue.name] = timing.process([queue.program, "true"], env)
                begin[queue.name] = _begun(box, queue.program, env)
        with life.served(box):
            begun = timing.interleave({**begin, "orch": life.begun(box)}, bench.rounds(20))
        added = timing.interleave({**ways, "orch": orch(box, "task", "add", "one")}, bench.rounds(20))
        for name in (*(queue.name for queue in QUEUES), "orch"):
            what = "task add" if name == "orch" else "a job handed in"
            yield Row(GROUP, f"{name}: {what}", "ms", _found(added, name), note="" if name in added else "not installed")
            more = ", in a clone of its own" if name == "orch" else ""
            yield Row(GROUP, f"{name}: until it runs{more}", "ms", _found(begun, name), note="" if name in begun else "not installed")
    finally:
        box.close()


def _found(samples: timing.Samples, name: str) -> Found | None:
    return scaled(middle(samples[name]), 1000) if name in samples else None


def _begun(box: Sandbox, program: str, env: Mapping[str, str]) -> timing.Way:
    def way() -> float:
        flag = os.path.join(box.root, f"job-{next(_serial)}")
        begin = time.perf_counter()
        timing.process([program, "sh", "-c", f": > {flag}"], env)()
        timing.until(lambda: os.path.exists(flag))
        return time.perf_counter() - begin

    return way
