"""What the commands on several tasks share: ids or records in, records out, and the status of the first that failed."""
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from orch.cmd import out
from orch.errors import OrchError
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task


def run(world: World, who: str, refs: Sequence[str], project: str | None, step: Callable[[str, Task], Task | None]) -> int:
    """Do `step` for each task that is named, in order, and show each record that it returns.

    who   the command, for its messages: `orch route`
    refs  ids, or `-`: ids or JSON Lines on stdin, see out.ref
    One task's failure is told and stops none of the others; the status is that of the first failure.
    """
    status = 0
    for each in out.lines_in(refs):
        name = "standard input"
        try:
            name = out.ref(each)
            slug, task = tasks.find(world, name, project)
            after = step(slug, task)
        except OrchError as error:
            out.problem(who, error, name)
            status = status or error.code
            continue
        if after is not None:
            show(world, after)
    return status


def show(world: World, task: Task) -> None:
    """Print a record as one line of JSON; on a terminal, where a person reads, as a sentence."""
    if not sys.stdout.isatty():
        out.json_line(task)
        return
    from orch.cmd import paint
    from orch.core import text, view
    from orch.host.tty import Terminal

    terminal = Terminal(world.env)
    paint.lines(terminal, view.hang(view.standing(task), text.clean(task.get("why") or task["title"]), "", terminal.width))
