"""Take in what ended, and go on from there as far as it goes without waiting for an agent.

One task at a time is settled by one process (its settle lock); everything is derived from the record and the attempt directories, so
that whoever comes next after a crash does the same. The steps of a task in progress:

    the attempt is lost        -> bury it (flow/recover)
    ended, not yet taken in    -> keep the commits, gather evidence, read the reply, conclude, record
    taken in, to be merged     -> wait for its turn (flow/turn)
    taken in, not verified     -> start the verify attempt (flow/verify)
    verified                   -> publish (flow/publish)

A task that was stopped meanwhile keeps its status; what its last attempt committed is kept all the same.
"""
from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

from orch.core import clock, conclude, evidence, reset
from orch.core.failure import Fault
from orch.core.task import Change
from orch.core.text import count
from orch.errors import BadData, NotFound, OrchError, Unavailable
from orch.flow import claim, due, fail, mirror, publish, recover, replies, turn, verify
from orch.flow import config as configs
from orch.flow import evidence as evidences
from orch.host import files, lock, wake
from orch.host.world import World
from orch.records import Evidence, Exit, Prepared, Spec, Task
from orch.stores import local

HANDOVER = 10.0  # seconds for whoever looked at an attempt just before it ended, such as the process that started it, to be gone
ROUNDS = 12  # steps of one call; a branch that moves under every merge is left to the next tick


def reap(world: World, slug: str, id: str, patience: float = 0.0) -> Task:
    """Do all that can be done for a task in progress now, and then for the one whose turn to be merged has come with that; returns its
    record.

    Another process that is at the same task for longer than `patience` seconds: nothing is done.
    """
    task = last = _settle(world, slug, id, patience)
    with contextlib.suppress(OrchError):  # the task's own are done with; the next tick sees to the others
        while last.get("queued_at") and not (last["status"] == "in_progress" and due.able(world, last)):
            following = turn.first(world, slug)
            if following is None or due.unsettled(following):
                break
            last = _settle(world, slug, following["id"])
    return task


def _settle(world: World, slug: str, id: str, patience: float = 0.0) -> Task:
    task = local.get(world, slug, id)
    if task["status"] != "in_progress" and not due.unsettled(task):
        return task
    held = lock.take(os.path.join(local.where(world, slug, id), "settle.lock"), patience=patience)
    before = task = local.get(world, slug, id)
    if held is None:
        return task
    try:
        for _ in range(ROUNDS):
            after = step(world, task)
            if after["seq"] == task["seq"]:
                break
            task = after
    finally:
        os.close(held)
    if task["seq"] != before["seq"]:  # else whoever looks in vain would be woken to look again
        wake.ring(world.home)  # a slot is free, or a task waits to be routed again
    return task


def step(world: World, task: Task) -> Task:
    """One step; the same record when there is nothing to do now."""
    if task["status"] != "in_progress":
        return _keep(world, task) if due.unsettled(task) else task
    name = task.get("attempt")
    if not name:
        return fail.record(world, task, "lost", "it is in progress without an attempt")
    folder = world.home.attempt(task["project"], task["id"], name)
    if due.unsettled(task):
        return _take_in(world, task, folder) if _over(world, folder) else task
    if not due.come(world, task):
        return task
    config = configs.load(world, task["project"])
    try:
        if turn.queues(task, config) and (other := turn.ahead(world, task)):
            return turn.wait(world, task, other)
        ready = publish.aim(world, task, config)
        if ready["seq"] != task["seq"]:
            return ready
        if verify.needed(task, config):
            return verify.start(world, task, config)
        return publish.apply(world, task, config)
    except OrchError as error:
        return publish.failed(world, task, error)


def _over(world: World, folder: str) -> bool:
    """Whether an attempt has ended; one that is lost is buried, one that is stuck is killed."""
    state = claim.state(folder) if os.path.isdir(folder) else "ended"
    if state == "running":
        recover.overdue(folder)
    return state == "ended" or (state == "lost" and recover.lost(world, folder))


def _keep(world: World, task: Task) -> Task:
    """Keep what the last attempt of a task that was stopped has committed, so that a person can see it, accept it or go on from it."""
    name = str(task["attempt"])
    folder = os.path.join(local.where(world, task["project"], task["id"]), "attempts", name)
    if not _over(world, folder):
        return task
    fields: dict[str, Any] = {"settled": name}
    found = None
    with contextlib.suppress(NotFound, BadData):  # its files are gone or torn: there is nothing to keep it by
        spec, exit, prepared = _read(folder)
        found = _evidence(world, spec, prepared, exit, folder)[0] if spec["kind"] == "work" else None
    if found and found.get("commits"):
        fields.update(base=found["base"], head=found["head"])
    if task["status"] == "needs_review":
        fields["why"] = str(task.get("why") or "") + _aside(found)  # it can be accepted now
    kept = f", with {count(found['new_commits'], 'commit')}" if found else ""
    return _record(world, task, fields, f"attempt {name} was stopped{kept}")


def _take_in(world: World, task: Task, folder: str) -> Task:
    try:
        spec, exit, prepared = _read(folder)
    except (NotFound, BadData) as error:
        return fail.record(world, task, "lost", f"its attempt cannot be read: {error.message}", fields={"settled": task.get("attempt")})
    if spec["kind"] == "verify":
        return verify.take_in(world, task, folder, spec, exit)
    return _work(world, task, folder, spec, exit, prepared)


def _read(folder: str) -> tuple[Spec, Exit, Prepared | None]:
    spec, exit = (files.read_json(os.path.join(folder, name)) for name in ("spec.json", "exit.json"))
    return cast(Spec, spec), cast(Exit, exit), cast(Prepared | None, files.find_json(os.path.join(folder, "prepared.json")))


