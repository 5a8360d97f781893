"""Bring verified work to the project's origin: as a branch, or merged into the default branch. Every push goes through the outbox.

A merge is made in the mirror, checked as the merge result, and pushed by compare-and-swap: when the target has moved meanwhile, the
push is refused and the merge is made anew, and checked anew. Those of one project are made one after the other (flow/turn).
"""
from __future__ import annotations

import contextlib
from typing import Any

from orch.core import act as acts
from orch.core import clock, names
from orch.core.task import Change
from orch.errors import BadData, NotAllowed, OrchError, TryLater
from orch.flow import due, fail, merge, mirror, outbox, run, turn
from orch.flow import project as projects
from orch.host.world import World
from orch.records import Act, Task
from orch.stores import local

NOT = "not published: "  # how a record begins to say what is in the way


def aim(world: World, task: Task, config: dict[str, Any]) -> Task:
    """Decide what is to be checked and published: `candidate`, and for a merge the target's SHA that it was made for, `onto`."""
    if task.get("candidate") is None:
        return fail.record(world, task, "lost", "its work was taken in, but nothing says what is to be published")
    merging, onto = run.finish(task, config) == "merge", task.get("onto")
    if onto and not merging:  # another finish was asked for since the merge was made
        why = "to be published as a branch"
        return _record(world, task, {"candidate": task.get("head"), "onto": None, "why": why}, why)
    if onto or not merging:
        return task
    project = projects.get(world, task["project"])
    mirror.fetch(world, project, patience=mirror.BRIEF)
    target, _ = mirror.default(world, project)
    found = merge.candidate(world, project, task, target)
    if isinstance(found, merge.Conflict):
        text = found.text or f"conflicts with {target} in {', '.join(found.files[:10]) or 'its history'}"
        return fail.record(world, task, "conflict", text, paths=found.files[:200])
    why = f"to be merged into {target}"
    queued = turn.since(world, task) if turn.queues(task, config) else None
    return _record(world, task, {"candidate": found.sha, "onto": found.onto, "queued_at": queued, "why": why}, why)


def apply(world: World, task: Task, config: dict[str, Any]) -> Task:
    """Publish the candidate and record what came of it; the same record when it has to wait."""
    act = _act(world, task, config)
    if act["sha"] != act.get("expect"):  # a merge of what is in the target already has nothing to push
        outbox.put(world, act, durable=False)
        act = outbox.deliver_one(world, task["project"], act["key"])
        if not act.get("sent_at"):
            return _not_sent(world, task, act)
    return local.change(world, task["project"], task["id"], lambda fresh: acts.sent(fresh, act))


def _act(world: World, task: Task, config: dict[str, Any]) -> Act:
    merging = run.finish(task, config) == "merge"
    sha = str(task.get("candidate"))
    if merging:
        name, _ = mirror.default(world, projects.get(world, task["project"]))
        ref, expect = f"refs/heads/{name}", task.get("onto")
    else:
        ref, expect = f"refs/heads/{run.branch(task)}", None
    # with the attempt's number: a task that was retried asks again, for its branch may be gone from the origin meanwhile
    key = f"push-{task['id']}-{names.number(str(task.get('attempt')))}-{'merge' if merging else 'branch'}-{sha[:16]}"
    return {"v": 1, "key": key, "kind": "push", "project": task["project"], "task": task["id"], "created_at": world.now_text(),
            "not_before": None, "tries": 0, "sha": sha, "ref": ref, "expect": expect,
            "base": None if merging else task.get("base")}


def _not_sent(world: World, task: Task, act: Act) -> Task:
    why = f"{NOT}{act.get('error') or 'another process is at it'}"
    if act.get("stale") and act.get("expect") is None:  # a branch has no target that moves: what it began from is gone
        return fail.record(world, task, "conflict", str(act.get("error")))
    if act.get("stale"):
        return _record(world, task, {"candidate": task.get("head"), "onto": None, "verified": None, "why": why}, why)
    if act.get("permanent"):
        return _record(world, task, {"status": "needs_review", "why": why}, why)
    if task.get("why") == why and task.get("not_before") == act.get("not_before"):
        return task
    return _record(world, task, {"why": why, "not_before": act.get("not_before")}, why)


def failed(world: World, task: Task, error: OrchError) -> Task:
    """Record what keeps work from being published before there is an act that could say so: tried again as late as an act would be, or
    a person has to look."""
    why = f"{NOT}{outbox.words(error)}"
    if outbox.hopeless(error):
        return _record(world, task, {"status": "needs_review", "not_before": None, "why": why}, why)
    last = 0.0  # seconds that were waited for the same
    if (task.get("why") or "").startswith(NOT):
        with contextlib.suppress(BadData):
            last = (clock.parse(task.get("not_before") or "") - clock.parse(task["updated_at"])).total_seconds()
    wait = min(outbox.LAST, max(outbox.FIRST, 2 * last))
    return _record(world, task, {"not_before": clock.later(world.now(), wait), "why": why}, why)


def accept(world: World, task: Task) -> Task:
    """A person has looked at work that was stopped (protected paths, secrets, a refused push, a kill): publish it as it is.

    raises NotAllowed when there is none; TryLater while its attempt is being ended
    """
    name = f"{task['project']}#{task['id']}"

    def decide(fresh: Task) -> Change | None:
        if fresh["status"] != "needs_review":
            raise NotAllowed(f"{name} is {fresh['status']}; only what needs a person can be accepted", "see `orch task get`")
        if due.unsettled(fresh):  # it runs, or its commits are being kept just now: the head is not yet the last one
            raise TryLater(f"{name}: its attempt {fresh.get('attempt')} is not taken in yet", "try again in a moment")
        if not (fresh.get("candidate") or fresh.get("head")):
            raise NotAllowed(f"{name}: there is no commit that could be published", "see `orch task get`")
        made = None if fresh.get("onto") else fresh.get("candidate")  # a merge is made anew, for the target may have moved since
        fields = {"status": "in_progress", "settled": fresh.get("attempt"), "candidate": made or fresh.get("head"),
                  "onto": None, "queued_at": None, "not_before": None, "why": "accepted by a person"}
        return Change(fields, "accepted", "accepted by a person")

    return local.change(world, task["project"], task["id"], decide)


def _record(world: World, task: Task, fields: dict[str, Any], text: str) -> Task:
    def decide(fresh: Task) -> Change | None:
        return Change(fields, "publish", text) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)
