"""`orch task cancel`: tasks that are not wanted any more."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import filters, many
from orch.flow import cancel
from orch.host.world import World
from orch.records import OPEN


@click.command(short_help="cancel tasks, and end their attempts")
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option("--all", is_flag=True, help="All tasks that are not done.")
@filters.options
@click.option("--json", is_flag=True, help="Print the records as JSON Lines.")
@click.pass_obj
def command(world: World, /, tasks: tuple[str, ...], **given: Any) -> int:
    """Make each TASK done (cancelled). A running attempt is ended; its commits are kept.

    TASK is an id, or - to read ids or JSON Lines from standard input. Tasks may also be chosen by filters. `orch task retry`
    starts a cancelled task again.
    """
    return many.apply(world, tasks, given, OPEN, cancel.cancel)
