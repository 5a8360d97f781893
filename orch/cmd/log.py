"""`orch log`: the events of all projects, or of one task."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from orch.cmd import out, paint
from orch.core import text, view
from orch.errors import Usage
from orch.flow import log, tasks
from orch.flow import project as projects
from orch.host.tty import Terminal
from orch.host.world import World
from orch.stores import local

LINES = 20
PAUSE = 0.2  # seconds between two looks


@click.command(short_help="show the events")
@click.argument("what", required=False, metavar="[N|watch]")
@click.option("--task", "-t", "ref", metavar="TASK", help="Only this task's; its history is complete, however old it is.")
@click.option("--project", "-p", metavar="O/R", help="Only this project's.")
@click.option("--json", is_flag=True, help="Print the events as JSON Lines.")
@click.pass_obj
def command(world: World, /, what: str | None, ref: str | None, project: str | None, json: bool) -> None:
    """Show the last N events (20), or `watch` what happens until interrupted."""
    if what not in (None, "watch") and not str(what).isdigit():
        raise Usage(f"not a number of events: {what!r}", "write a number, or watch")
    count = int(what) if what and what != "watch" else LINES
    slug, id = projects.here(world, project) if project else None, None
    if ref:
        slug, found = tasks.find(world, ref, project)
        id = found["id"]
    follower = log.Follower(world) if what == "watch" else None
    terminal = Terminal(world.env)
    if slug and id:
        _show(terminal, local.events(world, slug, id)[-count:] if count else [], json)
    else:
        _show(terminal, log.last(world, count, slug), json)
    while follower:
        _show(terminal, [line for line in follower.read() if _wanted(line, slug, id)], json)
        out.flush()
        if out.deserted(PAUSE):
            return


def _wanted(line: dict[str, Any], slug: str | None, id: str | None) -> bool:
    return slug in (None, line.get("project")) and id in (None, line.get("task"))


def _show(terminal: Terminal, lines: Iterable[Any], json: bool) -> None:
    for line in lines:
        if json:
            out.json_line(line)
        else:
            name = f"{line['project']}#{line['task']}" if line.get("task") else line.get("project", "")
            status = line.get("status") or (line.get("set") or {}).get("status") or ""
            said = line.get("text") or ", ".join(line.get("set") or ())
            paint.lines(terminal, [[
                (str(line.get("at", ""))[:19].replace("T", " ") + "  ", "dim"), (text.clean(name) + "  ", "bold"),
                (status + "  " if status else "", view.COLOURS.get(status, "")), (text.clean(f"{line.get('event')}: {said}"), ""),
            ]])
