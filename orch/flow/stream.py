"""The output of a task's attempts as it is written: what `orch stream` shows. Only files are read, so any number of viewers may follow.

Without a number it begins with the last work attempt and goes on with those that follow from it (its verification, a rework) for as long
as the task is in progress; a task that has had no attempt yet is waited for. With a number it is that attempt alone.

Nothing here waits: when nothing has come, `Wait` is given, and whoever asks decides how long to be patient.
"""
from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from orch.core import clock, names
from orch.errors import NotFound
from orch.flow import attempts, claim
from orch.host.follow import Follower
from orch.host.world import World
from orch.records import Task
from orch.stores import local

OUT, ERR = "stdout", "stderr"
FILES = (("setup", ERR), ("setup-base", ERR), ("stdout", OUT), ("stderr", ERR))  # what set-up commands print is no result


class Wanted(NamedTuple):
    attempt: int | None = None
    streams: tuple[str, ...] = (OUT, ERR)
    since: str | None = None  # time text: output that was last written before is left out, as far as the files tell
    follow: bool = True


class Begin(NamedTuple):
    """An attempt's output follows; run is what flow/attempts knows of it."""

    run: dict[str, Any]


class Output(NamedTuple):
    attempt: str
    stream: str  # stdout or stderr
    data: bytes


class End(NamedTuple):
    """All of an attempt's output has been given. run["state"] is `running` when it goes on and nobody wanted to follow."""

    run: dict[str, Any]


class Wait(NamedTuple):
    """Nothing has come. attempt: the one that runs; None: the next one has not begun."""

    task: Task
    attempt: str | None


class Rest(NamedTuple):
    """Nothing will come, until somebody or something starts the task again."""

    task: Task


Event = Begin | Output | End | Wait | Rest


def stream(world: World, slug: str, id: str, wanted: Wanted = Wanted()) -> Iterator[Event]:  # noqa: B008 - it cannot be changed
    """raises NotFound when there is no such attempt, and when there is none and will be none"""
    task = local.get(world, slug, id)
    known = attempts.folders(world, task)
    number, shown = _first(task, known, wanted), False
    while True:
        for n, folder in known.items():
            if n >= number and wanted.attempt in (None, n):
                yield from _attempt(world, task, folder, wanted)
                number, shown = n + 1, True
        task, before = local.get(world, slug, id), known
        known = attempts.folders(world, task)
        if known.keys() != before.keys():
            continue
        if not wanted.follow or (shown and wanted.attempt is not None) or not _goes_on(task, shown):
            yield Rest(task)
            return
        yield Wait(task, None)


def _first(task: Task, known: dict[int, str], wanted: Wanted) -> int:
    """The number of the attempt to begin with."""
    name, last = f"{task['project']}#{task['id']}", max(known, default=0)
    wait = wanted.follow and _goes_on(task, False)
    if wanted.attempt is not None:
        if wanted.attempt not in known and not (wait and wanted.attempt == last + 1):
            there = f"there are {', '.join(map(os.path.basename, known.values()))}" if known else "it has had none"
            raise NotFound(f"{name} has no attempt {wanted.attempt}", there)
        return wanted.attempt
    if not known and not wait:
        raise NotFound(f"{name} is {task['status']} and has had no attempt", f"`orch why {task['id']}` says what comes next")
    if wanted.since:
        return min((n for n, folder in known.items() if not (attempts.ended(folder) or wanted.since) < wanted.since), default=last + 1)
    if wait and task["status"] != "in_progress" and not task.get("attempts"):
        # A fresh start: those before belong to an earlier one. By the record, for one that has just begun is in the listing before it.
        before = task.get("attempt")
        return 1 + (names.number(before) if before else 0)
    return max((n for n, folder in known.items() if folder.endswith("-work")), default=last)


def _goes_on(task: Task, shown: bool) -> bool:
    """Whether the next attempt is waited for; once one has been shown, only as long as the task is still at the same work."""
    return task["status"] == "in_progress" or (not shown and task["status"] in ("new", "routed", "blocked"))


def _attempt(world: World, task: Task, folder: str, wanted: Wanted) -> Iterator[Event]:
    """One attempt, until it has ended and all of its output is read."""
    name = os.path.basename(folder)
    since = clock.parse(wanted.since).timestamp() if wanted.since else 0.0
    followers = [(which, Follower(folder, file, since)) for file, which in FILES if which in wanted.streams]
    yield Begin(attempts.run(world, folder, name))
    try:
        ended = False
        while True:
            came = False
            for which, follower in followers:
                for data in follower.read():
                    came = True
                    yield Output(name, which, data)
            if came:
                continue
            if ended:
                break
            ended = not wanted.follow or claim.state(folder) in ("ended", "lost")  # then look once more: it wrote before it ended
            if not ended:
                yield Wait(task, name)
    finally:
        for _, follower in followers:
            follower.close()
    yield End(attempts.run(world, folder, name))
