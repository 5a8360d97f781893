"""The local store: one directory per task (design section 5), and the only code that writes task records.

    create   directories .new-<id> with task.json and events.jsonl, then one rename each: a task is there wholly or not at all
    change   under the project's lock: read, decide, append the event, replace the record, one line to orch.log
    get, list_open, events    take no lock
    archive  one rename; a change that opens the task again brings it back

The event comes first and carries the sequence number that the record will have. A crash between the two leaves an event that is
not yet true: its seq is greater than the record's, and the next change writes the same seq again. So of equal seqs the last line
counts, and a seq beyond the record's does not.
"""
from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from orch.core import names
from orch.core import task as life
from orch.core.task import Change
from orch.errors import NotAllowed, NotFound, OrchError
from orch.host import files, lock
from orch.host.world import World
from orch.records import Event, Task
from orch.stores import directory, ids, journal


def create(world: World, slug: str, drafts: Sequence[Mapping[str, Any]], check: Callable[[], None] | None = None) -> list[Task]:
    """Make tasks of drafts that have no problems (core/draft.py). check runs under the lock, before anything is made.

    A draft with a `key` that a task of this project has already, archived ones apart, makes nothing: that task is returned.
    """
    if not drafts:
        return []
    with lock.hold(world.home.lock(slug)):
        if check:
            check()
        keyed = by_key(world, slug) if any(draft.get("key") for draft in drafts) else {}
        wanted = [draft for draft in drafts if draft.get("key") not in keyed]
        fresh = iter(ids.reserve(world, len(wanted)) if wanted else ())
        made = []
        for draft in drafts:
            task = keyed.get(draft.get("key") or "")
            if task is None:
                task = life.new(draft, next(fresh), slug, world.now_text())
                while not place(world, task):  # no number that is given twice makes a task that is not there
                    task["id"] = ids.reserve(world, 1)[0]
                if draft.get("key"):
                    keyed[draft["key"]] = task
            made.append(task)
        return made


def place(world: World, task: Task, *, durable: bool = True) -> bool:
    """Put a new task's directory where it belongs; False when it is there already. The caller holds the project's lock."""
    slug, id = task["project"], task["id"]
    folder = world.home.task(slug, id)
    if os.path.exists(folder) or os.path.exists(os.path.join(world.home.archive(slug), id)):
        return False
    event = life.born(task)
    directory.build(folder, task, event, durable)
    journal.write(world, event, task)
    return True


def get(world: World, slug: str, id: str) -> Task:
    """The record, open or archived. raises NotFound; BadData when it does not parse or a newer orch wrote it"""
    return directory.read(*_locate(world, slug, id), slug)


def find(world: World, slug: str, id: str) -> Task | None:
    """The record, or None when there is no such task."""
    try:
        return get(world, slug, id)
    except NotFound:
        return None


def list_open(world: World, slug: str, archived: bool = False) -> tuple[list[Task], list[OrchError]]:
    """The records of all tasks that are not archived, in the order of their numbers, and what kept others from being read.

    archived=True: those that are archived too. A process that has set world.memory["records"] to a dict gets what it has read before,
    where the file is still the same; it must not change these records.
    """
    found: dict[str, Task] = {}
    errors: list[OrchError] = []
    memory = world.memory.get("records")
    collects = gc.isenabled()
    gc.disable()  # thousands of records are made and none is dropped: looking for garbage among them would take a fifth of the time
    try:
        for root in [world.home.archive(slug)] * archived + [world.home.tasks(slug)]:
            for name, task in directory.scan(root, slug, None if memory is None else memory.setdefault(root, {})):
                if isinstance(task, OrchError):
                    errors.append(task)
                else:
                    found[name] = task
    finally:
        if collects:
            gc.enable()
    return sorted(found.values(), key=lambda task: names.order(task["id"])) if archived else list(found.values()), errors


def change(world: World, slug: str, id: str, decide: Callable[[Task], Change | None]) -> Task:
    """THE way to change a record. decide sees the record as it is under the lock, and returns the Change, or None for none."""
    with lock.hold(world.home.lock(slug)):
        folder, id = _locate(world, slug, id)
        task = directory.read(folder, id, slug)
        wanted = decide(task)
        if wanted is None:
            return task
        after, event = life.apply(task, wanted, world.now_text())
        if after["status"] != "done" and folder != world.home.task(slug, id):
            folder = directory.move(folder, world.home.task(slug, id))
        directory.append(os.path.join(folder, "events.jsonl"), files.line(event))
        files.replace_json(os.path.join(folder, "task.json"), cast(dict[str, Any], after))
    journal.write(world, event, after)
    return after


def archive(world: World, slug: str, id: str) -> None:
    """Move a done task out of the way of the tick; nothing happens to one that is archived already. raises NotAllowed"""
    with lock.hold(world.home.lock(slug)):
        folder, id = _locate(world, slug, id)
        if folder != world.home.task(slug, id):
            return
        task = directory.read(folder, id, slug)
        if task["status"] != "done":
            raise NotAllowed(f"{slug}#{id} is {task['status']}; only a done task is archived")
        directory.move(folder, os.path.join(world.home.archive(slug), id))


def is_archived(world: World, slug: str, id: str) -> bool:
    return os.path.isdir(os.path.join(world.home.archive(slug), names.task_id(id)))


def events(world: World, slug: str, id: str) -> list[Event]:
    """The history that is true, oldest first."""
    folder, id = _locate(world, slug, id)
    seq = directory.read(folder, id, slug)["seq"]
    return [event for event in directory.history(folder) if event["seq"] <= seq]


def where(world: World, slug: str, id: str) -> str:
    """Where the task's directory is now, open or archived. raises NotFound"""
    return _locate(world, slug, id)[0]


def _locate(world: World, slug: str, id: str) -> tuple[str, str]:
    id = names.task_id(id)
    for path in (world.home.task(slug, id), os.path.join(world.home.archive(slug), id), world.home.task(slug, id)):
        if os.path.isdir(path):  # looked at twice: it may have come back from the archive in between
            return path, id
    raise NotFound(f"no task {id} in {slug}", "`orch task list --all` shows them")


def by_key(world: World, slug: str) -> dict[str, Task]:
    return {task["key"]: task for task in list_open(world, slug)[0] if task.get("key")}
