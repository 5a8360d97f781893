"""Read what core.why needs of the disk and the kernel to explain tasks."""
from __future__ import annotations

import os
from typing import NamedTuple

from orch.core import clock, names, why
from orch.core import task as life
from orch.core.why import Because, Facts
from orch.errors import OrchError
from orch.flow import claim, limits, standing, tasks, verify
from orch.flow import config as configs
from orch.flow import project as projects
from orch.host import files, lock
from orch.host.world import World
from orch.records import Task


class Scene(NamedTuple):
    """What is the same for all tasks that are asked about."""

    everybody: list[Task]  # that is open
    free: int  # slots
    slots: int
    interval: int | None  # of the server; None: there is none


def look(world: World) -> Scene:
    engine = configs.load(world)["engine"]
    served = lock.probe(world.home.state("serve.lock")) == "held"
    everybody, _ = tasks.open_tasks(world, projects.slugs(world))
    return Scene(everybody, claim.free(world, engine["max_parallel"]), engine["max_parallel"], engine["tick_interval"] if served else None)


def explain(world: World, task: Task, scene: Scene) -> Because:
    children = [each for each in scene.everybody if each.get("parent") == task["id"] and each["project"] == task["project"]]
    state, elapsed = _attempt(world, task)
    checks, trouble = False, None
    try:
        projects.get(world, task["project"])
        checks = verify.needed(task, configs.load(world, task["project"]))
    except OrchError as error:
        trouble = error.message, error.hint
    return why.explain(task, Facts(
        now=world.now_text(), standing=standing.of(world, task, children), free=scene.free, slots=scene.slots,
        ahead=_ahead(task, scene.everybody, world.now_text()), attempt=state, elapsed=elapsed, interval=scene.interval,
        checks=checks, trouble=trouble, limit=_limit(world, task),
    ))


def _limit(world: World, task: Task) -> str:
    agent = str(task.get("agent") or "")
    return world.home.limits(agent) if agent and limits.current(world, [agent]) else ""


def _ahead(task: Task, everybody: list[Task], now: str) -> int:
    def rank(each: Task) -> tuple[object, ...]:
        return -(each.get("priority") or 0), each["created_at"], names.order(each["id"])

    mine = rank(task)
    due = (each for each in everybody if each["status"] == "routed" and not life.waits_until(each, now))
    return sum(rank(each) < mine for each in due)


def _attempt(world: World, task: Task) -> tuple[str | None, float | None]:
    name = task.get("attempt")
    folder = world.home.attempt(task["project"], task["id"], name) if name else ""
    if not name or not os.path.isdir(folder):
        return None, None
    proc = files.spare_json(os.path.join(folder, "proc.json"))
    started = clock.parse(proc["at"]) if proc else None
    return claim.state(folder), (world.now() - started).total_seconds() if started else None
