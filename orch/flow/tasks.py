"""Find tasks by what people type, over all projects."""
from __future__ import annotations

import os
from collections.abc import Iterable

from orch.core import names
from orch.errors import NotFound, OrchError, Usage
from orch.flow import project as projects
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def find(world: World, text: str, project: str | None = None) -> tuple[str, Task]:
    """The task that `int-5`, `42` or `owner/repo#int-5` names, open or archived. project, as people write it, narrows the search.

    raises NotFound; Usage when several projects have that number; BadData for text that is no id
    """
    slug, id = names.parse_ref(text)
    slug = slug or (projects.here(world, project) if project else None)
    if slug:
        return slug, local.get(world, slug, id)
    found = [each for each in projects.slugs(world) if has(world, each, id)]
    if not found:
        raise NotFound(f"no task {id} in any project", "`orch task list --all` shows them")
    if len(found) > 1:
        ways = ", ".join(f"{each}#{id}" for each in found)
        raise Usage(f"{id} is a task of several projects", f"say which one: {ways}")
    return found[0], local.get(world, found[0], id)


def has(world: World, slug: str, id: str) -> bool:
    return os.path.isdir(world.home.task(slug, id)) or local.is_archived(world, slug, id)


def open_tasks(world: World, slugs: Iterable[str], archived: bool = False) -> tuple[list[Task], list[OrchError]]:
    """All tasks of these projects that are not archived, in the order given and then of their numbers; and what could not be read.

    archived=True: those that are archived too, in one order with the others
    """
    tasks: list[Task] = []
    errors: list[OrchError] = []
    for slug in slugs:
        some, wrong = local.list_open(world, slug, archived)
        tasks += some
        errors += wrong
    return tasks, errors
