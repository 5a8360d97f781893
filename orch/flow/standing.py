"""How a task stands with those it waits for: reads the records that core.deps judges."""
from __future__ import annotations

from collections.abc import Iterable

from orch.core import deps
from orch.errors import NotFound
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def of(world: World, task: Task, children: Iterable[Task] = ()) -> deps.Standing:
    """children: the open tasks whose parent this one is. An id is looked for in the task's own project first, then in all."""

    def find(id: str) -> Task | None:
        try:
            return local.get(world, task["project"], id)
        except NotFound:
            pass
        try:
            return tasks.find(world, id)[1]
        except NotFound:
            return None

    return deps.standing(task, find, children)
