"""`orch publish`: publish or merge work that is verified, or that a person has accepted."""
from __future__ import annotations

import click

from orch.cmd import each, out
from orch.errors import NotAllowed, TryLater
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
    verdict = 0

    def step(slug: str, task: Task) -> Task | None:
        nonlocal verdict
        if accept and task["status"] == "needs_review":
            seen, task = task.get("why"), reap.reap(world, slug, task["id"])  # an attempt that was killed has perhaps just ended
            if task["status"] == "needs_review" and task.get("why") != seen:  # nobody can have looked at that
                _allowed(task, False)
        _allowed(task, accept)
        if task["status"] == "needs_review":
            publish.accept(world, task)
        after = reap.reap(world, slug, task["id"])
        if after["status"] != "done":
            out.say(f"{slug}#{task['id']}: {after.get('why')}")
            verdict = verdict or _verdict(after)
        return after

    return each.run(world, "orch publish", tasks, project, step) or verdict


def _allowed(task: Task, accept: bool) -> None:
    """raises NotAllowed when there is nothing to publish, or a person has to look first"""
    status = task["status"]
    kept = {"needs_review": task.get("candidate") or task.get("head"), "in_progress": True, "done": task.get("published")}
    if not kept.get(status):
        raise NotAllowed(f"it is {status}: there is no commit that could be published", "see `orch task get`")
    if status == "needs_review" and not accept:
        raise NotAllowed(f"it waits for a person: {task.get('why')}", "look at `orch diff`, then use --accept")


def _verdict(after: Task) -> int:
    """What has become of a task that is not published: on its way, later, or a person has to look."""
    if after["status"] == "in_progress":
        return TryLater.code if after.get("not_before") else 0
    return NotAllowed.code if after["status"] == "needs_review" else TryLater.code
