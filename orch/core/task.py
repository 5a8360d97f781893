"""A task's life: the statuses' moves, how a record begins, changes and is reset. Values only; stores/local.py writes them down.

    new(draft, id, slug, now)   the record of a task that has just been made, and `born` its first event
    apply(task, change, now)    the record and the event after a Change; the only place where seq, updated_at and done_at move
    reset(task)                 the fields that `retry` and `unblock` set: THE list of what a fresh start forgets
    waits_until(task, now)      the time before which nothing happens with it
    fold(events)                the record again, from its history
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import contains
from typing import Any, NamedTuple, cast

from orch.core import clock, names
from orch.errors import BadData, NotAllowed
from orch.records import RESOLUTIONS, STATUSES, VERSION, Event, Task

# from -> to -> when (design section 7). A status that stays the same is no move. Everything that is not here is an error.
TRANSITIONS: dict[str, dict[str, str]] = {
    "new": {
        "routed": "an agent was chosen",
        "blocked": "a dependency or a child is open, the project is missing, or no checkout can be made",
        "needs_review": "killed, no agent can be chosen, or a dependency was cancelled",
        "done": "cancelled",
    },
    "routed": {
        "in_progress": "an attempt was claimed",
        "blocked": "a dependency or a child is open, the project is missing, or no checkout can be made",
        "new": "the chosen agent is no longer configured",
        "needs_review": "killed, or a dependency was cancelled",
        "done": "cancelled",
    },
    "in_progress": {
        "in_review": "verified, and somebody outside decides about the merge",
        "routed": "a failure that is worth another attempt",
        "blocked": "infrastructure failed, or children were made that come first",
        "needs_review": "the agent asks for help, the attempts are used up, the failure needs a person, or it was killed",
        "done": "verified and published, a declared no-op, or cancelled",
    },
    "in_review": {
        "done": "merged, or cancelled",
        "routed": "changes were requested",
        "needs_review": "closed without a merge, or killed",
    },
    "blocked": {
        "new": "everything that it waited for is done, or a person unblocked it",
        "needs_review": "killed, or a dependency was cancelled",
        "done": "cancelled",
    },
    "needs_review": {
        "new": "a person retried or unblocked it",
        "in_progress": "a person accepted the work that was stopped",
        "done": "cancelled",
    },
    "done": {
        "new": "a person retried it",
    },
}

NEWER = "written by a newer orch"
FIXED = ("v", "seq", "id", "project", "created_at")  # set once, by `new`; no change may name them


# What a value must be when it is there and not null; a record that breaks this is set aside before it can stop anybody.
SHAPES: dict[str, type] = {
    **dict.fromkeys(("priority", "attempts"), int),
    **dict.fromkeys(("labels", "depends_on", "chain", "failures", "learnings"), list),
    "options": dict,
    **dict.fromkeys((
        "body", "source", "key", "resolution", "why", "parent", "agent", "model", "complexity", "route", "attempt", "settled", "not_before",
        "branch", "base", "head", "candidate", "onto", "queued_at", "verified", "published", "summary", "updated_at", "done_at",
    ), str),
}
TEXTS = ("labels", "depends_on", "chain", "learnings")  # of the lists, those that hold texts
OPTIONS: dict[str, type] = {**dict.fromkeys(("agent", "model", "complexity", "finish"), str), "timeout": int, "verify": list}
DEEP = 100  # lists and objects inside of each other; json reads and writes some hundreds, and fewer where the stack is full already
DEEPER = f"has more than {DEEP} lists and objects inside of each other"


class Change(NamedTuple):
    """What one event does to a record: the fields with their new values, the event's name, and a line for people."""

    fields: Mapping[str, Any]
    event: str = "set"
    text: str = ""


def check_move(old: str, new: str, what: str = "a task") -> None:
    """raises NotAllowed, naming both statuses, unless the table has the move or nothing moves"""
    if new not in STATUSES:
        raise BadData(f"{what}: no such status: {new!r}", f"the statuses are {', '.join(STATUSES)}")
    if new == old or new in TRANSITIONS[old]:
        return
    ways = ", ".join(TRANSITIONS[old])
    raise NotAllowed(f"{what}: cannot go from {old} to {new}", f"from {old} it can go to: {ways}")


