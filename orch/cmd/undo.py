"""`orch undo`: bring back a removed checkout."""
from __future__ import annotations

import click

from orch.cmd import out
from orch.flow import tasks, trash
from orch.host.world import World


@click.command(short_help="bring back a removed checkout")
@click.argument("ref", metavar="TASK")
@click.option("--project", "-p", metavar="O/R", help="The project that the id belongs to.")
@click.option("--number", "-n", type=click.IntRange(1), metavar="N", help="Which one, when there are several; default the last.")
@click.option("--list", "listing", is_flag=True, help="Only say what there is: one JSON line for each removed checkout.")
@click.pass_obj
def command(world: World, ref: str, project: str | None, number: int | None, listing: bool) -> None:
    """Put the removed checkout of TASK back where it was: branches, HEAD, index, changed and untracked files. Prints its path.

    Files that git ignores were not kept; the project's `copy` list and `setup` commands bring them back at the next attempt.
    """
    slug, task = tasks.find(world, ref, project)
    if listing:
        for item in trash.items(world, slug, task["id"]):
            out.json_line({"project": slug, "task": task["id"], **item._asdict()})
        return
    out.text(trash.undo(world, slug, task["id"], number) + "\n")
