"""What commands share that act on several tasks: they are named, read from stdin (`-`), or chosen by --all and filters.

One task's failure is told and stops none of the others; the status is that of the first failure.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from orch.cmd import filters, out
from orch.cmd.progress import Progress
from orch.core import select, text
from orch.errors import OrchError, Usage
from orch.flow import tasks
from orch.host.world import World
from orch.records import STATUSES, Task

Step = Callable[[World, str, str], Task]
MANY = 20  # tasks of which each gets a line of its own; of more, only those that fail


def apply(world: World, refs: Sequence[str], given: dict[str, Any], statuses: Sequence[str], step: Step) -> int:
    """Do `step` (world, slug, id) for each task that is meant; tell what became of it, or print the record with --json.

    given     the values of filters.options and of the flags `all` and `json`
    statuses  those that --all means
    """
    todo: Iterable[tuple[str, str]] = meant(world, refs, given, statuses)
    total = 0
    if tuple(refs) != ("-",):  # whoever writes to us may wait for our answers
        todo = list(todo)
        total = len(todo)
    status, tally = 0, dict.fromkeys(STATUSES, 0)
    with Progress(world.env) as progress:
        for done, (slug, id) in enumerate(todo):
            progress.tell("working", done, total)
            try:
                slug, id = (slug, id) if slug else _found(world, id, given["project"])
                task = step(world, slug, id)
            except OrchError as error:
                progress.clear()
                out.problem("orch task", error, id)
                status = status or error.code
                continue
            tally[task["status"]] += 1
            if given["json"]:
                out.json_line(task)
            elif total <= MANY:
                progress.clear()
                out.say(f"{task['id']} is {task['status']}: {task.get('why') or 'as if it had just been added'}")
    if total > MANY and not given["json"]:
        for name, number in tally.items():
            if number:
                out.say(f"{text.count(number, 'task')} {'is' if number == 1 else 'are'} {name}")
    return status


def meant(world: World, refs: Sequence[str], given: dict[str, Any], statuses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(project or "", id) of each task that is meant. raises Usage when nothing is said, or too much"""
    wanted = filters.wanted(given)
    chosen = given["all"] or not wanted.anything()
    if refs and chosen:
        raise Usage("tasks are named and also chosen by filters", "use one or the other")
    if not refs and not chosen:
        raise Usage("no task is named", "name one or more, - to read them from standard input, or --all or a filter such as --status")
    if refs:
        for each in out.lines_in(refs):
            yield "", out.ref(each)
        return
    if not wanted.statuses:
        wanted = wanted._replace(statuses=tuple(statuses))
    found, errors = tasks.open_tasks(world, filters.slugs(world, given["project"]))
    for error in errors:
        out.problem("orch task", error)
    hits = [task for task in found if select.match(task, wanted)]
    if not hits:
        out.say("no task matches")
    for task in hits:
        yield task["project"], task["id"]


def _found(world: World, ref: str, project: Sequence[str]) -> tuple[str, str]:
    if len(project) > 1:
        raise Usage("several projects are named", "name the task as owner/repo#int-5")
    slug, task = tasks.find(world, ref, filters.slugs(world, project)[0] if project else None)
    return slug, task["id"]
