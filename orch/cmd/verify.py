"""`orch verify`: start the checks that a task waits for, or say from disk whether they passed."""
from __future__ import annotations

import click

from orch.cmd import each, out
from orch.flow import config as configs
from orch.flow import reap, verify
from orch.host.world import World
from orch.records import Task


@click.command(short_help="run or re-check a project's own checks on a task")
@click.argument("tasks", nargs=-1, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--check", is_flag=True, help="Start nothing: print what is remembered of each command; status 1 unless all passed.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None, check: bool) -> int:
    """Start the project's verify commands for each TASK whose work waits for them, and print the record.

    With --check, print what is on disk of each command on the task's published, candidate or last commit.
    """
    passed = True

    def remembered(slug: str, task: Task) -> None:
        nonlocal passed
        found = verify.recheck(world, task, configs.load(world, slug))
        for record in found:
            out.json_line({"project": slug, "task": task["id"], **record})
        passed = passed and bool(found) and all(record.get("code") == 0 for record in found)

    if check:
        return each.run(world, "orch verify", tasks, project, remembered) or (0 if passed else 1)
    return each.run(world, "orch verify", tasks, project, lambda slug, task: reap.reap(world, slug, task["id"]))
