"""`orch publish`: publish or merge work that is verified, or that a person has accepted."""
from __future__ import annotations

import click

from orch.cmd import each, out
from orch.errors import NotAllowed
from orch.flow import publish, reap
from orch.host.world import World
from orch.records import Task


@click.command(short_help="publish or merge verified tasks")
@click.argument("tasks", nargs=-1, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--accept", is_flag=True, help="Publish work that was stopped for a person to look at; you have looked.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None, accept: bool) -> int:
    """Publish the verified work of each TASK (as a branch, or merged: workflow.finish) and print the record.

    TASK is an id, or - for standard input. Work that is not verified yet is verified first, which takes its time.
    """

    def step(slug: str, task: Task) -> Task | None:
        if accept and task["status"] == "needs_review":
            if not (task.get("candidate") or task.get("head")):
                raise NotAllowed("there is no commit that could be published", "see `orch task get`")
            publish.accept(world, task)
        elif task["status"] == "needs_review":
            raise NotAllowed(f"it waits for a person: {task.get('why')}", "look at `orch diff`, then use --accept")
        after = reap.reap(world, slug, task["id"])
        if after["status"] == "in_progress":
            out.say(f"{slug}#{task['id']}: {after.get('why')}")
        return after

    return each.run(world, tasks, project, step)
