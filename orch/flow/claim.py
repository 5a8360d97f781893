"""Slots, and whether an attempt lives. At most engine.max_parallel attempts run at once, in all projects together.

An attempt directory is alive while a process holds one of two kernel locks in it: `starter`, taken by `run` before the directory
becomes visible and handed to the shepherd, and `lock`, held by the shepherd itself. So there is no moment between the claim and the
shepherd's first instruction in which a running attempt looks dead, or a dead one running.

A slot is a small file that names the attempt which has it. It is taken while that attempt has no exit.json, and is free by itself
afterwards: nobody has to give it back, so nobody can forget to. ORCH_SLOT is its number.
"""
from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from orch.core import names
from orch.errors import BadData
from orch.host import files, lock
from orch.host.world import World


def state(folder: str) -> str:
    """`running`, `ended`, `lost` (nobody holds it and there is no exit record) or `unknown`."""
    exit_file = os.path.join(folder, "exit.json")
    held = [lock.probe(os.path.join(folder, "lock"))]
    if "held" not in held and os.path.exists(exit_file):
        return "ended"
    held.append(lock.probe(os.path.join(folder, "starter")))
    if "held" in held:
        return "running"
    if "unknown" in held:
        return "unknown"
    return "ended" if os.path.exists(exit_file) else "lost"  # it may have ended while we looked


def reserve(world: World, capacity: int, temporary: str, folder: str) -> int | None:
    """Take a free slot for the attempt that is being made in `temporary` and will be renamed to `folder`; None when all are taken."""
    with lock.hold(os.path.join(world.home.slots(), "lock")):
        busy = _busy_ones(world)
        if len(busy) >= capacity:
            return None
        number = next(number for number in range(capacity) if number not in busy)
        value = {"v": 1, "folder": folder, "making": temporary, "inode": _inode(temporary), "at": world.now_text()}
        files.replace_json(os.path.join(world.home.slots(), f"{number}.json"), value, durable=False)
        return number


def free(world: World, capacity: int) -> int:
    """How many slots are free just now."""
    return max(0, capacity - len(_busy_ones(world)))


def taken(world: World) -> Iterator[str]:
    """The attempt directories that slots name and that have no exit record yet."""
    for name in sorted(files.names(world.home.slots())):
        if name.endswith(".json"):
            slot = files.spare_json(os.path.join(world.home.slots(), name))
            if _has(slot) and state(slot["folder"]) != "ended":
                yield slot["folder"]


def _busy_ones(world: World) -> set[int]:
    """The slots that attempts have, those beyond the capacity as well: it may have been greater when they began."""
    found = (name.removesuffix(".json") for name in files.names(world.home.slots()) if name.endswith(".json"))
    return {int(each) for each in found if each.isdigit() and _busy(os.path.join(world.home.slots(), each + ".json"))}


def _busy(path: str) -> bool:
    slot = files.spare_json(path)
    if not slot.get("folder") or not slot.get("making"):
        return False
    # the maker first: he lets go of his name only when the attempt has its own, so in this order one of the two is seen
    if lock.probe(os.path.join(slot["making"], "starter")) != "free":
        return True
    return _has(slot) and state(slot["folder"]) != "ended"


def _has(slot: files.Json) -> bool:
    """Whether the attempt that a slot names is the one that it was taken for: of several that race for a name, one gets it."""
    there = _inode(str(slot.get("folder") or ""))
    return there is not None and there == (slot.get("inode") or there)


def _inode(path: str) -> int | None:
    """What stays the same when a directory gets another name; None when it is not there."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def latest(world: World, slug: str, task: str) -> tuple[int, str]:
    """The highest attempt number that was ever given for a task, and that attempt's directory; (0, "") when there is none."""
    root, found = world.home.attempts(slug, task), (0, "")
    for name in files.names(root):
        with contextlib.suppress(BadData):  # somebody else's file
            found = max(found, (names.number(name), os.path.join(root, name)))
    return found
