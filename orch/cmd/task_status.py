"""`orch task status`: how many tasks are in which status."""
from __future__ import annotations

import click

from orch.cmd import filters, out, paint
from orch.core import overview, text, view
from orch.flow import tasks
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="count tasks by status")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="Only tasks of this project.")
@click.option("--json", is_flag=True, help="Print one object of counts.")
@click.pass_obj
def command(world: World, /, project: tuple[str, ...], json: bool) -> int:
    """Count the tasks that are open, or done but not archived yet, by status; the counts add up to the total."""
    found, errors = tasks.open_tasks(world, filters.slugs(world, project))
    for error in errors:
        out.problem("orch task", error)
    counts = overview.count(found)
    if json:
        out.json_line(counts)
    else:
        cells = text.columns([[name, str(number)] for name, number in counts.items()], right=[1])
        terminal = Terminal(world.env)
        paint.lines(terminal, [[(row[0], view.COLOURS.get(row[0].strip(), "bold")), (row[1], "")] for row in cells])
    return errors[0].code if errors else 0
