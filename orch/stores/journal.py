"""Append to orch.log, the one file that shows what happened in all projects: one short JSON line per event.

The line says which status a task has now, but not its fields: those are in the task's own events.jsonl. flow/log.py reads it,
rotates it and adds lines that belong to no task.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orch.errors import OrchError
from orch.host import files
from orch.host.world import World


def write(world: World, event: Mapping[str, Any], task: Mapping[str, Any] | None = None) -> None:
    """Note an event that is true already. A log that cannot be written changes nothing about that, so it is no error here."""
    line = {key: event[key] for key in ("at", "project", "task", "seq", "event", "text") if event.get(key) not in (None, "")}
    if task:
        line.update({key: task[key] for key in ("status", "agent", "attempt") if task.get(key)})
    try:
        files.append(world.home.log(), files.line(line))
    except OrchError:
        return
