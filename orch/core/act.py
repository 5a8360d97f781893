"""What an act that was done means for its task. Pure."""
from __future__ import annotations

from orch.core.task import Change
from orch.records import Act, Task


def words(act: Act) -> str:
    """What a push has done, for people."""
    where = act["ref"].removeprefix("refs/heads/")
    return f"{'merged into' if act.get('expect') else 'published as'} {where} at {act['sha'][:10]}"


def sent(task: Task, act: Act) -> Change | None:
    """What a task's record has to say of its push that was done; None when it says so already, or the task has begun anew since.

    A task that was stopped while the push was under way stays stopped, but nobody is to believe that nothing came of it.
    """
    if task.get("candidate") != act["sha"]:
        return None
    said = words(act)
    if task["status"] == "in_progress":
        return Change({"status": "done", "resolution": "completed", "published": act["sha"], "why": said}, "publish", said)
    if task["status"] not in ("done", "needs_review") or task.get("published") == act["sha"]:
        return None
    why = f"{task.get('why') or task['status']}; {said} before that took effect"
    return Change({"published": act["sha"], "why": why}, "publish", why)
