"""Events for people: a line of orch.log, or of a task's own history."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orch.core import text, view
from orch.core.view import Piece
from orch.records import STATUSES

STATUS = max(map(len, STATUSES))


def lines(events: Sequence[Mapping[str, Any]], several: bool, width: int | None, name: int = 0) -> list[list[Piece]]:
    """When, which task, its status after the event, what happened.

    several  there are tasks of several projects, so that the project is named too
    name     cells that names took in lines before these
    """
    names = [title(event, several) for event in events]
    wide = max([name, *map(text.width, names)])
    shown: list[list[Piece]] = []
    for event, who in zip(events, names, strict=True):
        status = str(event.get("status") or (event.get("set") or {}).get("status") or "")
        begin = [(moment(event) + "  ", "dim"), (who + " " * (wide - text.width(who)) + "  ", "bold"),
                 (f"{status:<{STATUS}}  ", view.COLOURS.get(status, ""))]
        shown += view.hang(begin, text.clean(words(event)), "", width)
    return shown


def title(event: Mapping[str, Any], several: bool) -> str:
    project, task = str(event.get("project") or ""), str(event.get("task") or "")
    return text.clean(f"{project}#{task}" if several and task else task or project)


def moment(event: Mapping[str, Any]) -> str:
    return str(event.get("at") or "")[:19].replace("T", " ") + "Z"


def words(event: Mapping[str, Any]) -> str:
    return str(event.get("text") or f"{event.get('event')}: {', '.join(event.get('set') or ())}")
