"""Everything about one task, as lines for people."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orch.core import clock, select, text, view
from orch.core.view import Piece
from orch.records import Event, Task

EVENTS = 10  # the last ones
_PLAIN = (
    "route", "model", "complexity", "not_before", "depends_on", "parent", "branch", "base", "head", "verified", "published", "summary",
)


def task(task: Task, runs: Sequence[Mapping[str, Any]], events: Sequence[Event], now: datetime, width: int | None) -> list[list[Piece]]:
    """The record, the attempts as a table, the last events; width cuts lines when it is given."""
    lines: list[list[Piece]] = [[(task["id"], "bold"), ("  " + text.clean(task["title"]), "bold")]]
    for name, value, colour in _facts(task, now):
        lines.append([(f"  {name:<11} ", "dim"), (text.clean(value), colour)])
    for failure in task.get("failures") or ():
        said = f"{failure.get('attempt')}: {failure.get('kind')}: {failure.get('text')}"
        lines.append([("  failed      ", "dim"), (text.clean(said), "red")])
    if task.get("body"):
        lines += [[], *([("  " + text.clean(line.replace("\t", "    ")), "")] for line in task["body"].splitlines())]
    if runs:
        lines += [[], *_runs(runs)]
    if events:
        lines.append([])
        lines += [[(event["at"][:19].replace("T", " ") + "  ", "dim"), (text.clean(_event(event)), "")] for event in events[-EVENTS:]]
    return [view.fit(line, width) for line in lines]


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
    return facts


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _runs(runs: Sequence[Mapping[str, Any]]) -> list[list[Piece]]:
    rows = [["ATTEMPT", "AGENT", "TOOK", "ENDED", "COMMITS", "RESULT"]]
    for run in runs:
        ended = run.get("reason", run["state"])
        if run.get("code") is not None:
            ended += f" {run['code']}"
        said = ": ".join(str(run[key]) for key in ("result", "text") if run.get(key))
        rows.append([run["attempt"], run.get("agent", ""), clock.span(run.get("seconds") or 0), ended, str(run.get("commits", "")), said])
    cells = text.columns(rows, right=[4])
    return [[("".join(cells[0]), "dim")], *([("".join(row), "")] for row in cells[1:])]


def _event(event: Event) -> str:
    return f"{event['event']}  {event.get('text') or ', '.join(event.get('set') or ())}"
