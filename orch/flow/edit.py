"""Change fields of a task that is there: `people` with the words of `task add`, `fields` with any path (the sidecar).

Both go through the readers of core/draft.py wherever a field has one, under the lock, so that no record gets a value that a later reader
trips over.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orch.core import draft, sidecar
from orch.core import task as life
from orch.core.task import Change
from orch.errors import BadData
from orch.flow import add
from orch.host import wake
from orch.host.world import World
from orch.records import Task
from orch.stores import local

ROUTED_BY = ("agent", "model", "complexity")  # what a person asks for here decides the route


def people(world: World, slug: str, id: str, raw: Mapping[str, Any]) -> Task:
    """Set fields as `task add` has them; empty text clears. raises BadData with all problems, NotFound

    A task that is routed already, but asked for another agent, model or complexity, goes back to new and is routed again.
    """

    def decide(task: Task) -> Change | None:
        values, problems = draft.update(task, raw)
        if problems:
            raise BadData("; ".join(problems), draft.HINT)
        checked(world, slug, task, values)
        changed = {key: value for key, value in values.items() if task.get(key) != value}
        if not changed:
            return None
        before, after = task.get("options") or {}, changed.get("options") or task.get("options") or {}
        if task["status"] == "routed" and any(before.get(key) != after.get(key) for key in ROUTED_BY):
            changed.update(life.reset(task), why="asked for another agent, model or complexity")
        return Change(changed, "set", f"set {', '.join(raw)}")

    task = local.change(world, slug, id, decide)
    wake.ring(world.home)  # it may be routed anew, come earlier, or wait for something else now
    return task


def fields(world: World, slug: str, id: str, wanted: Mapping[str, Any]) -> Task:
    """Set dotted paths to typed values. raises NotAllowed for what only commands may change, BadData"""

    def decide(task: Task) -> Change | None:
        values = sidecar.put(task, wanted)
        checked(world, slug, task, values)
        changed = {key: value for key, value in values.items() if key not in task or task.get(key) != value}
        return Change(changed, "set", f"set {', '.join(wanted)}") if changed else None

    task = local.change(world, slug, id, decide)
    wake.ring(world.home)
    return task


def checked(world: World, slug: str, task: Task, values: dict[str, Any]) -> None:
    """Put in the ids of the tasks that are named, and see that nobody comes to wait for himself. raises NotFound, BadData"""
    asked = (values.get("options") or {}).get("agent")
    if asked != (task.get("options") or {}).get("agent"):
        add.known_agent(world, slug, asked)
    if values.get("depends_on"):
        values["depends_on"] = list(dict.fromkeys(add.known_id(world, slug, each) for each in values["depends_on"]))
    if values.get("parent"):
        values["parent"] = add.known_parent(world, slug, values["parent"])
    if values.get("depends_on") or values.get("parent"):
        add.no_circle(world, [(task["id"], {"depends_on": task.get("depends_on"), "parent": task.get("parent"), **values})], among=True)
