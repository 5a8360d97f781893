"""Which tasks are meant: the filters of `task list`, and of retry, unblock and cancel; and the order in which they are shown."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from orch.core import names
from orch.records import Task


class Wanted(NamedTuple):
    """A task matches when it matches each field that is not empty. Several values of one field mean any of them; labels mean all."""

    statuses: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()  # routed to, or asked for
    priorities: tuple[int, ...] = ()

    def anything(self) -> bool:
        return not any(self)


def match(task: Task, wanted: Wanted) -> bool:
    if wanted.statuses and task["status"] not in wanted.statuses:
        return False
    if wanted.labels and not set(wanted.labels) <= set(task.get("labels") or ()):
        return False
    if wanted.sources and task.get("source") not in wanted.sources:
        return False
    if wanted.agents and agent(task) not in wanted.agents:
        return False
    return not wanted.priorities or (task.get("priority") or 0) in wanted.priorities


def agent(task: Task) -> str:
    """The agent of a task: the one it was routed to, else the one that was asked for, else none."""
    return task.get("agent") or (task.get("options") or {}).get("agent") or ""


# What --sort takes. Text order is time order for times; the newest and the most urgent come first.
KEYS: dict[str, tuple[Callable[[Task], Any], bool]] = {
    "id": (lambda task: names.order(task["id"]), False),
    "priority": (lambda task: task.get("priority") or 0, True),
    "status": (lambda task: task["status"], False),
    "agent": (agent, False),
    "project": (lambda task: task["project"], False),
    "title": (lambda task: task["title"].casefold(), False),
    "created": (lambda task: task.get("created_at") or "", True),
    "updated": (lambda task: task.get("updated_at") or "", True),
}


def order(tasks: Iterable[Task], key: str = "id") -> list[Task]:
    """The tasks by one of KEYS; equal ones stay as they came."""
    by, newest_first = KEYS[key]
    return sorted(tasks, key=by, reverse=newest_first)
