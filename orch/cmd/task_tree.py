"""`orch task tree`: parents with their children, and who waits for whom."""
from __future__ import annotations

import click

from orch.cmd import filters, out, paint
from orch.core import tree as trees
from orch.flow import tasks as found_by
from orch.host.tty import Terminal
from orch.host.world import World


@click.command(short_help="show parents, children and dependencies")
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option("--project", "-p", multiple=True, metavar="O/R", help="Only tasks of this project.")
@click.option("--all", "archived", is_flag=True, help="Archived tasks too.")
@click.option("--json", is_flag=True, help="Print one object per task: id, parent, depends_on, children, status, title.")
@click.pass_obj
def command(world: World, /, tasks: tuple[str, ...], project: tuple[str, ...], archived: bool, json: bool) -> None:
    """Show each parent with its children below it; `<-` names the tasks that one depends on. With TASKs, only what is below them."""
    slugs = filters.slugs(world, project)
    named = [found_by.find(world, each, slugs[0] if len(slugs) == 1 else None) for each in tasks]
    some, errors = found_by.open_tasks(world, slugs, archived)
    for error in errors:
        out.problem("orch task", error)
    known = {(task["project"], task["id"]) for task in some}
    some += [task for slug, task in named if (slug, task["id"]) not in known]
    shown = trees.tree(some, [(slug, task["id"]) for slug, task in named])
    if json:
        for twig in shown:
            task = {key: twig.task.get(key) for key in ("id", "project", "parent", "depends_on", "status", "title")}
            out.json_line({**task, "children": twig.children})
    elif shown:
        terminal = Terminal(world.env)
        paint.lines(terminal, [trees.line(each, terminal.width) for each in shown])
    else:
        out.say("no tasks")
