"""How a task stands with those it waits for: reads the records that core.deps judges."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from orch.core import deps
from orch.errors import NotFound
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def of(
    world: World, task: Task, children: Iterable[Task] = (), board: Mapping[tuple[str, str], Task] | None = None
) -> deps.Standing:
    """An id is looked for in the task's own project first, then in all.

    children  the open tasks whose parent this one is
    board     records that have been read already, by project and id
    """

    def find(id: str) -> Task | None:
        here = (board or {}).get((task["project"], id)) or local.find(world, task["project"], id)
        try:
            return here or tasks.find(world, id)[1]
        except NotFound:
            return None

    return deps.standing(task, find, children)
