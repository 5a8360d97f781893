"""Whether there is something to do, told by looks that cost little and change nothing.

A tick asks here first and imports a step only when the answer is yes; so a tick in which nothing is due loads a third of the program and
writes nothing. `no` is always true. `yes` may be wrong, since the world changes meanwhile: each step looks again for itself.
"""
from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from orch.core import clock
from orch.core import task as life
from orch.errors import BadData, OrchError
from orch.flow import claim, standing
from orch.flow import config as configs
from orch.host import files
from orch.host.world import World
from orch.records import Task

Board = Mapping[tuple[str, str], Task]  # by project and id
SWEEP = 3600.0  # seconds; to measure every checkout is no work for each tick
MARGIN = 900  # seconds beyond all limits after which a shepherd is not believed any more
PREPARING = 4 * 3600  # the same before the agent runs, for a clone may take long


def lost(world: World) -> bool:
    """Whether a slot names an attempt that nobody holds and that has not ended."""
    return any(claim.state(folder) == "lost" for folder in claim.taken(world))


def promised(world: World) -> bool:
    """Whether tasks were promised by `task add --from` (flow/intake)."""
    return bool(files.names(world.home.intake()))


def dropped(world: World) -> bool:
    """Whether there are files in the inbox."""
    root = world.home.inbox()
    return any(name.endswith((".md", ".json")) for name in files.names(root)) or bool(files.names(os.path.join(root, "new")))


def unsettled(task: Task) -> bool:
    """Whether the task's last attempt has not been looked at since it ended; of a task that was stopped, too."""
    return bool(task.get("attempt")) and task.get("settled") != task["attempt"]


def ended(world: World, task: Task, ahead: Task | None = None) -> bool:
    """Whether a task in progress may go on: not while its attempt runs within its limits, before its time, or behind another.

    ahead   who is to be merged before it
    """
    if not unsettled(task):
        return come(world, task) and not (ahead and _told(task, ahead))
    folder = world.home.attempt(task["project"], task["id"], str(task["attempt"]))
    return claim.state(folder) != "running" or overdue(folder)


def _told(task: Task, ahead: Task) -> bool:
    """Whether the record says already whom the task waits for."""
    from orch.core import turn  # not in a tick in which nobody waits for another

    return task.get("why") == turn.why(ahead)


def able(world: World, task: Task) -> bool:
    """Whether a task in progress is at work or can go on, so that one that is to be merged after it has to wait."""
    if not unsettled(task):
        return come(world, task)
    return claim.state(world.home.attempt(task["project"], task["id"], str(task["attempt"]))) in ("running", "ended")


def merging(world: World, board: Board) -> dict[tuple[str, str], Task]:
    """Who is to be merged just before whom, of all that stand in a line for that."""
    lines: dict[str, list[Task]] = {}
    for task in board.values():
        if task.get("queued_at") and task["status"] == "in_progress":
            lines.setdefault(task["project"], []).append(task)
    if not lines:
        return {}
    from orch.core import turn

    ordered = (turn.line(each, lambda task: able(world, task)) for each in lines.values())
    return {(after["project"], after["id"]): before for line in ordered for before, after in pairwise(line)}


def overdue(folder: str) -> bool:
    """Whether a running attempt is far beyond all its limits, so that its shepherd cannot be at work.

    By the clock that its limits go by, too: when the machine slept or its clock was set, nobody is late.
    """
    proc = files.spare_json(os.path.join(folder, "proc.json"))
    begun = proc.get("monotonic")
    if not isinstance(begun, (int, float)):
        return False
    age = time.monotonic() - begun
    margin = MARGIN if proc.get("agent") else PREPARING
    if age < margin:
        return False
    spec = files.spare_json(os.path.join(folder, "spec.json"))
    limits: dict[str, Any] = spec.get("limits") or {}
    steps = max(1, 2 * len(spec.get("commands") or ()))  # each verify command may run on the result and on its base
    return bool(limits.get("wall")) and age >= limits["wall"] * steps + 2 * (limits.get("setup") or 0) + margin


def come(world: World, task: Task) -> bool:
    """Whether the time before which nothing is to happen has passed."""
    return not task.get("not_before") or not life.waits_until(task, world.now_text())


def freed(world: World, task: Task, board: Board, children: Iterable[Task]) -> bool:
    """Whether nothing that the board or the archive knows holds a blocked task back, or something always will, or less than before."""
    if not come(world, task):
        return False
    held = standing.of(world, task, children, board)
    return bool(held.broken) or not held.waits or task.get("why") != held.why()


def startable(world: World, board: Board) -> list[Task]:
    """The routed tasks whose time has come; none when no slot is free."""
    waiting = [task for task in board.values() if task["status"] == "routed" and come(world, task)]
    return waiting if waiting and claim.free(world, configs.shared(world)["engine"]["max_parallel"]) else []


def acts(world: World, slug: str) -> bool:
    """Whether anything waits in the outbox."""
    return any(name.endswith(".json") for name in files.names(world.home.outbox(slug)))


def old(world: World, board: Board) -> tuple[list[Task], list[OrchError]]:
    """The tasks that have been done for so long that they go to the archive, not while an attempt is still being ended; and those of
    which it cannot be told."""
    found: list[Task] = []
    errors: list[OrchError] = []
    done = [task for task in board.values() if task["status"] == "done" and task.get("done_at") and not unsettled(task)]
    if not done:
        return found, errors
    before = clock.later(world.now(), -configs.shared(world)["engine"]["archive_after"])
    for task in done:
        try:
            if clock.text(clock.parse(str(task["done_at"]))) <= before:
                found.append(task)
        except BadData as error:
            errors.append(BadData(f"{task['project']}#{task['id']}: done_at: {error.message}", "correct it in its task.json"))
    return found, errors


def untidy(world: World, slugs: Iterable[str]) -> bool:
    """Whether there are checkouts of a project that nobody has looked through for old ones in the last hour (flow/sweep)."""
    for slug in slugs:
        if os.path.isdir(os.path.join(world.home.worktrees, slug)):
            before = files.stamp(world.home.swept(slug))
            if before is None or not 0 <= world.now().timestamp() - before[0] / 1e9 < SWEEP:
                return True
    return False
