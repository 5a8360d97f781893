"""`orch run`: start attempts for routed tasks and print the records."""
from __future__ import annotations

import click

from orch.cmd import each, out
from orch.core import deps
from orch.flow import launch, run
from orch.host.world import World
from orch.records import Task
from orch.stores import local


@click.command(short_help="start attempts for routed tasks")
@click.argument("tasks", nargs=-1, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None) -> int:
    """Start the next attempt of each TASK that is routed and due, and print its record.

    TASK is an id, or - to read ids or JSON Lines from standard input. A task that cannot start now is printed as it is, the
    reason goes to standard error, and the status is 75 when it can start later, 69 when its agent is not installed.
    """
    started: list[launch.Started] = []
    families: dict[str, dict[str, list[Task]]] = {}
    failed, later = 0, False

    def step(slug: str, task: Task) -> Task | None:
        nonlocal failed, later
        if slug not in families:
            families[slug] = deps.children(local.list_open(world, slug)[0])
        outcome = run.start(world, slug, task["id"], families[slug].get(task["id"], ()))
        started.append(outcome)
        if outcome.folder is None:
            out.say(f"{slug}#{task['id']}: not started: {outcome.why}")
            failed, later = failed or outcome.code, later or outcome.task["status"] == "routed"
        return outcome.task

    try:
        status = each.run(world, "orch run", tasks, project, step)
    finally:
        launch.wait(started)
    return status or failed or (75 if later else 0)
