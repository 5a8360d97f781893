"""`orch at`: the board as it was at a past moment."""
from __future__ import annotations

import click

from orch.cmd import filters, out, paint, times
from orch.core import clock, view
from orch.flow import past
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="show the board of a past moment")
@click.argument("time", metavar="TIME")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="Only tasks of this project.")
@click.option("--json", is_flag=True, help="Print whole records as JSON Lines.")
@click.pass_obj
def command(world: World, time: str, project: tuple[str, ...], json: bool) -> None:
    """Rebuild the board of a past moment from the tasks' events, archived tasks included.

    TIME is an ISO time with a zone (2026-11-20T03:00:00Z) or how long ago: 90s, 5m, 2h, 1d.
    """
    moment = times.past(world.now(), time)
    tasks, torn = past.at(world, filters.slugs(world, project), clock.text(moment))
    for each in torn:
        out.say(f"{each}: its history cannot be read, so it is left out")
    if json:
        for task in tasks:
            out.json_line(task)
    elif tasks:
        terminal = Terminal(world.env)
        paint.lines(terminal, view.table(tasks, moment, terminal.width))
    else:
        out.say(f"no tasks at {clock.text(moment)}")