def _work(world: World, task: Task, folder: str, spec: Spec, exit: Exit, prepared: Prepared | None) -> Task:
    """Conclude a work attempt."""
    found, trouble = _evidence(world, spec, prepared, exit, folder)
    agents = configs.load(world, task["project"])
    said = replies.read(folder, spec, agents)
    # a claim without commits does not make up for the failure before it, else every second one would be checked again
    before = [failure["kind"] for failure in task.get("failures") or [] if failure["kind"] != "no_evidence"]
    end = conclude.conclude(exit, found, said, failed_before=before[-1] if before else None)
    if end.kind == "no_change" and trouble:  # whether it is unchanged is what nobody can tell
        end = conclude.failed(Fault("no_evidence", "it declares that nothing was to be done, but its checkout cannot be read"))
    if end.kind == "done" and exit.get("reason") == "lost" and found and not _committed(world, spec, found["head"]):
        end = conclude.failed(Fault("lost", "it reported that it was done, and was lost before its last changes were committed"))
    files.replace_json(os.path.join(folder, "reply.json"), {
        "v": 1, **(said.reply or {}), "concluded": end.kind, "class": end.fault.kind if end.fault else None, "text": end.text,
    }, durable=False)  # for people; what follows from it is in the record
    fields: dict[str, Any] = {"settled": spec["attempt"]}
    if prepared:
        fields["base"] = found["base"] if found else prepared["base"]
    if found and found.get("commits"):
        fields["head"] = found["head"]
    learned = [*(task.get("learnings") or []), *((said.reply or {}).get("learnings") or [])]
    if learned:
        fields["learnings"] = list(dict.fromkeys(learned))[-20:]
    left = _left_out(exit)
    if left or (said.reply and said.reply.get("summary")):
        fields["summary"] = ((said.reply or {}).get("summary", "") + left).strip()
    if end.fault:
        text = end.fault.text + (f" ({trouble})" if trouble else "") + left
        when = reset.moment(end.fault.reset, _ended(world, spec, exit)) if end.fault.reset else None
        return fail.record(world, task, end.fault.kind, text, reset=when, fields=fields, aside=_aside(found))
    if end.kind == "no_change":
        return _record(world, task, {**fields, "status": "done", "resolution": "no_change", "why": end.text}, f"the agent says: {end.text}")
    if end.kind == "person":
        return _record(world, task, {**fields, "status": "needs_review", "why": end.text + _aside(found)}, end.text)
    assert found is not None  # `done` needs commits
    stop = evidence.objection(found)
    if stop:
        why = f"{stop}; look at it (orch diff {task['id']}), then `orch publish --accept {task['id']}` or `orch task retry {task['id']}`"
        return _record(world, task, {**fields, "candidate": found["head"], "status": "needs_review", "why": why}, stop)
    fields.update(candidate=found["head"], onto=None, why="its work is being checked")
    return _record(world, task, fields, f"the agent says: {end.text}")


def _ended(world: World, spec: Spec, exit: Exit) -> datetime:
    """When the attempt ended, which is about when its agent said its last words, in the zone in which that agent tells the time."""
    from orch.host import zone

    place: tzinfo = UTC  # as the C library takes a TZ that names no zone
    with contextlib.suppress(BadData):
        place = zone.local(spec.get("env") or world.env)
    moment = world.now()
    with contextlib.suppress(BadData):
        moment = min(moment, clock.parse(exit.get("ended_at") or ""))
    return moment.astimezone(place)


def _evidence(world: World, spec: Spec, prepared: Prepared | None, exit: Exit, folder: str) -> tuple[Evidence | None, str]:
    """Keep the commits in the mirror and say what they are; None when there is no checkout to read, with the reason if that is a fault.

    raises what says nothing of the work: another git, one that was killed or is missing, a full disk
    """
    if not prepared or not os.path.isdir(spec["checkout"]):
        return None, ""
    try:
        mirror.keep(world, spec["project"], spec["task"], spec["attempt"], spec["checkout"], spec["branch"])
        found = evidences.gather(world, spec, prepared, exit)
    except OrchError as error:
        if error.retry or isinstance(error, Unavailable):  # git is being installed anew, say
            raise
        return None, error.message
    files.replace_json(os.path.join(folder, "evidence.json"), cast(dict[str, Any], found), durable=False)  # or it is gathered again
    return found, ""


def _committed(world: World, spec: Spec, head: str) -> bool:
    """Whether nothing in the checkout is left to be committed; what cannot be told is no yes."""
    from orch.flow import snapshot
    from orch.host.git import Git

    try:
        return snapshot.committed(Git.of(world.env), world.home.mirror(spec["project"]), spec["checkout"], head)
    except OrchError as error:
        if error.retry or isinstance(error, Unavailable):
            raise
        return False


def _left_out(exit: Exit) -> str:
    said = [f"{each['path']} ({each.get('why')})" for each in exit.get("left_out") or []]
    more = f" and {len(said) - 5} more" if len(said) > 5 else ""
    failed = f" ({exit.get('uncommitted')})" if exit.get("uncommitted") else ""
    return failed + (f" (not committed: {', '.join(said[:5])}{more})" if said else "")


def _aside(found: Evidence | None) -> str:
    """What a person who may accept the work has to know of it, to be put behind the reason why he is asked."""
    stop = evidence.objection(found) if found else None
    return f"; its work {stop}" if stop else ""


def _record(world: World, task: Task, fields: dict[str, Any], text: str) -> Task:
    def decide(fresh: Task) -> Change | None:
        return Change(fields, "concluded", text) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)
