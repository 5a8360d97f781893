"""The attempts that run now, from the slots that they hold: as cheap with ten thousand open tasks as with one."""
from __future__ import annotations

import os
from typing import Any

from orch.errors import NotFound
from orch.flow import attempts, claim
from orch.flow import tasks as found_by
from orch.host import files
from orch.host.world import World
from orch.records import Task


def running(world: World, slugs: set[str]) -> list[dict[str, Any]]:
    """project, task, title, line (the last that it printed) and what flow/attempts.run knows of each, the oldest first."""
    found = []
    for folder in claim.taken(world):
        parts = folder.split("/")  # .../owner/repo/tasks/id/attempts/name: a torn spec hides nobody
        slug = "/".join(parts[-6:-4])
        if slug in slugs:
            title = files.spare_json(os.path.join(folder, "spec.json")).get("title") or ""
            which = {"project": slug, "task": parts[-3], "title": title}
            found.append({**which, **attempts.run(world, folder, parts[-1]), "line": attempts.last_line(folder)})
    return sorted(found, key=lambda run: run.get("started_at") or "")


def folder(world: World, text: str, project: str | None = None) -> tuple[Task, str]:
    """A task by what people type, and the directory of its attempt that runs. raises NotFound"""
    _, task = found_by.find(world, text, project)
    there = list(attempts.folders(world, task).values())
    if not there or claim.state(there[-1]) not in ("running", "unknown"):
        raise NotFound(f"{task['project']}#{task['id']} has no attempt that runs: it is {task['status']}",
                       f"`orch stream {task['id']}` shows its output" if there else f"`orch why {task['id']}` says what comes next")
    return task, there[-1]
