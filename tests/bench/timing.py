"""Run things in turns and take their times."""
from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from tests.bench import stats

Way = Callable[[], float]  # does it once; returns the seconds that count
Samples = dict[str, list[float]]


def interleave(ways: Mapping[str, Way], rounds: int, warm: int = 1) -> Samples:
    """Run every way once in each round, in changing order; the first `warm` rounds fill caches and do not count."""
    names = list(ways)
    samples: Samples = {name: [] for name in names}
    for number, turn in enumerate(stats.turns(len(names), warm + rounds)):
        for at in turn:
            seconds = ways[names[at]]()
            if number >= warm:
                samples[names[at]].append(seconds)
    return samples


def process(argv: Sequence[str], env: Mapping[str, str], status: int = 0) -> Way:
    """The whole life of one process, which must end with that status. Its output goes nowhere."""

    def way() -> float:
        begin = time.perf_counter()
        code = run(argv, env)
        seconds = time.perf_counter() - begin
        if code != status:
            raise RuntimeError(f"{' '.join(argv)}: status {code}, wanted {status}")
        return seconds

    return way


def run(argv: Sequence[str], env: Mapping[str, str]) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(start(argv, env), 0)[1])


def start(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Start a process with nothing on its three streams, as cheaply as that can be done; returns its pid."""
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    return os.posix_spawnp(argv[0], list(argv), dict(env), file_actions=nothing)


def until(done: Callable[[], object], seconds: float = 60, pause: float = 0.0005) -> None:
    """Wait until done() is true."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(f"not within {seconds:g} s: {done!r}")
        time.sleep(pause)
