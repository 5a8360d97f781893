"""Make one task of what a person or a file says.

Everything is checked before anything is written: the fields (core/draft.py), the project, the agent, the ids that the task waits
for, and that nobody comes to wait for himself. flow/bulk.py does the same for many lines at once.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orch.core import deps, draft, names
from orch.core.draft import Draft
from orch.errors import BadData, NotFound
from orch.flow import project as projects
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task
from orch.stores import local

THIS = "this task"  # how a task that has no id yet is called in messages


def check(world: World, raw: Mapping[str, Any], project: str | None = None, source: str = "local") -> tuple[str, Draft]:
    """One task as it would be made, and its project. raises BadData with all problems; Usage, NotFound"""
    wanted, problems = draft.read(raw, source)
    if problems:
        raise BadData("; ".join(problems), draft.HINT)
    slug = projects.here(world, wanted.get("project") or project)
    known_agent(world, slug, (wanted.get("options") or {}).get("agent"))
    wanted["depends_on"] = [known_id(world, slug, id) for id in wanted.get("depends_on") or ()]
    if wanted.get("parent"):
        wanted["parent"] = known_parent(world, slug, str(wanted["parent"]))
    no_circle(world, [(THIS, wanted)])
    return slug, wanted


def one(world: World, raw: Mapping[str, Any], project: str | None = None, source: str = "local") -> Task:
    """Make one task. raises what `check` raises"""
    slug, wanted = check(world, raw, project, source)

    def again() -> None:
        """Somebody may have changed who waits for whom since we looked; now the lock is ours."""
        if wanted.get("parent"):
            no_circle(world, [(THIS, wanted)])

    return local.create(world, slug, [wanted], again)[0]


def known_agent(world: World, slug: str, name: str | None) -> None:
    """raises NotFound with the nearest name, unless the project's configuration has that agent or none is named"""
    if name:
        from orch import agents  # most tasks name none, and `task add` is to be quick
        from orch.flow import config

        agents.entry(config.load(world, slug), name)


def known_id(world: World, slug: str, text: str) -> str:
    """The id of a task to wait for: one of this project, or a local one of any. raises NotFound, BadData"""
    other, id = names.parse_ref(text)
    places = [other] if other else [slug, *projects.slugs(world)] if id.startswith("int-") else [slug]
    if any(tasks.has(world, place, id) for place in places) and (id.startswith("int-") or other in (None, slug)):
        return id
    raise NotFound(f"no task {text} to wait for", "`orch task list --all` shows them")


def known_parent(world: World, slug: str, text: str) -> str:
    """The id of a task of the same project. raises NotFound, BadData"""
    other, id = names.parse_ref(text)
    if other not in (None, slug) or not tasks.has(world, slug, id):
        raise NotFound(f"no task {text} in {slug} to be the parent", "a child is in the project of its parent")
    return id


def no_circle(world: World, made: Iterable[tuple[str, Mapping[str, Any]]], among: bool = False) -> None:
    """raises BadData when one of these tasks, (name, with depends_on and parent), would come to wait for itself

    A new task is waited for by nobody but its parent and the new tasks that name it, so without a parent the tasks that are there
    need not be looked at. among=True: these are there already, and are looked at as they would be.
    """
    fresh = list(made)
    new = {name for name, _ in fresh}
    graph: dict[str, list[str]] = {}
    if among or any(wanted.get("parent") for _, wanted in fresh):
        there = tasks.open_tasks(world, projects.slugs(world))[0]
        graph = deps.edges(task for task in there if task["id"] not in new)
    for name, wanted in fresh:
        graph.setdefault(name, []).extend(wanted.get("depends_on") or ())
        if wanted.get("parent"):
            graph.setdefault(wanted["parent"], []).append(name)
    circle = deps.cycle(graph, [name for name, _ in fresh])
    if circle:
        raise BadData(f"a circle of dependencies: {' -> '.join(circle)}", "a task waits for its dependencies and children; leave one out")
