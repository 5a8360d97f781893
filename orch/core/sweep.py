"""Which checkouts may go: those of tasks that are done, by age, and the oldest of them when all checkouts together take too much room.

A checkout's directory has the name of its branch, which names its task. Beside it may lie what a crash or a repair left:

    <branch>.verify-<n>     a throw-away checkout in which checks ran
    .<branch>.<n>.gone      one that was being removed
    .<branch>.<x>.new       one that was being made
    <branch>.bad-<time>     one that could not be read and was moved aside; never removed by orch
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from orch.core import clock


class Found(NamedTuple):
    """One checkout on the disk."""

    place: str
    task: str
    size: int  # bytes
    since: str | None  # when it was last needed; None: its task is not done
    busy: bool  # an attempt is, or may be, alive in it


def task_of(name: str) -> str | None:
    """The task id in the name of a checkout's directory; None when there is none."""
    found = re.match(r"gh-task-([1-9][0-9]*)(?=[-.]|$)|task-(int-[1-9][0-9]*)(?=[-.]|$)", original(name))
    return (found[1] or found[2]) if found else None


def original(name: str) -> str:
    """The name that a directory had before it was moved to be removed, or is to have when it is finished."""
    found = re.fullmatch(r"\.(.+)\.(?:[0-9]+\.gone|[0-9-]+\.new)", name)
    return found[1] if found else name


def throw_away(name: str) -> int | None:
    """The number of the verify attempt that a directory was made for; None for a real checkout."""
    found = re.search(r"\.verify-([1-9][0-9]*)", name)
    return int(found[1]) if found else None


def aside(name: str) -> bool:
    """Whether a directory was moved aside because it could not be read."""
    return ".bad-" in name


def choose(found: Iterable[Found], now: datetime, days: float, most: int) -> list[tuple[Found, str]]:
    """What to remove, oldest first, and why. days, most (bytes of all checkouts together): 0 for no limit"""
    there = list(found)
    total = sum(each.size for each in there)
    may = sorted((each for each in there if each.since and not each.busy), key=lambda each: each.since or "")
    limit = clock.later(now, -days * 86400) if days else ""
    chosen = []
    for each in may:
        old = str(each.since) < limit
        if old or (most and total > most):
            chosen.append((each, f"not needed for more than {days:g} days" if old else f"all checkouts together take {total} bytes"))
            total -= each.size
    return chosen
