"""Who waits for whom. A task waits for what it depends on and for its children; both are edges of one graph without cycles.

An open task holds back those that wait for it. A dependency that is done lets them go (completed, no_change, duplicate) unless it was
cancelled: then nobody but a person knows whether the waiting task still makes sense. A child that is done lets its parent go in any case.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from orch.records import Task

Find = Callable[[str], Task | None]  # by id, open or archived; None: there is no such task


class Standing(NamedTuple):
    """How a task stands with those it waits for."""

    waits: tuple[str, ...]  # ids of open dependencies and children
    broken: tuple[str, ...]  # dependencies that will never be done: one line each

    def why(self) -> str:
        """One line for people; empty when nothing holds the task back."""
        if self.broken:
            return "; ".join(self.broken)
        return f"waits for {', '.join(self.waits)}" if self.waits else ""


def standing(task: Task, find: Find, children: Iterable[Task] = ()) -> Standing:
    """Look at each dependency and child once. children: the tasks whose parent is this one (open ones are enough)."""
    waits: list[str] = []
    broken: list[str] = []
    for id in task.get("depends_on") or ():
        other = find(id)
        if other is None:
            broken.append(f"{id}, which it depends on, is gone")
        elif other["status"] != "done":
            waits.append(id)
        elif other.get("resolution") == "cancelled":
            broken.append(f"{id}, which it depends on, was cancelled")
    family = [child for child in children if child["status"] != "done" and child["project"] == task["project"]]
    waits += [child["id"] for child in family if child["id"] not in waits]
    return Standing(tuple(waits), tuple(broken))


def children(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """The tasks that have a parent, by parent."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        parent = task.get("parent")
        if parent:
            found.setdefault(parent, []).append(task)
    return found


def edges(tasks: Iterable[Task]) -> dict[str, list[str]]:
    """The graph: id -> ids that it waits for."""
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(task["id"], []).extend(task.get("depends_on") or ())
        parent = task.get("parent")
        if parent:
            found.setdefault(parent, []).append(task["id"])
    return found


def cycle(graph: Mapping[str, Sequence[str]], starts: Iterable[str]) -> list[str]:
    """Find a cycle that can be reached from one of the starts: `[a, b, a]`; empty when there is none."""
    clean: set[str] = set()
    for start in starts:
        if start in clean:
            continue
        path, on_path, rest = [start], {start}, [iter(graph.get(start, ()))]
        while path:
            step = next(rest[-1], None)
            if step is None:
                rest.pop()
                gone = path.pop()
                on_path.discard(gone)
                clean.add(gone)
            elif step in on_path:
                return [*path[path.index(step):], step]
            elif step not in clean:
                path.append(step)
                on_path.add(step)
                rest.append(iter(graph.get(step, ())))
    return []
