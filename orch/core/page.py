"""Everything about one task, as lines for people."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orch.core import clock, history, select, text, view
from orch.core.view import Piece
from orch.records import Event, Task

EVENTS = 10  # the last ones
_PLAIN = (
    "route", "model", "complexity", "not_before", "depends_on", "parent", "branch", "base", "head", "verified", "published", "summary",
)


def task(task: Task, runs: Sequence[Mapping[str, Any]], events: Sequence[Event], now: datetime, width: int | None) -> list[list[Piece]]:
    """The record, the attempts as a table, the last events. What is wider than the width goes on below itself: nothing is left out."""
    lines: list[list[Piece]] = view.hang([(task["id"] + "  ", "bold")], text.clean(task["title"]), "bold", width)
    facts = _facts(task, now)
    wide = max(len(name) for name, _, _ in facts)
    for name, value, colour in facts:
        lines += view.hang([(f"  {name:<{wide}}  ", "dim")], text.clean(value), colour, width)
    if task.get("body"):
        lines.append([])
        for line in task["body"].splitlines():
            lines += view.hang([("  ", "")], text.clean(line.replace("\t", "    ")), "", width)
    if runs:
        lines += [[], *_runs(runs, width)]
    if events:
        lines.append([])
        for moment, name, said in text.columns([[history.moment(each), each["event"], history.words(each)] for each in events[-EVENTS:]]):
            lines += view.hang([(moment, "dim"), (name, "")], said, "", width)
        if len(events) > EVENTS:
            before = text.count(len(events) - EVENTS, "event")
            lines.append([(f"... and {before} before: orch log --task {task['id']} {len(events)}", "dim")])
    hint = _next(task, bool(runs))
    return [*lines, *([[], [(hint, "dim")]] if hint else [])]


def _next(task: Task, began: bool) -> str:
    """What a person may want to do now."""
    id, status = task["id"], task["status"]
    if status == "in_progress":
        return f"orch stream {id} follows its output"
    if status == "needs_review":
        looks = [f"orch diff {id}"] * bool(task.get("head")) + [f"orch stream {id}"] * began
        more = f"{' and '.join(looks)} show{'s' if len(looks) == 1 else ''} more; then " if looks else ""
        return f"{more}orch task retry {id}, or orch task cancel {id}"
    if status == "done":
        return f"orch diff {id} shows what it changed" if task.get("published") else ""
    return f"orch why {id} says what comes next, and when"


def _facts(task: Task, now: datetime) -> list[tuple[str, str, str]]:
    status = view.status(task) + (f": {task['why']}" if task.get("why") else "")
    facts = [("status", status, view.colour(task)), ("project", task["project"], "")]
    if select.agent(task):
        facts.append(("agent", select.agent(task), ""))
    facts += [(name, _words(value), "") for name, value in ((name, task.get(name)) for name in _PLAIN) if value]
    if task.get("labels"):
        facts.append(("labels", ", ".join(task["labels"]), ""))
    if task.get("priority"):
        facts.append(("priority", str(task["priority"]), ""))
    facts += [(f"asked {name}", _words(value), "") for name, value in (task.get("options") or {}).items()]
    facts.append(("created", f"{task['created_at']} ({view.age(task['created_at'], now)} ago, {task.get('source')})", ""))
    if task.get("done_at"):
        facts.append(("done", f"{task['done_at']} ({view.age(task['done_at'], now)} ago)", ""))
    facts += [("learned", each, "") for each in task.get("learnings") or ()]
    for fault in task.get("failures") or ():
        facts.append(("failed", f"{fault.get('attempt')}: {fault.get('kind')}: {fault.get('text')}", "red"))
    return facts


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _runs(runs: Sequence[Mapping[str, Any]], width: int | None) -> list[list[Piece]]:
    rows = [["ATTEMPT", "AGENT", "TOOK", "ENDED", "COMMITS", "RESULT"]]
    for run in runs:
        ended = run.get("reason", run["state"])
        if run.get("code") is not None:
            ended += f" {run['code']}"
        said = ": ".join(str(run[key]) for key in ("result", "text") if run.get(key))
        rows.append([run["attempt"], run.get("agent", ""), clock.span(run.get("seconds") or 0), ended, str(run.get("commits", "")), said])
    head, *body = text.columns(rows, right=[4])
    lines: list[list[Piece]] = [[("".join(head), "dim")]]
    for run, row in zip(runs, body, strict=True):
        colour = "yellow" if run["state"] == "running" else ""
        lines += view.hang([(row[0], ""), (row[1], ""), (row[2], ""), (row[3], colour), (row[4], "")], row[5], "", width)
    return lines
