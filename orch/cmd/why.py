"""`orch why`: which condition holds a task back, and when it is looked at next."""
from __future__ import annotations

import click

from orch.cmd import out
from orch.flow import tasks as found
from orch.flow import why
from orch.host.world import World


@click.command(short_help="say what holds a task back, and what happens next")
@click.argument("tasks", nargs=-1, required=True, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--json", is_flag=True, help="Print JSON Lines.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None, json: bool) -> None:
    """Say for each TASK which condition holds it back, what happens next and when, and what you can do."""
    for name in tasks:
        slug, task = found.find(world, name, project)
        because = why.explain(world, task)
        if json:
            out.json_line({"project": slug, "task": task["id"], "status": task["status"], **because._asdict()})
            continue
        out.text(f"{task['id']} is {task['status']}" + (f": {because.holds}" if because.holds else "") + "\n")
        out.text(f"  next: {because.next}\n" + (f"  you:  {because.hint}\n" if because.hint else ""))