def new(draft: Mapping[str, Any], id: str, slug: str, now: str) -> Task:
    """The record of a new task. draft is a core.draft.Draft that has no problems; now is a time text."""
    task: Task = {
        "v": VERSION, "seq": 1, "id": id, "project": slug,
        "title": draft["title"], "body": draft.get("body") or "",
        "source": draft.get("source") or "local", "status": "new", "resolution": None, "why": "",
        "labels": list(draft.get("labels") or ()), "priority": draft.get("priority") or 0,
        "depends_on": list(draft.get("depends_on") or ()), "parent": draft.get("parent"),
        "options": cast(Any, dict(draft.get("options") or {})),
        "agent": None, "model": None, "complexity": None, "route": None, "chain": [],
        "attempts": 0, "attempt": None, "settled": None, "not_before": None,
        "branch": None, "base": None, "head": None, "candidate": None, "onto": None, "queued_at": None, "verified": None,
        "published": None, "failures": [], "learnings": [], "summary": None,
        "created_at": now, "updated_at": now, "done_at": None,
    }
    if draft.get("key"):
        task["key"] = draft["key"]
    return task


def born(task: Task, text: str = "") -> Event:
    """The first event of a record: it holds all of it, so that the history alone can bring the record back."""
    return _event(task, Change(dict(task), "created", text or f"created by {task['source']}"), task["created_at"])


def apply(task: Task, change: Change, now: str) -> tuple[Task, Event]:
    """The record after the change, and the event that says so. raises NotAllowed for a move that the table does not have

    A move to done sets done_at, a move away from it clears done_at and resolution; a move without a reason of its own
    takes the event's text as `why`.
    """
    fields = dict(change.fields)
    what = f"{task['project']}#{task['id']}"
    fixed = [key for key in FIXED if key in fields]
    if fixed:
        raise BadData(f"{what}: {', '.join(fixed)} cannot be changed")
    old, new = task["status"], fields.get("status", task["status"])
    check_move(old, new, what)
    if new != old:
        fields.setdefault("why", change.text)
        fields.setdefault("done_at", now if new == "done" else None)
        if new != "done":
            fields["resolution"] = None
    if new == "done" and (fields.get("resolution") or task.get("resolution")) not in RESOLUTIONS:
        raise BadData(f"{what}: done needs a resolution: {', '.join(RESOLUTIONS)}")
    after = cast(Task, {**task, **fields, "seq": task["seq"] + 1, "updated_at": now})
    moved = {key: value for key, value in fields.items() if key not in task or cast(Any, task)[key] != value}
    return after, _event(after, change._replace(fields=moved), now)


def _event(task: Task, change: Change, at: str) -> Event:
    return {"v": VERSION, "seq": task["seq"], "at": at, "task": task["id"], "project": task["project"],
            "event": change.event, "text": change.text, "set": dict(change.fields)}


def reset(task: Task) -> dict[str, Any]:
    """The fields of a fresh start. What the person asked for stays, and so do branch, base, head and learnings, so that the next
    attempt goes on with the work; attempt and settled stay too, for attempt directories only ever go up."""
    fields: dict[str, Any] = {
        "status": "new", "resolution": None, "why": "", "agent": None, "model": None, "complexity": None, "route": None, "chain": [],
        "attempts": 0, "failures": [], "not_before": None, "candidate": None, "onto": None, "queued_at": None,
        "verified": None, "published": None, "summary": None, "done_at": None,
    }
    return {key: value for key, value in fields.items() if key in task or key == "status"}


FAR = 2 * 3600  # seconds; what is in progress waits for an hour at most


def waits_until(task: Task, now: str) -> str:
    """The time text before which nothing is to happen with the task; empty when it has come.

    A time that was set by a clock that was ahead does not count: the record was changed later than now, or the time is farther than any
    that is set for a task in progress.
    """
    moment = task.get("not_before") or ""
    if moment <= now or (task.get("updated_at") or "") > now:
        return ""
    return "" if task["status"] == "in_progress" and moment > clock.later(clock.parse(now), FAR) else moment


