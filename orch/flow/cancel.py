"""Stop a task, whatever it is doing: `cancel` (it is not wanted any more) or `kill` (a person will look at it).

The record changes at once, so that nothing starts the task again. A running attempt is told twice: by a file `cancel` in its
directory, which its shepherd also sees when it has not begun yet, and by a signal to the shepherd, so that it need not look. Ending the
agent's processes, keeping its commits and writing the exit record are the shepherd's business.
"""
from __future__ import annotations

import os
import signal

from orch.core.task import Change
from orch.errors import NotAllowed
from orch.flow import claim
from orch.host import files, proc, wake
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def cancel(world: World, slug: str, id: str) -> Task:
    """Any status but done -> done (cancelled). A task that is cancelled already stays as it is. raises NotAllowed for any other done"""
    return _stop(world, slug, id, "done", "cancelled by a person")


def kill(world: World, slug: str, id: str) -> Task:
    """Any status but done -> needs_review, and its attempt is ended. raises NotAllowed"""
    return _stop(world, slug, id, "needs_review", "killed by a person")


def running(world: World, task: Task) -> str | None:
    """The directory of the task's attempt while it runs, or may run; None when there is none or it has ended."""
    name = task.get("attempt")
    folder = world.home.attempt(task["project"], task["id"], name) if name else ""
    return folder if folder and os.path.isdir(folder) and claim.state(folder) in ("running", "unknown") else None


def _stop(world: World, slug: str, id: str, status: str, why: str) -> Task:
    told: list[str] = []

    def decide(task: Task) -> Change | None:
        if task["status"] == "done" and not (status == "done" and task.get("resolution") == "cancelled"):
            hint = f"`orch task retry {task['id']}` starts it again"
            raise NotAllowed(f"{slug}#{task['id']} is done ({task.get('resolution')}) and cannot be {why.split()[0]}", hint)
        folder = running(world, task)
        if folder:
            files.replace_text(os.path.join(folder, "cancel"), why + "\n", durable=False)
            told.append(folder)
        if task["status"] == status:
            return None
        ended = "cancelled" if status == "done" else None
        return Change({"status": status, "resolution": ended, "why": why, "not_before": None}, "status", why)

    task = local.change(world, slug, id, decide)
    for folder in told:
        _signal(folder)
    wake.ring(world.home)  # others may have waited for it
    return task


def _signal(folder: str) -> None:
    """Wake the shepherd of an attempt with TERM, when it is surely the one that the attempt's record names."""
    who = files.spare_json(os.path.join(folder, "proc.json"))
    if who and proc.alive(who["pid"], who["start"], who["boot"]) == "yes":
        try:
            os.kill(who["pid"], signal.SIGTERM)
            os.kill(who["pid"], signal.SIGCONT)  # a stopped process does not see the TERM before it runs again
        except ProcessLookupError:
            return  # it has just ended by itself
        except OSError as error:
            raise files.failure(error, f"process {who['pid']}") from None
