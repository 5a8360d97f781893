"""`orch why`: which condition holds a task back, and when it is looked at next."""
from __future__ import annotations

import click

from orch.cmd import each, out, paint
from orch.core import text, view
from orch.flow import why
from orch.host.tty import Terminal
from orch.host.world import World
from orch.records import Task


@click.command(short_help="say what holds a task back, and what happens next")
@click.argument("tasks", nargs=-1, required=True, metavar="TASK...")
@click.option("--project", "-p", metavar="O/R", help="The project that the ids belong to.")
@click.option("--json", is_flag=True, help="Print JSON Lines.")
@click.pass_obj
def command(world: World, tasks: tuple[str, ...], project: str | None, json: bool) -> int:
    """Say for each TASK which condition holds it back, what happens next and when, and what you can do.

    TASK is an id, or - to read ids or JSON Lines from standard input.
    """
    scene: why.Scene | None = None

    def step(slug: str, task: Task) -> None:
        nonlocal scene
        scene = scene or why.look(world)  # once for all, and not for a task that is not there
        because = why.explain(world, task, scene)
        if json:
            out.json_line({"project": slug, "task": task["id"], "status": task["status"], **because._asdict()})
            return
        terminal = Terminal(world.env)
        head = view.standing(task)
        rows = [(head if because.holds else head[:-1], because.holds), ([("  next: ", "dim")], because.next)]
        for begin, words in [*rows, *([([("  you:  ", "dim")], because.hint)] if because.hint else [])]:
            paint.lines(terminal, view.hang(begin, text.clean(words), "", terminal.width))

    return each.run(world, "orch why", tasks, project, step)
