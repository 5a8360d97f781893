"""`orch reap`: take in the results of ended attempts and go on as far as possible."""
from __future__ import annotations

import click

from orch.cmd import each
from orch.flow import project as projects
from orch.flow import reap, recover
from orch.flow import tasks as all_tasks
from orch.host.world import World
from orch.records import Task


@click.command(short_help="take in the results of ended attempts")
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None) -> int:
    """Take in the result of each TASK's ended attempt: keep its commits, judge it, and verify, publish or retry as that says.

    Without TASK: every task in progress. TASK is an id, or - for standard input. Records that changed are printed.
    """
    refs = tasks
    if not refs:
        recover.slots(world)
        slugs = [projects.here(world, project)] if project else projects.slugs(world)
        found, _ = all_tasks.open_tasks(world, slugs)
        refs = tuple(f"{task['project']}#{task['id']}" for task in found if task["status"] == "in_progress")
        if not refs:
            return 0

    def step(slug: str, task: Task) -> Task | None:
        after = reap.reap(world, slug, task["id"])
        return after if after["seq"] != task["seq"] else None

    return each.run(world, "orch reap", refs, project, step)
