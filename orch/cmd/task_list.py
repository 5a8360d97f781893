"""`orch task list`: the board, for people or as JSON Lines."""
from __future__ import annotations

import gc
from typing import Any

import click

from orch.cmd import filters, out, paint
from orch.core import select, view
from orch.core.select import Wanted
from orch.errors import Usage
from orch.flow import tasks
from orch.host.tty import Terminal
from orch.host.world import World
from orch.records import Task


@click.command(short_help="list tasks")
@filters.options
@click.option("--all", "archived", is_flag=True, help="Archived tasks too.")
@click.option("--sort", default="id", metavar="KEY", help=f"By {', '.join(select.KEYS)}.")
@click.option("--watch", "-w", is_flag=True, help="Go on showing them until interrupted; with --json, print each record that changes.")
@click.option("--json", is_flag=True, help="Print whole records as JSON Lines.")
@click.pass_obj
def command(world: World, /, archived: bool, sort: str, watch: bool, json: bool, **given: Any) -> int:
    """List tasks: those that are open, and those that are done but not archived yet.

    A record that cannot be read is told on stderr, and the others are listed all the same. No task is no error.
    """
    if sort not in select.KEYS:
        raise Usage(f"cannot sort by {sort!r}", f"there are {', '.join(select.KEYS)}")
    wanted, slugs = filters.wanted(given), filters.slugs(world, given["project"])
    if watch:
        from orch.cmd import watching  # a list that ends at once does not pay for it

        watching.tasks(world, slugs, archived, json, lambda found: _chosen(found, wanted, sort))
        return 0
    gc.disable()  # this process ends soon: looking for garbage among ten thousand tasks would take a third of its time
    found, errors = tasks.open_tasks(world, slugs, archived)
    for error in errors:
        out.problem("orch task", error)
    chosen = _chosen(found, wanted, sort)
    if json:
        for task in chosen:
            out.json_line(task)
    elif chosen:
        terminal = Terminal(world.env)
        paint.lines(terminal, view.table(chosen, world.now(), terminal.width))
    else:
        out.say("no task matches" if found else "no tasks")
    return errors[0].code if errors else 0


def _chosen(found: list[Task], wanted: Wanted, sort: str) -> list[Task]:
    chosen = found if wanted.anything() else [task for task in found if select.match(task, wanted)]
    return select.order(chosen, sort) if sort != "id" or len({task["project"] for task in chosen}) > 1 else chosen
