"""Many new tasks at once, wholly or not at all: .orch/intake/<first>--<last>.jsonl, one whole record per line.

Once that file is there, durably, the tasks are promised; placing their directories can be repeated any number of times, so a crash
on the way is finished by the next tick (`finish`). Placing syncs nothing for each task: one sync at the end, and only then does
the file go.
"""
from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

from orch.core import names
from orch.core import task as life
from orch.errors import BadData, NotFound, OrchError
from orch.host import files, lock
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def folder(world: World) -> str:
    return world.home.intake()


@contextmanager
def locked(world: World, slugs: Iterable[str]) -> Iterator[None]:
    """Hold the locks of several projects, always taken in the same order."""
    with ExitStack() as stack:
        for slug in sorted(slugs):
            stack.enter_context(lock.hold(world.home.lock(slug)))
        yield


def take(world: World, made: Sequence[Task], tell: Callable[[int, int], None] | None = None) -> None:
    """Promise the tasks, then place them. The caller holds the locks of their projects. tell hears how many of how many are there"""
    if not made:
        return
    path = os.path.join(folder(world), f"{made[0]['id']}--{made[-1]['id']}.jsonl")
    files.replace(path, "".join(files.line(task) + "\n" for task in made).encode())
    _place(world, path, made, tell)


def finish(world: World) -> tuple[int, list[OrchError]]:
    """Place what a crash left promised; returns how many tasks were still missing, and what is no promise of ours, which stays and stops
    no other. One look at a directory when there is nothing."""
    missing = 0
    errors: list[OrchError] = []
    for name in sorted(files.names(folder(world))):
        path = os.path.join(folder(world), name)
        try:
            made = _read(path)
            with locked(world, {task["project"] for task in made}):
                missing += _place(world, path, made)
        except NotFound:
            continue  # finished by somebody else
        except OrchError as error:
            errors.append(error)
    return missing, errors


def _read(path: str) -> list[Task]:
    """The records as `take` wrote them. raises NotFound, BadData"""
    made = []
    for line in files.read_bytes(path).splitlines():
        try:
            record = json.loads(line)
            wrong = "not a JSON object"
            if isinstance(record, dict):
                names.slug(str(record.get("project")))
                wrong = life.problem(record, names.task_id(str(record.get("id"))))
        except (ValueError, RecursionError) as error:
            wrong = f"not JSON ({error})"
        except BadData as error:
            wrong = error.message
        if wrong:
            raise BadData(f"{path}: {wrong}", "it was written whole; mend it by hand or move it away")
        made.append(cast(Task, record))
    return made


def _place(world: World, path: str, made: Sequence[Task], tell: Callable[[int, int], None] | None = None) -> int:
    placed = 0
    for done, task in enumerate(made):
        if tell:
            tell(done, len(made))
        placed += local.place(world, task, durable=False)
    if tell:
        tell(len(made), len(made))
    os.sync()
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass  # two were at it; both are done
    except OSError as error:
        raise files.failure(error, path) from None
    return placed
