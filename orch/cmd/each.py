"""What the plumbing commands on tasks share: ids or records in, records out, and the worst status of all."""
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from orch.cmd import out
from orch.errors import OrchError
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task


def run(world: World, refs: Sequence[str], project: str | None, step: Callable[[str, Task], Task | None]) -> int:
    """Do `step` for each task that is named, in order, and show each record that it returns.

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
            named = "" if error.message.startswith(name) else f"{name}: "
            out.say(f"{named}{error.message}" + (f" ({error.hint})" if error.hint else ""))
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
