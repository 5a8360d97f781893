"""Parents with their children below them, as lines for people."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orch.core import text, view
from orch.core.view import Piece
from orch.records import Task


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


def line(twig: Twig, width: int | None = None) -> list[Piece]:
    """`int-5 (blocked) title <- int-4`: the arrow names what it depends on. The title is cut so that the rest fits into the width."""
    task, needs = twig.task, twig.task.get("depends_on")
    begin: list[Piece] = [(twig.before, "dim"), *view.named(task)]
    end = f"  <- {', '.join(needs)}" if needs else ""
    why = task.get("why") if task["status"] == "needs_review" or (task["status"] == "blocked" and not needs) else ""
    title = text.clean(task["title"]) + (f": {text.clean(why)}" if why else "")
    if width is not None:
        title = text.cut(title, max(10, width - sum(text.width(words) for words, _ in begin) - text.width(end)))
    return view.fit([*begin, (title, ""), (end, "dim")], width)
