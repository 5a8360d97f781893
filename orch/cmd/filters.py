"""The options that choose among tasks, alike in all commands that have them. Each may be given several times or as a list with commas."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from orch.core import names
from orch.core.select import Wanted
from orch.errors import Usage
from orch.flow import project as projects
from orch.host.world import World
from orch.records import SOURCES, STATUSES

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--status", "-s", multiple=True, metavar="STATUS", help="Only tasks in this status."),
    click.option("--label", "-l", multiple=True, metavar="LABEL", help="Only tasks that have this label; given twice, both."),
    click.option("--project", "-p", multiple=True, metavar="O/R", help="Only tasks of this project."),
    click.option("--source", multiple=True, metavar="SOURCE", help=f"Only tasks from here: {', '.join(SOURCES)}."),
    click.option("--agent", multiple=True, metavar="AGENT", help="Only tasks of this agent."),
    click.option("--priority", multiple=True, type=int, metavar="N", help="Only tasks of this priority."),
)


def options(function: F) -> F:
    """Give a click callback the parameters status, label, project, source, agent and priority."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wanted(given: dict[str, Any]) -> Wanted:
    """The filter that the options say. raises Usage for a status or a source that there is not"""
    statuses, sources = flat(given["status"]), flat(given["source"])
    _known("status", statuses, STATUSES)
    _known("source", sources, SOURCES)
    return Wanted(statuses, flat(given["label"]), sources, flat(given["agent"]), tuple(given["priority"]))


def slugs(world: World, chosen: Sequence[str]) -> list[str]:
    """The projects that are named, or all. raises NotFound"""
    known = projects.slugs(world)
    return list(dict.fromkeys(projects.here(world, each) for each in flat(chosen))) if chosen else known


def flat(values: Iterable[str]) -> tuple[str, ...]:
    """The items of repeated options and of lists with commas, in order, each once."""
    return tuple(dict.fromkeys(item.strip() for value in values for item in value.split(",") if item.strip()))


def _known(what: str, given: Iterable[str], choices: Sequence[str]) -> None:
    for each in given:
        if each not in choices:
            near = names.nearest(each, choices)
            raise Usage(f"no such {what}: {each!r}", f"did you mean {near}?" if near else f"there are {', '.join(choices)}")
