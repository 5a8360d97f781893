"""A fresh start for a task: `retry` for any that rests, `unblock` for those that wait or need a person. core.task.reset says what is
forgotten; the branch and its commits are kept, and the next attempt goes on from there."""
from __future__ import annotations

from orch.core import task as life
from orch.core.task import Change
from orch.errors import NotAllowed
from orch.flow.cancel import running
from orch.host import wake
from orch.host.world import World
from orch.records import Task
from orch.stores import local

RESTING = ("blocked", "needs_review", "done", "routed")


def retry(world: World, slug: str, id: str) -> Task:
    """blocked, needs_review, done or routed -> new; a new task stays as it is. raises NotAllowed while an attempt runs"""
    return _again(world, slug, id, RESTING, "retried by a person")


def unblock(world: World, slug: str, id: str) -> Task:
    """blocked or needs_review -> new; a new task stays as it is. raises NotAllowed"""
    return _again(world, slug, id, ("blocked", "needs_review"), "unblocked by a person")


def _again(world: World, slug: str, id: str, allowed: tuple[str, ...], why: str) -> Task:
    def decide(task: Task) -> Change | None:
        name, status = f"{slug}#{task['id']}", task["status"]
        if running(world, task):
            hint = f"`orch task kill {task['id']}` ends it; then try again"
            raise NotAllowed(f"{name}: its attempt {task.get('attempt')} still runs", hint)
        if status == "new":
            return None
        if status not in allowed:
            raise NotAllowed(f"{name} is {status} and cannot be {why.split()[0]}", f"that is for {', '.join(allowed)}")
        return Change(life.reset(task), "reset", why)

    task = local.change(world, slug, id, decide)
    wake.ring(world.home)
    return task
