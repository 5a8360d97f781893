"""`orch route`: choose an agent for tasks that are new, record the choice and print the records."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import each, out
from orch.core import deps
from orch.flow import config as configs
from orch.flow import route
from orch.host.world import World
from orch.records import Task
from orch.stores import local


@click.command(short_help="choose an agent for tasks")
@click.argument("tasks", nargs=-1, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--dry-run", "-n", is_flag=True, help="Print the decision and why, and record nothing.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None, dry_run: bool) -> int:
    """Choose an agent, a model and a complexity for each TASK that is new, record the choice and print the record.

    TASK is an id, or - to read ids or JSON Lines from standard input. A task that waits for another becomes blocked;
    one that is not new is printed as it is.
    """
    families: dict[str, dict[str, list[Task]]] = {}

    def step(slug: str, task: Task) -> Task | None:
        if dry_run:
            out.json_line(_decision(world, slug, task))
            return None
        if slug not in families:
            families[slug] = deps.children(local.list_open(world, slug)[0])
        return route.apply(world, slug, task["id"], families[slug].get(task["id"], ()))

    return each.run(world, "orch route", tasks, project, step)


def _decision(world: World, slug: str, task: Task) -> dict[str, Any]:
    chosen = route.decision(world, task, configs.load(world, slug), peek=True)
    return {"task": task["id"], "project": slug, **chosen._asdict()}
