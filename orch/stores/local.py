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
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from orch.core import names
from orch.core import task as life
from orch.core.task import Change
from orch.errors import BadData, Exists, NotFound, OrchError
from orch.host import files, lock
from orch.host.world import World
from orch.records import Event, Task
from orch.stores import ids, journal

_decode = json.JSONDecoder().decode
NEW = ".new-"  # prefix of a task directory that is not finished; what a crash leaves is swept by `mend`
MEND = "the next tick sets it aside and brings it back from its history"  # the hint of what `mend` can help
NEWER = "use that orch, or install a newer one"


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
                place(world, task)
                if draft.get("key"):
                    keyed[draft["key"]] = task
            made.append(task)
        return made


def place(world: World, task: Task, *, durable: bool = True) -> bool:
    """Put a new task's directory where it belongs; False when it is there already. The caller holds the project's lock."""
    slug, id = task["project"], task["id"]
    folder, building = world.home.task(slug, id), os.path.join(world.home.tasks(slug), NEW + id)
    if os.path.exists(folder) or os.path.exists(os.path.join(world.home.archive(slug), id)):
        return False
    event = life.born(task)
    try:
        files.make_dir(building)
        _write(building + "/events.jsonl", files.line(event) + "\n", durable)
        _write(building + "/task.json", files.dump(task), durable)
        if durable:
            files.sync_dir(building)
        os.rename(building, folder)
        if durable:
            files.sync_dir(os.path.dirname(folder))
    except OSError as error:
        raise files.failure(error, folder) from None
    journal.write(world, event, task)
    return True


def _write(path: str, content: str, durable: bool) -> None:
    """Write a file of a directory that nobody sees yet, so without the detour of `files.replace`."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        files.write_all(fd, content.encode())
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def get(world: World, slug: str, id: str) -> Task:
    """The record, open or archived. raises NotFound; BadData when it does not parse or a newer orch wrote it"""
    return _read(*_locate(world, slug, id), slug)


def find(world: World, slug: str, id: str) -> Task | None:
    """The record, or None when there is no such task."""
    try:
        return get(world, slug, id)
    except NotFound:
        return None


def list_open(world: World, slug: str, archived: bool = False) -> tuple[list[Task], list[OrchError]]:
    """The records of all tasks that are not archived, in the order of their numbers, and what kept others from being read.

    archived=True: those that are archived too
    """
    found: dict[str, Task] = {}
    errors: list[OrchError] = []
    collects = gc.isenabled()
    gc.disable()  # thousands of records are made and none is dropped: looking for garbage among them would take a fifth of the time
    try:
        for root in [world.home.archive(slug)] * archived + [world.home.tasks(slug)]:
            for name, task in _scan(root, slug):
                if isinstance(task, OrchError):
                    errors.append(task)
                else:
                    found[name] = task
    finally:
        if collects:
            gc.enable()
    return sorted(found.values(), key=lambda task: names.order(task["id"])) if archived else list(found.values()), errors


def _scan(root: str, slug: str) -> Iterator[tuple[str, Task | OrchError]]:
    """Every task below root, in the order of the numbers; what has no task's name is somebody else's, or set aside."""
    for name in _ids(root):
        try:
            yield name, _read(f"{root}/{name}", name, slug)
        except NotFound:  # archived or moved away since the directory was listed
            if os.path.isdir(f"{root}/{name}"):
                yield name, BadData(f"{slug}#{name}: its record is missing", MEND)
        except OrchError as error:
            yield name, error


def _ids(root: str) -> list[str]:
    found = []
    for name in files.names(root):
        try:
            found.append((names.order(name), name))
        except BadData:
            continue
    return [name for _, name in sorted(found)]


def change(world: World, slug: str, id: str, decide: Callable[[Task], Change | None]) -> Task:
    """THE way to change a record. decide sees the record as it is under the lock, and returns the Change, or None for none."""
    with lock.hold(world.home.lock(slug)):
        folder, id = _locate(world, slug, id)
        task = _read(folder, id, slug)
        wanted = decide(task)
        if wanted is None:
            return task
        after, event = life.apply(task, wanted, world.now_text())
        if after["status"] != "done" and folder != world.home.task(slug, id):
            folder = _move(folder, world.home.task(slug, id))
        _append(os.path.join(folder, "events.jsonl"), files.line(event))
        files.replace_json(os.path.join(folder, "task.json"), cast(dict[str, Any], after))
    journal.write(world, event, after)
    return after


def archive(world: World, slug: str, id: str) -> None:
    """Move a done task out of the way of the tick; nothing happens to one that is archived already. raises NotAllowed"""
    with lock.hold(world.home.lock(slug)):
        folder, id = _locate(world, slug, id)
        if folder != world.home.task(slug, id):
            return
        task = _read(folder, id, slug)
        if task["status"] != "done":
            life.check_move(task["status"], "done", f"{slug}#{id}: only a done task is archived")
        _move(folder, os.path.join(world.home.archive(slug), id))


def is_archived(world: World, slug: str, id: str) -> bool:
    return os.path.isdir(os.path.join(world.home.archive(slug), names.task_id(id)))


def events(world: World, slug: str, id: str) -> list[Event]:
    """The history that is true, oldest first."""
    folder, id = _locate(world, slug, id)
    seq = _read(folder, id, slug)["seq"]
    return [event for event in _history(folder) if event["seq"] <= seq]


def where(world: World, slug: str, id: str) -> str:
    """Where the task's directory is now, open or archived. raises NotFound"""
    return _locate(world, slug, id)[0]


