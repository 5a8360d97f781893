"""`orch task unblock`: a fresh start for tasks that wait or need a person."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import filters, many, out
from orch.flow import retry, standing
from orch.host.world import World
from orch.records import Task


@click.command(short_help="start tasks afresh that are blocked or need a person")
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option("--all", is_flag=True, help="All tasks that are blocked or need a person.")
@filters.options
@click.option("--json", is_flag=True, help="Print the records as JSON Lines.")
@click.pass_obj
def command(world: World, /, tasks: tuple[str, ...], **given: Any) -> int:
    """Make each TASK new again that is blocked or needs a person; as `task retry`, but other tasks are refused (77).

    A task that still depends on an open one will be blocked again; that is said, with what to do about it.
    """

    def step(world: World, slug: str, id: str) -> Task:
        task = retry.unblock(world, slug, id)
        waits = standing.of(world, task).why()
        if waits:
            out.say(f"{id} {waits} and will be blocked again; `orch task set {id} depends_on=` makes it wait for nothing")
        return task

    return many.apply(world, tasks, given, ("blocked", "needs_review"), step)
