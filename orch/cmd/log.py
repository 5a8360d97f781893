"""`orch log`: the events of all projects, or of one task."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from orch.cmd import out, paint, screen
from orch.core import history, text
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
    several = not slug and len(projects.slugs(world)) > 1
    follower = log.Follower(world) if what == "watch" else None
    before = (local.events(world, slug, id)[-count:] if count else []) if slug and id else log.last(world, count, slug)
    wide = _show(world, before, json, several)
    if not before and not follower:
        out.say("nothing has happened yet")
    with screen.interrupted(world.env):
        while follower:
            wide = _show(world, [line for line in follower.read() if _wanted(line, slug, id)], json, several, wide)
            out.flush()
            if out.deserted(PAUSE):
                return


def _wanted(line: dict[str, Any], slug: str | None, id: str | None) -> bool:
    return slug in (None, line.get("project")) and id in (None, line.get("task"))


def _show(world: World, events: Sequence[Any], json: bool, several: bool, wide: int = 0) -> int:
    """Print events; wide: cells that names took so far. Returns what they take now."""
    if json:
        for event in events:
            out.json_line(event)
    elif events:
        terminal = Terminal(world.env)
        paint.lines(terminal, history.lines(events, several, terminal.width, wide))
        return max([wide, *(text.width(history.title(event, several)) for event in events)])
    return wide
