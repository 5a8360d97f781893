"""`orch task retry`: a fresh start for tasks that rest."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import filters, many
from orch.flow import retry
from orch.host.world import World


@click.command(short_help="start tasks afresh")
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option("--all", is_flag=True, help="All tasks that are blocked or need a person.")
@filters.options
@click.option("--json", is_flag=True, help="Print the records as JSON Lines.")
@click.pass_obj
def command(world: World, /, tasks: tuple[str, ...], **given: Any) -> int:
    """Make each TASK new again: it is routed anew, its attempts and failures are forgotten, its branch and commits are kept.

    TASK is an id, or - to read ids or JSON Lines from standard input. Tasks may also be chosen by filters, which mean blocked
    tasks and those that need a person unless --status says otherwise. A task whose attempt runs is refused (77).
    """
    return many.apply(world, tasks, given, ("blocked", "needs_review"), retry.retry)
