"""`orch task add`: one task from the command line, or many from a file of JSON Lines."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from orch.cmd import given as givens
from orch.cmd import out
from orch.core import task as life
from orch.core import text
from orch.errors import BadData, Usage
from orch.flow import add, bulk
from orch.host import wake
from orch.host.world import World
from orch.records import COMPLEXITIES, FINISHES, Task


@click.command(short_help="add a task, or many from a file")
@click.argument("title", required=False)
@click.option("--body", "-b", metavar="TEXT|@FILE|-", help="The task's text; @FILE reads it from a file, - from standard input.")
@click.option("--label", "-l", multiple=True, metavar="LABEL", help="A label, or several with commas; may be repeated.")
@click.option("--priority", metavar="N", help="Higher runs first; 0 when not given.")
@click.option("--depends-on", "-d", multiple=True, metavar="TASK", help="Wait until this task is done; may be repeated.")
@click.option("--parent", metavar="TASK", help="Make it a child of this task, which waits for it.")
@click.option("--agent", "-a", metavar="AGENT", help="The agent that is to work on it.")
@click.option("--model", "-m", metavar="MODEL", help="The model that the agent is to use.")
@click.option("--complexity", metavar="WORD", help=f"One of {', '.join(COMPLEXITIES)}.")
@click.option("--project", "-p", metavar="O/R", help="The project; else the one around this directory, or the only one.")
@click.option("--verify", multiple=True, metavar="COMMAND", help="Check the result with this instead of the project's commands.")
@click.option("--finish", metavar="WORD", help=f"What happens to the result: {' or '.join(FINISHES)}.")
@click.option("--timeout", metavar="DURATION", help="End an attempt after this long: 90, 5m, 2h.")
@click.option("--from", "source", metavar="FILE|-", help="Add a task for each line of JSON, all or nothing.")
@click.option("--dry-run", "-n", is_flag=True, help="Check everything, show what would be added, and add nothing.")
@click.option("--json", is_flag=True, help="Print the records as JSON Lines instead of the ids.")
@click.pass_obj
def command(world: World, /, title: str | None, source: str | None, dry_run: bool, json: bool, project: str | None, **given: Any) -> int:
    """Add a task called TITLE and print its id.

    With --from, each line is an object with title, body, labels, priority, depends_on, parent, agent, model, complexity, project,
    verify, finish, timeout; `ref` names the line for the depends_on and parent of others, and `key` makes a line
    that is added again give the task that is there already, as it is.
    """
    raw = {key: value for key, value in given.items() if value not in (None, ())}
    if source is not None:
        if title is not None or raw:
            raise Usage("--from takes everything from the file", "leave out the title and the other fields")
        made = _many(world, source, project, dry_run)
    else:
        if title is None:
            raise Usage("no title", "write: orch task add TITLE [--body TEXT] ..., or --from FILE")
        raw = {"title": title, "labels": raw.pop("label", ()), **raw}
        if "body" in raw:
            raw["body"] = givens.body(world, raw["body"])
        made = bulk.Made([_dry(world, raw, project) if dry_run else add.one(world, raw, project)], 0)
    if not dry_run:
        wake.ring(world.home)
    _show(made, dry_run, json)
    return 0


def _dry(world: World, raw: dict[str, Any], project: str | None) -> Task:
    slug, wanted = add.check(world, raw, project)
    return life.new(wanted, "-", slug, world.now_text())


def _many(world: World, source: str, project: str | None, dry: bool) -> bulk.Made:
    from orch.cmd.progress import Progress  # one task needs none

    try:
        with Progress(world.env) as progress:
            return bulk.many(world, _lines(world, source), project, dry, progress.tell)
    except bulk.BadLines as error:
        for problem in error.problems:
            out.say(text.clean(problem))
        raise


def _lines(world: World, source: str) -> Iterator[tuple[int, Any]]:
    """(number, value) of each line that is not blank; a line that is not JSON gives its error as the value."""
    import json

    for number, line in enumerate(givens.read(world, source).removeprefix(givens.BOM).split(b"\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                yield number, BadData(f"not JSON ({error})")


def _show(made: bulk.Made, dry: bool, json: bool) -> None:
    if json:
        for task in made.tasks:
            out.json_line(task)
        return
    fresh = len(made.tasks) - made.there
    if len(made.tasks) == fresh == 1:
        task = made.tasks[0]
        labels = f" [{', '.join(task['labels'])}]" if task["labels"] else ""
        out.say(f"{'would add' if dry else 'added'} to {task['project']}: {text.clean(task['title'] + labels)}")
    else:
        there = f"; {made.there} {'was' if made.there == 1 else 'were'} there already" if made.there else ""
        out.say(f"{'would add' if dry else 'added'} {text.count(fresh, 'task')}{there}")
    if not dry:
        out.text("".join(task["id"] + "\n" for task in made.tasks))
