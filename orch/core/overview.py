"""The board on one screen, as lines for people."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from orch.core import clock, names, select, text, view
from orch.core import task as life
from orch.core.view import Piece
from orch.errors import BadData, OrchError
from orch.records import STATUSES, Task

MANY = 15  # lines of one section; the rest is counted
TITLE = 40  # cells that a title gets beside long words; on a narrow line two fifths of what is left
WIDE = 72  # cells that it gets beside short ones
LATE = 60.0  # seconds after which a task that is still new shows that nobody ticks


class Board(NamedTuple):
    """The whole at one moment."""

    counts: dict[str, int]  # per status and "total", which is their sum
    running: list[dict[str, Any]]  # task, attempt, state, seconds, line
    waiting: list[Task]  # new, routed, blocked, in_review, and in_progress between two attempts
    person: list[Task]  # needs_review
    recent: list[Task]  # the last that were done, newest first
    size: int  # bytes below $ORCH_HOME and of the checkouts
    whole: bool  # False: there is more than size
    errors: list[OrchError]  # records that could not be read
    slots: int = 0  # how many attempts may run at once
    free: int = 0  # how many of them are free


def count(tasks: Iterable[Task]) -> dict[str, int]:
    """How many tasks there are of each status, and in total."""
    number = dict.fromkeys(STATUSES, 0)
    for task in tasks:
        number[task["status"]] += 1
    return {**number, "total": sum(number.values())}


def value(board: Board) -> dict[str, Any]:
    """The board as one JSON object."""
    return {"counts": board.counts, "running": board.running, "waiting": board.waiting, "needs_review": board.person,
            "recent": board.recent, "slots": board.slots, "free": board.free, "bytes": board.size, "bytes_complete": board.whole}


class Row(NamedTuple):
    """One task in a section: how it stands, in the middle column, and what there is to say beside its title."""

    task: Task
    state: str
    colour: str
    words: str


class Section(NamedTuple):
    title: str
    note: str
    rows: list[Row]
    all: str  # the command that shows all of them
    hint: str = ""


def lines(board: Board, now: datetime, width: int | None, many: int = MANY) -> list[list[Piece]]:
    """Counts, and then each section that is not empty, at most `many` tasks of each. Columns are the same in all sections."""
    counts = board.counts
    known = [(f"{number} {name}", view.COLOURS.get(name, "bold")) for name, number in counts.items() if number and name != "total"]
    found: list[list[Piece]] = [[(text.count(counts["total"], "task"), "bold")]]
    for number, piece in enumerate(known):
        found[0] += [(": " if number == 0 else ", ", ""), piece]
    sections = [section for section in _sections(board, now) if section.rows]
    several = len({row.task["project"] for section in sections for row in section.rows}) > 1
    shown = [section.rows[:many] for section in sections]
    rows = [row for some in shown for row in some]
    left = iter(text.columns([["", view.name(row.task, several), select.agent(row.task) or "-", row.state, ""] for row in rows]))
    for section, some in zip(sections, shown, strict=True):
        found += [[], [(section.title, "bold"), (f"  {section.note}" if section.note else "", "dim")]]
        found += _rows(some, [next(left) for _ in some], width)
        if len(section.rows) > many:
            found.append([(f"  ... and {len(section.rows) - many} more: {section.all}", "dim")])
        if section.hint:
            found.append([(f"  {section.hint}", "dim")])
    hints = list(_hints(board, now))
    found += [[], *([hint] for hint in hints)] if hints else []
    return [view.fit(line, width) for line in found]


def _rows(rows: list[Row], left: list[list[str]], width: int | None) -> Iterator[list[Piece]]:
    """The titles of a section are as wide as they must, and as narrow as the words beside them need."""
    titles = [text.clean(row.task["title"]) for row in rows]
    words = [text.clean(row.words) for row in rows]
    room = TITLE
    if width is not None and left:
        free = width - text.width("".join(left[0]))
        room = min(WIDE, max(free - max(map(text.width, words)) - 2, min(TITLE, free * 2 // 5))) if any(words) else free
        titles = [text.cut(title, room) for title in titles]
    room = min(room, max(map(text.width, titles)))
    for row, cells, title, said in zip(rows, left, titles, words, strict=True):
        space = " " * (max(0, room - text.width(title)) + 2) if said else ""
        yield [("".join(cells[:3]), ""), (cells[3], row.colour), (title + space, ""), (said, "dim")]


def _sections(board: Board, now: datetime) -> Iterator[Section]:
    runs = [Row(run["task"], _took(run), "yellow", run.get("line") or "") for run in board.running]
    taken = f"{board.slots - board.free} of {text.count(board.slots, 'slot')} taken" if board.slots else ""
    yield Section("running", taken, runs, "orch task live", "orch stream ID follows the output")
    waiting = sorted(board.waiting, key=lambda task: _turn(task, now))
    waits = [Row(task, task["status"], view.colour(task), reason(task, now, board.free)) for task in waiting]
    yield Section("waiting", "", waits, "orch task list --status new,routed,blocked,in_review")
    newest = sorted(board.person, key=lambda task: task.get("updated_at") or "", reverse=True)
    asks = [Row(task, view.age(task.get("updated_at"), now), "red", task.get("why") or "") for task in newest]
    hint = "orch task get ID tells more; orch task retry ID starts it again"
    yield Section("needs a person", "", asks, "orch task list --status needs_review", hint)
    ended = [Row(task, f"{view.age(task.get('done_at'), now)} ago", view.colour(task), task.get("why") or "") for task in board.recent]
    yield Section("ended", "", ended, "orch task list --status done")


def _turn(task: Task, now: datetime) -> tuple[object, ...]:
    """What goes on first comes first: what has begun, routed tasks as the tick takes them, those that wait for a time, new ones."""
    late = life.waits_until(task, clock.text(now))
    rank = {"in_progress": -1, "routed": 1 if late else 0, "new": 2, "in_review": 3}.get(task["status"], 4)
    return rank, late, -(task.get("priority") or 0), task["created_at"], names.order(task["id"])


def _hints(board: Board, now: datetime) -> Iterator[Piece]:
    """What a newcomer may have to do next."""
    if not board.counts["total"]:
        yield "orch init makes the repository here a project, orch task add TITLE adds a task", "dim"
    late = [task for task in board.waiting if task["status"] == "new" and _seconds(task.get("updated_at"), now) > LATE]
    if late:
        yield f"nobody has looked at {late[0]['id']} for {view.age(late[0]['updated_at'], now)}: run orch tick, or orch serve", "yellow"


def reason(task: Task, now: datetime, free: int = 0) -> str:
    """Why a task waits, and until when if that is known."""
    left = -_seconds(life.waits_until(task, clock.text(now)), now)
    why = task.get("why") or ""
    if task["status"] == "in_progress":
        why = why or "its work is being checked"
    if task["status"] == "new":
        why = why or "waits to be routed"
    if task["status"] == "routed" and (left <= 0 or not why):
        why = "starts at the next tick" if free else "waits for a free slot"
    return f"in {clock.span(left)}: {why}" if left > 0 else why


def _seconds(moment: str | None, now: datetime) -> float:
    """How long ago; 0 when nobody knows."""
    try:
        return (now - clock.parse(moment)).total_seconds() if moment else 0.0
    except BadData:
        return 0.0


def room(size: int, whole: bool, root: str) -> str:
    return f"\n{'' if whole else 'more than '}{text.size(size)} in {root}"


def _took(run: Mapping[str, Any]) -> str:
    return clock.span(run["seconds"]) if run.get("seconds") is not None else str(run.get("state") or "starting")
