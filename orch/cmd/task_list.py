"""`orch task list`: the board, for people or as JSON Lines."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import filters, out, paint
from orch.core import select, view
from orch.errors import Usage
from orch.flow import tasks
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="list tasks")
@filters.options
@click.option("--all", "archived", is_flag=True, help="Archived tasks too.")
@click.option("--sort", default="id", metavar="KEY", help=f"By {', '.join(select.KEYS)}.")
@click.option("--json", is_flag=True, help="Print whole records as JSON Lines.")
@click.pass_obj
def command(world: World, /, archived: bool, sort: str, json: bool, **given: Any) -> int:
    """List tasks: those that are open, and those that are done but not archived yet.

    A record that cannot be read is told on stderr, and the others are listed all the same. No task is no error.
    """
    if sort not in select.KEYS:
        raise Usage(f"cannot sort by {sort!r}", f"there are {', '.join(select.KEYS)}")
    wanted = filters.wanted(given)
    found, errors = tasks.open_tasks(world, filters.slugs(world, given["project"]), archived)
    for error in errors:
        out.say(f"{error.message} ({error.hint})")
    chosen = found if wanted.anything() else [task for task in found if select.match(task, wanted)]
    if sort != "id" or len({task["project"] for task in chosen}) > 1:
        chosen = select.order(chosen, sort)
    if json:
        for task in chosen:
            out.json_line(task)
    elif chosen:
        terminal = Terminal(world.env)
        paint.lines(terminal, view.table(chosen, world.now(), terminal.width))
    else:
        out.say("no task matches" if found else "no tasks")
    return errors[0].code if errors else 0
