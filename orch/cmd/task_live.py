"""`orch task live`: the attempts that run."""
from __future__ import annotations

from typing import Any

import click

from orch.cmd import filters, out, paint, screen
from orch.core import running
from orch.core.view import Piece
from orch.errors import Usage
from orch.flow import live
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="show the attempts that run")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="Only attempts of this project.")
@click.option("--watch", "-w", is_flag=True, help="Go on showing them until interrupted.")
@click.option("--json", is_flag=True, help="Print JSON Lines: project, task, title, attempt, kind, agent, slot, seconds, line ...")
@click.pass_obj
def command(world: World, /, project: tuple[str, ...], watch: bool, json: bool) -> None:
    """Show each attempt that runs: its task, agent and slot, for how long it has run, and the last line that it printed."""
    slugs = set(filters.slugs(world, project))
    if watch and json:
        raise Usage("--watch draws, and --json does not", "`orch log watch --json` prints what happens")
    if watch:
        screen.watch(world, lambda: live.running(world, slugs), lambda runs, terminal: _lines(runs, terminal.width))
    runs = live.running(world, slugs)
    if json:
        for run in runs:
            out.json_line(run)
        return
    terminal = Terminal(world.env)
    if runs:
        paint.lines(terminal, _lines(runs, terminal.width))
    else:
        out.say("nothing runs")


def _lines(runs: list[dict[str, Any]], width: int | None) -> list[list[Piece]]:
    return running.table(runs, width) if runs else [[("nothing runs", "dim")]]
