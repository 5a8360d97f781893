"""Projects without a repository, for tests of what is done with tasks while nothing runs."""
from __future__ import annotations

import os
from typing import Any

from orch.core import task as life
from orch.core.task import Change
from orch.flow import add
from orch.host import files
from orch.host.world import World
from orch.records import Task
from orch.stores import local
from tests.sandbox import Sandbox

SLUG = "o/r"


def project(sandbox: Sandbox, slug: str = SLUG, **env: str) -> World:
    """Register a project whose origin is never looked at."""
    world = sandbox.world(**env)
    record = {"v": 1, "slug": slug, "path": None, "origin": f"{sandbox.root}/nowhere", "added_at": world.now_text()}
    files.replace_json(world.home.project(slug), record)
    return world


def made(world: World, title: str = "a task", slug: str = SLUG, **raw: Any) -> Task:
    return add.one(world, {"title": title, **raw}, slug)


def moved(world: World, task: Task, *statuses: str, **fields: Any) -> Task:
    """Take a task through statuses; fields are set with the last."""
    for status in statuses:
        ended = {"resolution": fields.pop("resolution", "completed")} if status == "done" else {}
        last = fields if status == statuses[-1] else {}
        changed = {"status": status, **ended, **last}
        task = local.change(world, task["project"], task["id"], lambda _, changed=changed: Change(changed, "status", "moved"))  # type: ignore[misc]
    return task


def attempt(world: World, task: Task, name: str = "1-work", **parts: Any) -> str:
    """An attempt directory as a shepherd would leave it; parts: exit={...} and the like. Returns its path."""
    folder = world.home.attempt(task["project"], task["id"], name)
    os.makedirs(folder)
    spec = {"v": 1, "attempt": name, "kind": name.split("-")[1], "created_at": world.now_text(), "token": "none"}
    for part, value in {"spec": spec, **parts}.items():
        files.replace_json(os.path.join(folder, f"{part}.json"), value)
    return folder


def ids(tasks: list[Task]) -> list[str]:
    return [task["id"] for task in tasks]


def reset(world: World, task: Task) -> Task:
    return local.change(world, task["project"], task["id"], lambda fresh: Change(life.reset(fresh), "reset"))
