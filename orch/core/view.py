"""Tasks for people: a table, a tree, one line. Pure: the width is an argument, and colours are the business of whoever prints.

A piece of a line is (text, colour); colour is a word of host/tty.py or empty.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from orch.core import clock, select, text
from orch.errors import BadData
from orch.records import Task

Piece = tuple[str, str]
COLOURS = {
    "new": "cyan", "routed": "blue", "in_progress": "yellow", "in_review": "magenta",
    "blocked": "red", "needs_review": "red", "done": "green",
}


def status(task: Task) -> str:
    """The status, and for a done task how it ended unless it ended well."""
    resolution = task.get("resolution")
    return f"done ({resolution})" if resolution not in (None, "completed") else task["status"]


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
    """One line per task below a head. Columns that would be empty are left out; titles are cut to the width, when there is one."""
    projects = len({task["project"] for task in tasks}) > 1
    agents = any(select.agent(task) for task in tasks)
    urgent = any(task.get("priority") for task in tasks)
    shown = {"PRI": urgent, "AGENT": agents, "PROJECT": projects}
    head = [word for word in ("ID", "STATUS", "PRI", "AGENT", "PROJECT", "AGE", "TITLE") if shown.get(word, True)]
    rows = [head]
    for task in tasks:
        row = [task["id"], status(task)]
        if urgent:
            row.append(str(task.get("priority") or ""))
        if agents:
            row.append(select.agent(task))
        if projects:
            row.append(task["project"])
        row += [age(task.get("created_at"), now), titled(task)]
        rows.append(row)
    cells = text.columns(rows, right=[each for each, word in enumerate(head) if word in ("PRI", "AGE")])
    used = sum(text.width(cell) for cell in cells[0][:-1])
    if width:
        for line in cells:
            line[-1] = text.cut(line[-1], max(10, width - used))
    lines: list[list[Piece]] = [[("".join(cells[0]), "dim")]]
    for task, line in zip(tasks, cells[1:], strict=True):
        lines.append([(line[0], ""), (line[1], colour(task)), ("".join(line[2:]), "")])
    return lines


def titled(task: Task) -> str:
    """The title with the labels behind it."""
    labels = task.get("labels")
    return f"{task['title']}  [{', '.join(labels)}]" if labels else task["title"]


def line(task: Task) -> list[Piece]:
    """One task on one line: `int-5 (blocked) title: waits for int-4`."""
    why = task.get("why") if task["status"] in ("blocked", "needs_review") else ""
    tail = f": {text.clean(why)}" if why else ""
    words = status(task).replace(" (", ", ").rstrip(")")
    return [(task["id"], "bold"), (" (", ""), (words, colour(task)), (") " + text.clean(task["title"]) + tail, "")]


def fit(pieces: Sequence[Piece], width: int | None) -> list[Piece]:
    """The pieces that fit into the width, the last one cut; all of them when there is no width."""
    if width is None:
        return list(pieces)
    kept, left = [], width
    for words, shade in pieces:
        kept.append((text.cut(words, left) if left > 0 else "", shade))
        left -= text.width(words)
    return kept


class Twig(NamedTuple):
    """One line of a tree."""

    before: str  # the branches on its left
    task: Task
    children: list[str]


def tree(tasks: Iterable[Task], roots: Sequence[tuple[str, str]] = ()) -> list[Twig]:
    """Parents, each followed by its children. roots: (project, id), only these and what is below them; each task is there once."""
    found = {(task["project"], task["id"]): task for task in tasks}
    below: dict[tuple[str, str], list[tuple[str, str]]] = {}
    tops = []
    for key, task in found.items():
        parent = (task["project"], task.get("parent") or "")
        if parent in found:
            below.setdefault(parent, []).append(key)
        else:
            tops.append(key)
    twigs: list[Twig] = []
    waiting = [(key, "", "") for key in reversed(roots or tops)]
    drawn: set[tuple[str, str]] = set()
    while waiting:
        key, before, branch = waiting.pop()
        if key in drawn:
            continue
        drawn.add(key)
        children = below.get(key, [])
        twigs.append(Twig(before + branch, found[key], [id for _, id in children]))
        deeper = before + {"├─ ": "│  ", "└─ ": "   ", "": ""}[branch]
        waiting += [(child, deeper, "└─ " if child == children[-1] else "├─ ") for child in reversed(children)]
    return twigs


def twig(each: Twig) -> list[Piece]:
    needs = each.task.get("depends_on")
    return [(each.before, "dim"), *line(each.task), (f"  <- {', '.join(needs)}" if needs else "", "dim")]
