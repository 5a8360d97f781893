"""Tasks for people: a table, one line. Pure: the width is an argument, and colours are the business of whoever prints.

A piece of a line is (text, colour); colour is a word of host/tty.py or empty.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from orch.core import clock, select, text
from orch.errors import BadData
from orch.records import Task

Piece = tuple[str, str]
COLUMNS = ("ID", "STATUS", "PRI", "AGENT", "PROJECT", "AGE", "TITLE")
ROOM = 24  # cells of a title at least, as long as there is something to give up for it
NARROW = 20  # cells in which nothing can be said: then the terminal breaks the lines
SHORT = 14  # cells of a shortened project
COLOURS = {
    "new": "cyan", "routed": "blue", "in_progress": "yellow", "in_review": "magenta",
    "blocked": "dim", "needs_review": "red", "done": "green",
}


def status(task: Task) -> str:
    """The status, and for a done task how it ended unless it ended well."""
    resolution = task.get("resolution")
    return f"done ({resolution})" if resolution not in (None, "completed") else task["status"]


def name(task: Task, several: bool) -> str:
    """The id; of an issue with its project when there are several, for issues of two projects may have one number."""
    return f"{task['project']}#{task['id']}" if several and not task["id"].startswith("int-") else task["id"]


def colour(task: Task) -> str:
    return "dim" if task.get("resolution") in ("cancelled", "duplicate") else COLOURS.get(task["status"], "")


def age(moment: str | None, now: datetime) -> str:
    """How long ago, in one unit: `42s`, `5m`, `3h`, `12d`; empty when nobody knows."""
    try:
        seconds = (now - clock.parse(moment)).total_seconds() if moment else 0
    except BadData:
        return "?"
    return clock.span(seconds).split(" ")[0] if moment else ""


def table(tasks: Sequence[Task], now: datetime, width: int | None = None) -> list[list[Piece]]:
    """One line per task below a head. Columns that would be empty are left out; titles are cut to the width, when there is one, and
    when that leaves too little of them, the projects are shortened and other columns go."""
    wanted = {"PROJECT": len({task["project"] for task in tasks}) > 1, "AGENT": any(map(select.agent, tasks)),
              "PRI": any(task.get("priority") for task in tasks)}
    words = [word for word in COLUMNS if wanted.get(word, True)]
    for spare in ("", "PROJECT", "AGE", "AGENT", "PRI"):
        if spare != "PROJECT" and spare in words:
            words.remove(spare)
        cells = text.columns(_rows(tasks, words, now, bool(spare)), right=[words.index(word) for word in ("PRI", "AGE") if word in words])
        used = sum(text.width(cell) for cell in cells[0][:-1])
        if width is None or width - used >= ROOM or width - used >= max(text.width(cell[-1]) for cell in cells):
            break
    if width is not None:
        for line in cells:
            line[-1] = text.cut(line[-1], width - used)
    lines: list[list[Piece]] = [[("".join(cells[0]), "dim")]]
    for task, line in zip(tasks, cells[1:], strict=True):
        lines.append([(line[0], ""), (line[1], colour(task)), ("".join(line[2:]), "")])
    return lines if width is None or used <= width else [fit(line, width) for line in lines]


def _rows(tasks: Sequence[Task], words: Sequence[str], now: datetime, short: bool) -> list[list[str]]:
    show: dict[str, Callable[[Task], str]] = {
        "ID": lambda task: task["id"], "STATUS": status, "PRI": lambda task: str(task.get("priority") or ""), "AGENT": select.agent,
        "PROJECT": lambda task: text.cut(task["project"].split("/")[1], SHORT) if short else task["project"],
        "AGE": lambda task: age(task.get("created_at"), now), "TITLE": titled,
    }
    chosen = [show[word] for word in words]
    return [list(words), *([each(task) for each in chosen] for task in tasks)]


def titled(task: Task) -> str:
    """The title with the labels behind it."""
    labels = task.get("labels")
    return f"{task['title']}  [{', '.join(labels)}]" if labels else task["title"]


def line(task: Task) -> list[Piece]:
    """One task on one line: `int-5 (blocked) title: waits for int-4`."""
    why = task.get("why") if task["status"] in ("blocked", "needs_review") else ""
    tail = f": {text.clean(why)}" if why else ""
    return [*named(task), (text.clean(task["title"]) + tail, "")]


def named(task: Task) -> list[Piece]:
    """How a line about a task begins: `int-5 (blocked) `."""
    return [(task["id"], "bold"), (" (", ""), (status(task).replace(" (", ", ").rstrip(")"), colour(task)), (") ", "")]


def standing(task: Task) -> list[Piece]:
    """How a line about what became of a task begins: `int-5 is blocked: `."""
    return [(task["id"], "bold"), (" is ", ""), (task["status"], colour(task)), (": ", "")]


def hang(begin: list[Piece], words: str, colour: str, width: int | None) -> list[list[Piece]]:
    """Words behind a beginning: one line, or several of which the others begin below the words of the first, so that nothing is cut."""
    indent = sum(text.width(each) for each, _ in begin)
    if width is None or width - indent < NARROW:
        return [[*begin, (words, colour)]]
    first, *others = text.wrap(words, width - indent)
    return [[*begin, (first, colour)], *([(" " * indent, ""), (other, colour)] for other in others)]


def fit(pieces: Sequence[Piece], width: int | None) -> list[Piece]:
    """The pieces that fit into the width, the last one cut; all of them when there is no width."""
    if width is None:
        return list(pieces)
    kept, left = [], width
    for words, shade in pieces:
        kept.append((text.cut(words, left) if left > 0 else "", shade))
        left -= text.width(words)
    return kept
