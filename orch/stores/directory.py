"""One task's directory and the directory of all of them: the files below stores/local.py. Nothing here takes a lock.

    build    a new one under a hidden name, which gets its name by one rename
    read     the record; scan reads all of them
    append   an event; history reads them
    move     to the archive and back
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import cast

from orch.core import names
from orch.core import task as life
from orch.errors import BadData, Exists, NotFound, OrchError
from orch.host import files
from orch.records import Event, Task

NEW = ".new-"  # prefix of a directory that is not finished; what a crash leaves is swept by stores/mend.py
MEND = "the next tick sets it aside and brings it back from its history"  # the hint of what stores/mend.py can help
NEWER = "use that orch, or install a newer one"
Known = dict[str, tuple[files.Stamp, Task]]  # by id: the record, and the stamp of its file; such a record is nobody's to change
_decode = json.JSONDecoder().decode


def build(folder: str, task: Task, event: Event, durable: bool) -> None:
    """Make the directory of a new task. durable=False leaves the syncing to the caller."""
    root, id = os.path.split(folder)
    building = os.path.join(root, NEW + id)
    try:
        files.make_dir(building)
        _write(building + "/events.jsonl", files.line(event) + "\n", durable)
        _write(building + "/task.json", files.dump(task), durable)
        if durable:
            files.sync_dir(building)
        os.rename(building, folder)
        if durable:
            files.sync_dir(root)
    except OSError as error:
        raise files.failure(error, folder) from None


def _write(path: str, content: str, durable: bool) -> None:
    """Write a file that nobody sees yet, so without the detour of `files.replace`."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        files.write_all(fd, content.encode())
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def read(folder: str, id: str, slug: str) -> Task:
    path = folder + "/task.json"
    try:
        raw = files.read_bytes(path)
    except BadData as error:
        raise BadData(f"{slug}#{id}: {error.message}", MEND) from None
    try:
        record = _decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise BadData(f"{slug}#{id}: {path}: not JSON ({error})", MEND) from None
    wrong = life.problem(record, id) if isinstance(record, dict) else "not a JSON object"
    if wrong:
        raise BadData(f"{slug}#{id}: {path}: {wrong}", NEWER if wrong.startswith(life.NEWER) else MEND)
    return cast(Task, record)


def scan(root: str, slug: str, known: Known | None = None) -> Iterator[tuple[str, Task | OrchError]]:
    """Every task below root, in the order of the numbers; what has no task's name is somebody else's, or set aside.

    known  what a long-lived process remembers of root: a record whose file has not changed is not read again. It is kept up here
    """
    ids = _ids(root)
    for gone in set(known or ()).difference(ids):
        del known[gone]  # type: ignore[union-attr]
    for name in ids:
        try:
            folder = f"{root}/{name}"
            yield name, read(folder, name, slug) if known is None else _recall(folder, name, slug, known)
        except NotFound:  # archived or moved away since the directory was listed
            if os.path.isdir(f"{root}/{name}"):
                yield name, BadData(f"{slug}#{name}: its record is missing", MEND)
        except OrchError as error:
            yield name, error


def _recall(folder: str, id: str, slug: str, known: Known) -> Task:
    """The record as it was read last time, if its file has the same stamp still; else it is read."""
    stamp = files.stamp(folder + "/task.json")  # before the content: a change between the two shows as another stamp next time
    there = known.get(id)
    if there and there[0] == stamp:
        return there[1]
    task = read(folder, id, slug)
    if stamp and files.settled(stamp):
        known[id] = (stamp, task)
    return task


def _ids(root: str) -> list[str]:
    found = []
    for name in files.names(root):
        try:
            found.append((names.order(name), name))
        except BadData:
            continue
    return [name for _, name in sorted(found)]


def history(folder: str) -> list[Event]:
    """The events by seq, true or not yet; of equal seqs the last line. raises BadData when there is no file but something else"""
    found: dict[int, Event] = {}
    for line in files.lines(os.path.join(folder, "events.jsonl")):
        if isinstance(line.get("seq"), int) and isinstance(line.get("at"), str) and isinstance(line.get("set") or {}, dict):
            found[line["seq"]] = cast(Event, line)
    return [found[seq] for seq in sorted(found)]


def append(path: str, line: str) -> None:
    """Append an event; what a full disk left of a line before it is closed off first, so that it spoils no other."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            size = os.fstat(fd).st_size
            torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        finally:
            os.close(fd)
    except FileNotFoundError:
        torn = False
    except OSError as error:
        raise files.failure(error, path) from None
    files.append(path, "\n" + line if torn else line)


def move(old: str, new: str) -> str:
    try:
        files.make_dir(os.path.dirname(new))
        os.rename(old, new)
        files.sync_dir(os.path.dirname(new))
        return new
    except OSError as error:
        if os.path.isdir(new):
            raise Exists(f"{new}: is there already, so {old} stays where it is") from None
        raise files.failure(error, new) from None
