"""Files dropped into .orch/inbox become tasks: `*.md` and `*.json` at its top once they have been still for a second (a copy may be
on its way), anything below new/ at once (maildir: written elsewhere and renamed into it).

A Markdown file may begin with YAML front matter, whose keys are those of `task add --from`; without a title there, the first heading or
line is the title. A JSON file is one object as a line of `task add --from`. The file is removed once its task is there; its name, inode and
time of change are the task's key, so that a crash in between makes no second one. (The time of its content would not do: each new link
to the same file would be the same drop.) A file that makes no task is moved to bad/, with the reason in a .why file beside it. Nothing is
thrown away, and none stops another.
"""
from __future__ import annotations

import errno
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from orch.core import text
from orch.core.draft import Draft
from orch.errors import BadData, NotAllowed, NotFound, OrchError, Usage
from orch.flow import add, log
from orch.host import files
from orch.host.world import World
from orch.records import Task
from orch.stores import local

STILL = 1.0  # seconds
BATCH = 500  # tasks that are made under one lock
NAME = 200  # bytes of a name in bad/, which leaves room for a number and .why


class Drop(NamedTuple):
    path: str
    key: str


def take(world: World) -> tuple[list[Task], list[OrchError]]:
    """Make tasks of all files that are ready; returns them, and why others have to wait. One look at two directories when there is
    nothing."""
    ready: dict[str, list[tuple[Drop, Draft]]] = {}
    made: list[Task] = []
    errors: list[OrchError] = []
    for path, at_once in _paths(world, errors):
        with _each(errors):
            drop = _drop(world, path, at_once)
            found = _draft(world, drop) if drop else None
            if drop and found:
                ready.setdefault(found[0], []).append((drop, found[1]))
    for slug, some in ready.items():
        for start in range(0, len(some), BATCH):
            batch = some[start:start + BATCH]
            with _each(errors):
                made += local.create(world, slug, [draft for _, draft in batch])
                for drop, _ in batch:
                    with _each(errors):
                        _remove(drop.path)
    return made, errors


@contextmanager
def _each(errors: list[OrchError]) -> Iterator[None]:
    """What goes wrong with one thing is told, and stops no other."""
    try:
        yield
    except OrchError as error:
        errors.append(error)


def _draft(world: World, drop: Drop) -> tuple[str, Draft] | None:
    """The project and the task that a file means; None when another tick was first, or when it is bad and was moved away."""
    try:
        raw = read(drop.path)
    except NotFound:
        return None
    except (BadData, NotAllowed) as error:
        _bad(world, drop.path, error)
        return None
    try:
        return add.check(world, {**raw, "key": raw.get("key") or drop.key}, source="inbox")
    except (BadData, NotFound, Usage) as error:  # all else is the disk, a lock or the configuration: the file stays
        _bad(world, drop.path, error)
        return None


def read(path: str) -> dict[str, Any]:
    """What a file says of its task, as a line of `task add --from` would. raises BadData"""
    content = files.read_text(path).removeprefix("\ufeff")
    name = os.path.basename(path)
    if name.endswith(".json") or (not name.endswith(".md") and content.lstrip().startswith("{")):
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise BadData(f"not JSON ({error})") from None
        if not isinstance(value, dict):
            raise BadData("expected one JSON object")
        return value
    return markdown(content, name)


def markdown(content: str, name: str) -> dict[str, Any]:
    """Front matter, if there is any, and the rest as the body; the title from there when the front matter has none."""
    found = re.match(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", content, re.S | re.M)
    raw: dict[str, Any] = {}
    if found:
        from orch.host import yaml

        head = yaml.parse(found[1], f"{name}: front matter")
        if not isinstance(head, dict | None):
            raise BadData("the front matter is not a map of fields")
        raw = {str(key): value for key, value in (head or {}).items()}
        content = content[found.end():]
    if "body" in raw:
        raise BadData("body: is the text below the front matter, not a field of it")
    lines = content.lstrip().split("\n", 1)
    if raw.get("title") is None:
        raw["title"] = lines[0].strip().lstrip("#").strip()
        content = lines[1] if len(lines) > 1 else ""
    raw["body"] = content.strip("\r\n")
    return raw


def _paths(world: World, errors: list[OrchError]) -> Iterator[tuple[str, bool]]:
    """What lies in the inbox, and whether it is ready at once."""
    root = world.home.inbox()
    for folder, at_once in ((root, False), (os.path.join(root, "new"), True)):
        names: list[str] = []
        with _each(errors):
            names = sorted(files.names(folder))
        yield from ((os.path.join(folder, name), at_once) for name in names if at_once or name.endswith((".md", ".json")))


def _drop(world: World, path: str, at_once: bool) -> Drop | None:
    """A file that is ready; None for what is no file, or is being written."""
    try:
        info = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise files.failure(error, path) from None
        _bad(world, path, BadData(error.strerror or "it is a link to itself"))
        return None
    if not stat.S_ISREG(info.st_mode) or not (at_once or abs(time.time() - info.st_mtime) >= STILL):
        return None
    return Drop(path, text.clean(f"inbox:{os.path.basename(path)}:{info.st_ino}:{info.st_ctime_ns}")[-200:])


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # another tick had the same file; the key made it one task
    except OSError as error:
        raise files.failure(error, path) from None


def _bad(world: World, path: str, error: OrchError) -> None:
    """Move a file out of the way, with the reason beside it, under a name that is free."""
    folder = os.path.join(world.home.inbox(), "bad")
    files.make_dir(folder)
    name = os.fsdecode(os.fsencode(os.path.basename(path))[-NAME:])
    away, number = os.path.join(folder, name), 1
    while os.path.lexists(away):
        number += 1
        away = os.path.join(folder, f"{number}-{name}")
    try:
        os.rename(path, away)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise files.failure(problem, path) from None
    why = error.message + (f" ({error.hint})" if error.hint else "")
    files.replace_text(away + ".why", text.clean(why) + "\n")
    log.note(world, "inbox", f"{name} makes no task: {error.message}; it is in {away}")
