"""`orch task get`: everything that is known of tasks."""
from __future__ import annotations

import click

from orch.cmd import each, out, paint
from orch.core import page
from orch.flow import attempts
from orch.host.tty import Terminal
from orch.host.world import World
from orch.records import Task
from orch.stores import local


@click.command(short_help="show everything about tasks")
@click.argument("refs", nargs=-1, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--json", is_flag=True, help="Print each as one line: the record with `runs` (its attempts) and `events`.")
@click.pass_obj
def command(world: World, /, refs: tuple[str, ...], project: str | None, json: bool) -> int:
    """Show the record of each TASK, its attempts and the last of its events, open or archived.

    TASK is an id, or - to read ids or JSON Lines from standard input.
    """
    between = ""

    def step(slug: str, task: Task) -> None:
        nonlocal between
        runs, events = attempts.runs(world, task), local.events(world, slug, task["id"])
        if json:
            out.json_line({**task, "runs": runs, "events": events})
            return
        terminal = Terminal(world.env)
        out.text(between)
        between = "\n"
        paint.lines(terminal, page.task(task, runs, events, world.now(), terminal.width))

    return each.run(world, "orch task", refs, project, step)