def fold(events: Iterable[Event]) -> Task | None:
    """The record as its history tells it; None when the history does not go back to its creation.

    What no record may hold (see `problem`) and an older orch, or a hand, put in all the same, is left out: what was there before stays.
    events   in the order of seq, each seq once
    """
    task: dict[str, Any] = {}
    for event in events:
        fields = event.get("set") or {}
        if event.get("event") == "created":
            task = {}
        elif (id := task.get("id")) and problem({**task, **fields}, id) and not problem(task, id):
            fields = {key: value for key, value in fields.items() if not problem({**task, key: value}, id)}
        task.update(fields)
        task.update(seq=event["seq"], updated_at=event["at"])
    return cast(Task, task) if {"v", "id", "project", "status", "title", "created_at"} <= task.keys() else None


def problem(record: Mapping[str, Any], id: str) -> str:
    """What keeps this from being the record of task `id`; empty when nothing does."""
    version = record.get("v")
    if not isinstance(version, int) or version < 1:
        return "no version"
    if version > VERSION:
        return f"{NEWER} (format {version}, this one knows {VERSION})"
    if record.get("id") != id:
        return f"it says that it is {record.get('id')!r}"
    if record.get("status") not in STATUSES:
        return f"no such status: {record.get('status')!r}"
    if not all(map(contains, _ALLOWED, map(type, map(record.get, _NAMES)))):  # this runs for each of ten thousand records
        key = next(key for key, good in zip(_NAMES, _ALLOWED, strict=True) if type(record.get(key)) not in good)
        return f"{key} is missing" if record.get(key) is None else f"{key} is not {_KINDS[{**SHAPES, **_NEEDED}[key]]}"
    for key in TEXTS:
        if (each := record.get(key)) and not _texts(each):
            return f"{key} is not a list of texts"
    if (faults := record.get("failures")) and not all(map(_failure, faults)):
        return "failures is not a list of objects with kind and text"
    for key, value in (record.get("options") or {}).items():
        if value is not None and (wrong := _option(key, value)):
            return f"options.{key} {wrong}"
    if "/" in (record.get("attempt") or "") or "/" in (record.get("settled") or ""):
        return "attempt is not the name of a directory"
    if (branch := record.get("branch")) and not names.is_branch(branch, id):
        return "branch is no branch of this task"
    if not _KNOWN.issuperset(record) and (key := next((key for key in record.keys() - _KNOWN if deep(record[key])), "")):
        return f"{key} {DEEPER}"
    return ""


def _option(key: str, value: Any) -> str:
    if key not in OPTIONS:
        return DEEPER if deep(value) else ""
    if type(value) is not OPTIONS[key]:
        return f"is not {_KINDS[OPTIONS[key]]}"
    return "is not a list of texts" if key == "verify" and not _texts(value) else ""


def _texts(value: Any) -> bool:
    return all(type(each) is str for each in value)


def _failure(value: Any) -> bool:
    """Whether readers can take it for a records.Failure."""
    if not isinstance(value, dict) or type(value.get("kind")) is not str or type(value.get("text")) is not str:
        return False
    return isinstance(value.get("files") or [], list) and _texts(value.get("files") or ()) and not deep(value)


def deep(value: Any) -> bool:
    """Whether a value of JSON goes deeper than a record may."""
    level = [value]
    for _ in range(DEEP):
        level = [each for one in level if isinstance(one, (dict, list)) for each in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return False
    return True


_NEEDED: dict[str, type] = {"seq": int, "title": str, "project": str, "created_at": str}
_KINDS = {int: "a whole number", str: "text", list: "a list", dict: "an object"}
_NAMES = (*_NEEDED, *SHAPES)
_KNOWN = frozenset((*_NAMES, "v", "id", "status", "source", "key"))
_ALLOWED = (*(frozenset((kind,)) for kind in _NEEDED.values()), *(frozenset((kind, type(None))) for kind in SHAPES.values()))
