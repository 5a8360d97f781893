"""Read what core.why needs of the disk and the kernel to explain one task."""
from __future__ import annotations

import os

from orch.core import clock, names, why
from orch.core import task as life
from orch.core.why import Because, Facts
from orch.flow import claim, standing, tasks
from orch.flow import config as configs
from orch.flow import project as projects
from orch.host import files, lock
from orch.host.world import World
from orch.records import Task


def explain(world: World, task: Task) -> Because:
    everybody, _ = tasks.open_tasks(world, projects.slugs(world))
    engine = configs.load(world)["engine"]
    children = [each for each in everybody if each.get("parent") == task["id"] and each["project"] == task["project"]]
    served = lock.probe(world.home.state("serve.lock")) == "held"
    state, elapsed = _attempt(world, task)
    return why.explain(task, Facts(
        now=world.now_text(), standing=standing.of(world, task, children), free=claim.free(world, engine["max_parallel"]),
        slots=engine["max_parallel"], ahead=_ahead(task, everybody, world.now_text()), attempt=state, elapsed=elapsed,
        interval=engine["tick_interval"] if served else None,
    ))


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