def _history(folder: str) -> list[Event]:
    found: dict[int, Event] = {}
    for line in files.lines(os.path.join(folder, "events.jsonl")):
        if isinstance(line.get("seq"), int) and isinstance(line.get("at"), str):
            found[line["seq"]] = cast(Event, line)
    return [found[seq] for seq in sorted(found)]


def _locate(world: World, slug: str, id: str) -> tuple[str, str]:
    id = names.task_id(id)
    for path in (world.home.task(slug, id), os.path.join(world.home.archive(slug), id), world.home.task(slug, id)):
        if os.path.isdir(path):  # looked at twice: it may have come back from the archive in between
            return path, id
    raise NotFound(f"no task {id} in {slug}", "`orch task list --all` shows them")


def _read(folder: str, id: str, slug: str) -> Task:
    path = folder + "/task.json"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise files.failure(error, path) from None
    try:
        raw = os.read(fd, 65536)
        if len(raw) == 65536:
            while more := os.read(fd, 1 << 20):
                raw += more
    except OSError as error:
        raise files.failure(error, path) from None
    finally:
        os.close(fd)
    try:
        record = _decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise BadData(f"{slug}#{id}: {path}: not JSON ({error})", MEND) from None
    wrong = life.problem(record, id) if isinstance(record, dict) else "not a JSON object"
    if wrong:
        raise BadData(f"{slug}#{id}: {path}: {wrong}", NEWER if wrong.startswith(life.NEWER) else MEND)
    return cast(Task, record)


def _append(path: str, line: str) -> None:
    """Append an event; what a full disk left of a line before it is closed off first, so that it spoils no other."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            torn = size > 0 and file.read(1) != b"\n"
    except FileNotFoundError:
        torn = False
    except OSError as error:
        raise files.failure(error, path) from None
    files.append(path, "\n" + line if torn else line)


def _move(old: str, new: str) -> str:
    try:
        files.make_dir(os.path.dirname(new))
        os.rename(old, new)
        files.sync_dir(os.path.dirname(new))
        return new
    except OSError as error:
        if os.path.isdir(new):
            raise Exists(f"{new}: is there already, so {old} stays where it is") from None
        raise files.failure(error, new) from None


def by_key(world: World, slug: str) -> dict[str, Task]:
    return {task["key"]: task for task in list_open(world, slug)[0] if task.get("key")}


def mend(world: World, slug: str) -> list[str]:
    """Set aside the records that do not parse and bring them back from their history; sweep what a crash left of new tasks.

    Returns one line for people per record. A record that a newer orch wrote is left alone. A task without a usable history is set
    aside as a whole, to tasks/<id>.bad-<time>.
    """
    with lock.hold(world.home.lock(slug)):
        _sweep(world.home.tasks(slug))
        bad = [(id, found) for id, found in _scan(world.home.tasks(slug), slug) if isinstance(found, BadData) and found.hint == MEND]
        return [_mend(world, slug, id, found) for id, found in bad]


def _mend(world: World, slug: str, id: str, error: BadData) -> str:
    folder, path = world.home.task(slug, id), world.home.record(slug, id)
    now = world.now_text()
    stamp = now.replace(":", "")
    task = life.fold(_history(folder))
    if task is None or life.problem(task, id):
        said = f"{error.message}; its history is no help either: set aside as {files.set_aside(folder, stamp)}"
        journal.write(world, {"at": now, "project": slug, "task": id, "event": "bad", "text": said})
        return said
    if os.path.exists(path):
        files.set_aside(path, stamp)
    files.replace_json(path, cast(dict[str, Any], task))
    said = f"{error.message}; brought back from its history"
    journal.write(world, {"at": now, "project": slug, "task": id, "event": "mended", "text": said}, task)
    return said


def _sweep(root: str) -> None:
    """Remove task directories that were never finished: nobody was told their ids, and whoever wanted them asks again."""
    try:
        for name in os.listdir(root):
            if name.startswith(NEW):
                for part in os.listdir(os.path.join(root, name)):
                    os.unlink(os.path.join(root, name, part))
                os.rmdir(os.path.join(root, name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise files.failure(error, root) from None
