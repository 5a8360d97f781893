"""The board on one screen, as lines for people."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orch.core import clock, select, text, view
from orch.core.view import Piece
from orch.errors import BadData, OrchError
from orch.records import STATUSES, Task

MANY = 15  # lines of one section; the rest is counted
TITLE = 32  # cells of a title
_PERSON = "orch task get ID tells more; orch task retry ID starts it again"


class Board(NamedTuple):
    """The whole at one moment."""

    counts: dict[str, int]  # per status and "total", which is their sum
    running: list[dict[str, Any]]  # task, attempt, state, seconds, line
    waiting: list[Task]  # new, routed, blocked, in_review
    person: list[Task]  # needs_review
    recent: list[Task]  # the last that were done, newest first
    size: int  # bytes below $ORCH_HOME and of the checkouts
    whole: bool  # False: there is more than size
    errors: list[OrchError]  # records that could not be read


def count(tasks: Iterable[Task]) -> dict[str, int]:
    """How many tasks there are of each status, and in total."""
    number = dict.fromkeys(STATUSES, 0)
    for task in tasks:
        number[task["status"]] += 1
    return {**number, "total": sum(number.values())}


def lines(board: Board, now: datetime, width: int | None) -> list[list[Piece]]:
    """Counts, and then each section that is not empty."""
    counts, running, waiting, person, recent, *_ = board
    known = [(f"{number} {name}", view.COLOURS.get(name, "bold")) for name, number in counts.items() if number and name != "total"]
    head: list[Piece] = [(text.count(counts["total"], "task"), "bold")]
    for number, piece in enumerate(known):
        head += [(": " if number == 0 else ", ", ""), piece]
    found = [head]
    found += _section("running", [[*_name(run["task"]), _took(run), _title(run["task"]), run.get("line") or ""] for run in running], width)
    found += _section("waiting", [[*_name(task), view.status(task), _title(task), reason(task, now)] for task in waiting], width)
    found += _section("needs a person", [[*_name(task), _title(task), task.get("why") or ""] for task in person], width, _PERSON)
    ended = [[*_name(task), view.status(task), f"{view.age(task.get('done_at'), now)} ago", _title(task)] for task in recent]
    return found + _section("ended", ended, width)


def reason(task: Task, now: datetime) -> str:
    """Why a task waits, and until when if that is known."""
    why = task.get("why") or {"new": "waits to be routed", "routed": "waits for a free slot"}.get(task["status"], "")
    if task["status"] == "routed" and not task.get("failures"):
        why = "waits for a free slot"
    moment = task.get("not_before")
    try:
        left = (clock.parse(moment) - now).total_seconds() if moment else 0
    except BadData:
        return f"{why}; until a time that cannot be read: {moment}"
    return f"in {clock.span(left)}: {why}" if left > 0 else why


def room(size: int, whole: bool, root: str) -> str:
    return f"\n{'' if whole else 'more than '}{text.size(size)} in {root}"


def _name(task: Task) -> list[str]:
    return [task["id"], select.agent(task) or "-"]


def _title(task: Task) -> str:
    return text.cut(text.clean(task["title"]), TITLE)


def _took(run: Mapping[str, Any]) -> str:
    return clock.span(run["seconds"]) if run.get("seconds") is not None else str(run.get("state") or "starting")


def _section(title: str, rows: Sequence[list[str]], width: int | None, hint: str = "") -> list[list[Piece]]:
    if not rows:
        return []
    cells = text.columns([["", *row] for row in rows[:MANY]])
    found: list[list[Piece]] = [[], [(title, "bold"), (f"  ({hint})" if hint else "", "dim")]]
    for row in cells:
        line = "".join(row)
        found.append([(text.cut(line, width) if width else line, "")])
    if len(rows) > MANY:
        found.append([(f"  and {len(rows) - MANY} more", "dim")])
    return found
