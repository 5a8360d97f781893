"""Retention: checkouts of tasks that are done go into the trash, by days and by bytes; what crashes left goes as well.

The disk is listed first and the records are asked about what is there. An attempt that lives, or may live, keeps its checkout; so does
anything that names no task, or one whose record cannot be read. A removal holds the project's lock at the moment of its rename, with
the record read again, so that a retry either finds the checkout or finds it gone.
"""
from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from orch.core import clock
from orch.core import sweep as rules
from orch.errors import NotFound, OrchError
from orch.flow import claim, log, repair, trash, upkeep
from orch.host import files, lock
from orch.host.world import World
from orch.records import Task
from orch.stores import local

WITHIN = 2.0  # seconds that a tick gives to removals


class Removed(NamedTuple):
    task: str
    place: str
    ref: str | None  # where it is now; None for a throw-away checkout
    why: str


def now_and_then(world: World, slugs: Iterable[str], within: float = WITHIN) -> list[OrchError]:
    """What a tick calls when flow/due finds that it is time; returns what could not be removed.

    What takes longer is left to the next tick: on a busy disk a removal takes seconds, and `orch serve` waits for it.
    """
    from orch.flow import config as configs

    used = [slug for slug in slugs if os.path.isdir(os.path.join(world.home.worktrees, slug))]
    for slug in used:
        _stamp(world, slug, world.now().timestamp())
    removed, errors, left = sweep(world, used, configs.shared(world)["engine"], within)
    for slug in left if removed else ():  # when nothing can be removed, an hour of peace is better
        _stamp(world, slug, 0)
    return errors


def _stamp(world: World, slug: str, moment: float) -> None:
    path = world.home.swept(slug)
    files.replace(path, b"", durable=False)
    os.utime(path, (moment, moment))


class Swept(NamedTuple):
    removed: list[Removed]
    errors: list[OrchError]  # what could not be removed
    left: set[str]  # projects of which more may go, for which there was no time


def sweep(world: World, slugs: Iterable[str], engine: Mapping[str, Any], within: float = math.inf) -> Swept:
    """Remove what may go, of all projects together, since they share the disk.

    within  seconds after which no other removal of a checkout begins; one is done in any case
    """
    end = time.monotonic() + within
    removed: list[Removed] = []
    errors: list[OrchError] = []
    left: set[str] = set()
    whose: dict[rules.Found, str] = {}
    one = False
    for slug in slugs:
        errors += upkeep.tidy(world, slug)
        upkeep.unfinished(world.home.tasks(slug))
        upkeep.unfinished(world.home.outbox(slug))
        try:
            whose.update((each, slug) for each in _found(world, slug, removed))
        except OrchError as error:
            errors.append(error)
    for each, why in rules.choose(whose, world.now(), engine["retention_days"], engine["retention_bytes"]):
        slug = whose[each]
        if one and time.monotonic() >= end:
            left.add(slug)
            continue
        try:
            ref = trash.remove(world, slug, each.task, each.place, lambda slug=slug, task=each.task: _guard(world, slug, task))  # type: ignore[misc]
            removed.append(Removed(each.task, each.place, ref, why))
            text = f"its checkout is removed ({why}); `orch undo {each.task}` brings it back"
            log.note(world, "swept", text, project=slug, task=each.task)
            one = True
        except OrchError as error:
            errors.append(error)
    return Swept(removed, errors, left)


def _found(world: World, slug: str, removed: list[Removed]) -> Iterator[rules.Found]:
    """Every checkout of the project that a task is known for; throw-away ones that nobody uses are removed on the way."""
    root = os.path.join(world.home.worktrees, slug)
    for name in sorted(files.names(root, hidden=True)):
        place, task = os.path.join(root, name), rules.task_of(name)
        if task is None or not os.path.isdir(place) or os.path.islink(place):
            continue
        try:
            record = local.get(world, slug, task)
        except OrchError:
            continue
        busy = _busy(world, slug, task)
        if rules.throw_away(name) is not None or name.endswith(".new"):
            if not busy:
                repair.remove(place)
                removed.append(Removed(task, place, None, "left by checks that were killed"))
            continue
        yield rules.Found(place, task, size(place), None if rules.aside(name) else _since(record, place), busy)


def _since(task: Task, place: str) -> str | None:
    """Since when nobody needs a checkout: the end of its task, or a later change of the directory by a person who looks at it."""
    if task["status"] != "done":
        return None
    touched = datetime.fromtimestamp(os.stat(place).st_mtime, tz=UTC)
    return max(str(task.get("done_at") or task.get("updated_at")), clock.text(touched))


def _busy(world: World, slug: str, task: str) -> bool:
    """Whether an attempt of the task lives, or may live."""
    try:
        folder = os.path.join(local.where(world, slug, task), "attempts")
    except NotFound:
        return True
    return any(claim.state(os.path.join(folder, name)) in ("running", "unknown") for name in files.names(folder))


@contextmanager
def _guard(world: World, slug: str, task: str) -> Iterator[str | None]:
    with lock.hold(world.home.lock(slug)):
        record = local.get(world, slug, task)
        if record["status"] != "done":
            yield f"the task is {record['status']} again"
        else:
            yield "an attempt lives" if _busy(world, slug, task) else None


def size(path: str) -> int:
    """Bytes that a tree takes on the disk, as du counts them; what vanishes meanwhile counts nothing."""
    total, stack = 0, [path]
    while stack:
        try:
            with os.scandir(stack.pop()) as found:
                for each in found:
                    if each.is_dir(follow_symlinks=False):
                        stack.append(each.path)
                    total += each.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total
