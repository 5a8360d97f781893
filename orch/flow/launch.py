"""Claim an attempt and start its shepherd: the one way in which any attempt begins, whatever its kind.

The attempt directory is made complete under a hidden name, with `starter` locked by this process. Under the project's lock, if the
record has not changed since it was read, the directory gets its name (the claim) and the record its new fields. A crash before that
leaves a hidden directory that nobody runs; a crash after it leaves a claimed attempt that nobody holds, which the next tick finds lost.
"""
from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

from orch import executors
from orch.core import names
from orch.core.task import Change
from orch.errors import NotFound, OrchError, TryLater
from orch.flow import claim
from orch.host import files, lock
from orch.host.world import World
from orch.records import Exit, Spec, Task
from orch.stores import local

FULL = "no free slot"  # why an attempt was not started that will start when another ends
PROBED = 5.0  # seconds for somebody who only looks whether the lock is held
PATIENCE = 30.0  # seconds for a shepherd that another program starts (tmux) to take its lock


class Place(NamedTuple):
    """Where an attempt will live, known before it does."""

    name: str
    number: int
    folder: str
    temporary: str
    token: str
    slot: int


class Started(NamedTuple):
    task: Task
    folder: str | None  # None: it was not started
    why: str  # why not
    starter: int | None = None  # descriptor to keep until the shepherd has its own lock
    code: int = 0  # what the failure that kept it from starting means as an exit status


def launch(
    world: World, task: Task, kind: str, config: dict[str, Any], prepare: Callable[[Place], tuple[Spec, dict[str, bytes]]],
    fields: Callable[[Place], dict[str, Any]],
) -> Started:
    """Claim and start an attempt of `kind` for a task, as its record is in `task`.

    prepare  makes the spec and the other files of the directory (name -> content)
    fields   what the claim changes in the record
    raises what prepare raises; nothing is left behind then
    """
    slug, id = task["project"], task["id"]
    number, last = claim.latest(world, slug, id)
    if last and claim.state(last) != "ended" and not _bury(world, last):
        return Started(task, None, f"its attempt {os.path.basename(last)} has not ended yet")
    number += 1
    token = os.urandom(8).hex()
    name = names.attempt(number, kind)
    folder, temporary = world.home.attempt(slug, id, name), os.path.join(world.home.attempts(slug, id), f".new-{token}")
    sweep(world.home.attempts(slug, id))
    held = begin(temporary)
    starter: int | None = held
    try:
        slot = claim.reserve(world, config["engine"]["max_parallel"], temporary, folder)
        if slot is None:
            return Started(task, None, FULL)
        place = Place(name, number, folder, temporary, token, slot)
        spec, extra = prepare(place)
        for file, content in extra.items():
            files.replace(os.path.join(temporary, file), content, mode=0o700 if file == "script" else 0o600, durable=False)
        # Nothing here has to outlive a power cut: that ends the attempt as well, and its record is durable.
        files.replace_json(os.path.join(temporary, "spec.json"), cast(dict[str, Any], spec), durable=False)
        record = local.change(world, slug, id, lambda fresh: _claim(fresh, task, place, fields(place)))
        if record.get("attempt") != name:
            return Started(record, None, "it changed meanwhile")
        if _execute(world, place, spec, held):
            starter = None
            return Started(record, folder, "", held)
        return Started(record, folder, "")
    finally:
        if starter is not None:
            os.close(starter)
        if os.path.isdir(temporary):  # gone already when the claim was made
            import shutil

            shutil.rmtree(temporary, ignore_errors=True)


def _bury(world: World, last: str) -> bool:
    """End what is left of an attempt that was lost, for two agents must not work in one checkout; False while it lives."""
    from orch.flow import recover

    return claim.state(last) == "lost" and recover.lost(world, last)


def begin(temporary: str) -> int:
    """Make the directory of an attempt to be, and lock its `starter`. A sweep may see it before it is locked, and remove it: once more."""
    path = os.path.join(temporary, "starter")
    while True:
        try:
            held = lock.take(path, inherit=True, patience=PROBED)
        except NotFound:
            continue
        if held is None:
            raise TryLater(f"{path}: held by another process", "see who has it: fuser " + path)
        if os.path.exists(path):
            return held
        os.close(held)


def sweep(attempts: str) -> None:
    """Remove what a crash left of attempts that were never claimed; one that somebody makes just now is locked."""
    for left in files.names(attempts, hidden=True):
        folder = os.path.join(attempts, left)
        path = os.path.join(folder, "starter")
        if not left.startswith(".new-"):
            continue
        if not os.path.exists(path):
            with contextlib.suppress(OSError):
                os.rmdir(folder)  # only when it is empty; whoever is about to use it makes it again
            continue
        held = lock.take(path)
        if held is not None:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _claim(fresh: Task, seen: Task, place: Place, fields: dict[str, Any]) -> Change | None:
    if fresh["seq"] != seen["seq"]:
        return None
    os.rename(place.temporary, place.folder)
    return Change({"attempt": place.name, **fields}, "attempt", f"attempt {place.name} in slot {place.slot}")


def _execute(world: World, place: Place, spec: Spec, starter: int) -> bool:
    """Start the shepherd; True when the caller must keep `starter` until the shepherd lives."""
    try:
        return executors.start(world, place.folder, spec, starter)
    except OrchError as error:
        text = f"the shepherd could not be started: {error.message}"
        record: Exit = {"v": 1, "reason": "spawn_failed", "code": None, "signal": None, "text": text, "kind": "crashed",
                        "started_at": world.now_text(), "ended_at": world.now_text()}
        files.replace_json(os.path.join(place.folder, "exit.json"), cast(dict[str, Any], record))
        return False


def wait(started: Iterable[Started]) -> None:
    """Wait until the shepherds that were started through another program hold their locks, and let go of ours."""
    end = time.monotonic() + PATIENCE
    for each in started:
        if each.starter is None or each.folder is None:
            continue
        path = os.path.join(each.folder, "lock")
        while time.monotonic() < end and lock.probe(path) != "held" and not os.path.exists(os.path.join(each.folder, "exit.json")):
            time.sleep(0.005)
        os.close(each.starter)
