"""The whole at one moment: how many tasks are in which status, what runs, what waits and why, what ended, and how much room it takes."""
from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from orch.core.overview import Board, count
from orch.errors import OrchError
from orch.flow import attempts, claim, tasks
from orch.flow import config as configs
from orch.host.world import World
from orch.records import STATUSES, Task

ENTRIES = 20_000  # files that are looked at to sum up sizes; beyond that the sum is a lower bound


def look(world: World, slugs: Sequence[str]) -> Board:
    """Everything as it is now."""
    return of(world, *tasks.open_tasks(world, slugs), *room(world))


def of(world: World, found: list[Task], errors: list[OrchError], size: int, whole: bool, recent: int = 5) -> Board:
    """The board of records that have been read; what runs is looked at now."""
    by: dict[str, list[Task]] = {status: [] for status in STATUSES}
    for task in found:
        by[task["status"]].append(task)
    done = sorted(by["done"], key=lambda task: task.get("done_at") or "", reverse=True)[:recent]
    waiting = [task for task in found if task["status"] in ("new", "routed", "blocked", "in_review") or _between(task)]
    running = [_running(world, task) for task in by["in_progress"] if not _between(task)]
    slots = configs.load(world)["engine"]["max_parallel"]
    return Board(count(found), running, waiting, by["needs_review"], done, size, whole, errors, slots, claim.free(world, slots))


def _between(task: Task) -> bool:
    """Whether nothing runs for a task in progress: it waits for its checks, its turn or a time."""
    return task["status"] == "in_progress" and task.get("settled") == task.get("attempt")


def _running(world: World, task: Task) -> dict[str, Any]:
    name = task.get("attempt")
    folder = world.home.attempt(task["project"], task["id"], name) if name else ""
    known = attempts.run(world, folder, str(name)) if folder and os.path.isdir(folder) else {}
    return {"task": task, "attempt": name, "state": known.get("state"), "seconds": known.get("seconds"),
            "line": attempts.last_line(folder) if known else ""}


def room(world: World) -> tuple[int, bool]:
    """Bytes on disk of everything that orch keeps, hard links counted once; and whether all of it was looked at."""
    total, left = 0, ENTRIES
    seen: set[tuple[int, int]] = set()
    waiting = list(dict.fromkeys([world.home.root, world.home.worktrees]))
    while waiting and left > 0:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue  # removed meanwhile, or not ours to read; this is a sum for people
        left -= len(entries)
        for entry in entries:
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.path != world.home.worktrees:
                    waiting.append(entry.path)
            elif (info.st_dev, info.st_ino) not in seen:
                seen.add((info.st_dev, info.st_ino))
                total += info.st_blocks * 512
    return total, not waiting
