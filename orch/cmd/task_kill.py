"""`orch task kill`: end what a task is doing, and leave the rest to a person."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import many
from orch.flow import cancel
from orch.host.world import World


@click.command(short_help="end the attempts of tasks, which a person will look at")
@click.argument("tasks", nargs=-1, required=True, metavar="TASK...")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="The project that the ids belong to.")
@click.option("--json", is_flag=True, help="Print the records as JSON Lines.")
@click.pass_obj
def command(world: World, /, tasks: tuple[str, ...], project: tuple[str, ...], json: bool) -> int:
    """End the running attempt of each TASK and make it needs_review: nothing starts it again before `orch task retry`.

    TASK is an id, or - to read ids or JSON Lines from standard input.
    """
    none: dict[str, Any] = {"status": (), "label": (), "source": (), "agent": (), "priority": (), "all": False}
    return many.apply(world, tasks, {**none, "project": project, "json": json}, (), cancel.kill)
