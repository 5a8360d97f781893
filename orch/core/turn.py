"""Who is merged after whom. Merges into one branch are made, checked and pushed one at a time: one that was made for a tip which another
moves meanwhile has been checked for nothing.

Nobody keeps the line, it follows from the records. A task stands in it from its first look (`queued_at`) for as long as it is in progress
with a candidate, and can go on. Whoever has begun stays first; then the most urgent, then the oldest.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable

from orch.core import names
from orch.records import Task

BEHIND = "waits until "


def line(tasks: Iterable[Task], ready: Callable[[Task], bool]) -> list[Task]:
    """The tasks of one project that are to be merged, the first of which has its turn. ready: whether a task can go on just now."""
    return sorted((task for task in tasks if _stands(task) and ready(task)), key=_rank)


def why(ahead: Task) -> str:
    return f"{BEHIND}{ahead['id']} is merged"


def waits(task: Task) -> bool:
    """Whether the record says that it stands behind another."""
    return _stands(task) and str(task.get("why")).startswith(BEHIND)


def _stands(task: Task) -> bool:
    return task["status"] == "in_progress" and bool(task.get("queued_at") and task.get("candidate"))


def _rank(task: Task) -> tuple[object, ...]:
    checked = task.get("settled") != task.get("attempt")
    return 0 if checked else 1 if task.get("onto") else 2, -(task.get("priority") or 0), names.order(task["id"])
