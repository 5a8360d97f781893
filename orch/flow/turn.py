"""Whether it is a task's turn to be merged: only one of a project is being checked for that, or pushed, at a time.

What cannot be told under one lock may go wrong in one way: two tasks that look in the same instant both begin. Then one is checked once
more, for the push is a compare-and-swap.
"""
from __future__ import annotations

from typing import Any

from orch.core import turn
from orch.core.task import Change
from orch.flow import due, run
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def queues(task: Task, config: dict[str, Any]) -> bool:
    """Whether a task has to wait for its turn; a merge that is not checked costs next to nothing."""
    return run.finish(task, config) == "merge" and bool(run.commands(task, config))


def since(world: World, task: Task) -> str:
    return task.get("queued_at") or world.now_text()


def ahead(world: World, task: Task) -> Task | None:
    """The one just before a task in its line; None when it is its turn."""
    found, _ = local.list_open(world, task["project"])
    mine: Task = {**task, "queued_at": since(world, task)}
    line = turn.line([mine, *(each for each in found if each["id"] != task["id"])], lambda each: each is mine or due.able(world, each))
    place = line.index(mine) if mine in line else 0
    return line[place - 1] if place else None


def first(world: World, slug: str) -> Task | None:
    """Whose turn it is."""
    return next(iter(turn.line(local.list_open(world, slug)[0], lambda each: due.able(world, each))), None)


def wait(world: World, task: Task, other: Task) -> Task:
    """Stand in the line behind another; a merge that was made for the tip as it is now is made anew then. The same record if it does."""
    fields: dict[str, Any] = {"queued_at": since(world, task), "why": turn.why(other)}
    if task.get("onto"):
        fields.update(candidate=task.get("head"), onto=None, verified=None)
    elif task.get("queued_at") and task.get("why") == fields["why"]:
        return task

    def decide(fresh: Task) -> Change | None:
        return Change(fields, "queued", fields["why"]) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)
