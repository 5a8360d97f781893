"""`orch status`: what runs, what waits and why, what ended."""
from __future__ import annotations

import click

from orch.cmd import filters, out, paint
from orch.core import overview
from orch.flow import board
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="show what runs, what waits and why, what ended")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="Only this project.")
@click.option("--watch", "-w", is_flag=True, help="Go on showing it until interrupted; with --json, print it again at each change.")
@click.option("--json", is_flag=True, help="Print one object: counts, running, waiting, needs_review, recent, bytes.")
@click.pass_obj
def command(world: World, /, project: tuple[str, ...], watch: bool, json: bool) -> int:
    """Show what runs and its last line of output, what waits and why, what needs a person, what ended, and how much room it takes."""
    slugs = filters.slugs(world, project)
    if watch:
        from orch.cmd import watching

        watching.status(world, slugs, json)
        return 0
    seen = board.look(world, slugs)
    for error in seen.errors:
        out.problem("orch status", error)
    if json:
        out.json_line(overview.value(seen))
    else:
        terminal = Terminal(world.env)
        paint.lines(terminal, overview.lines(seen, world.now(), terminal.width))
        out.text(overview.room(seen.size, seen.whole, world.home.root) + "\n")
    return seen.errors[0].code if seen.errors else 0
