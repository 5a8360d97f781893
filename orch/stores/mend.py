"""Bring back what is broken in a project's task directories, and remove what was never finished. The tick calls it."""
from __future__ import annotations

import os
from typing import Any, cast

from orch.core import task as life
from orch.errors import BadData, OrchError
from orch.host import files, lock
from orch.host.world import World
from orch.stores import directory, journal
from orch.stores.directory import MEND, NEW


def records(world: World, slug: str) -> list[OrchError]:
    """Set aside the records that do not parse and bring them back from their history; returns what is to be told of each record that
    could not be read.

    A record that a newer orch wrote is left alone. A task without a usable history is set aside as a whole, to tasks/<id>.bad-<time>.
    """
    told: list[OrchError] = []
    with lock.hold(world.home.lock(slug)):
        for id, each in directory.scan(world.home.tasks(slug), slug):
            if isinstance(each, BadData) and each.hint == MEND:
                try:
                    told.append(BadData(_mend(world, slug, id, each)))
                except OrchError as error:
                    told.append(error)
            elif isinstance(each, OrchError):
                told.append(each)
    return told


def _mend(world: World, slug: str, id: str, error: BadData) -> str:
    folder, path = world.home.task(slug, id), world.home.record(slug, id)
    now = world.now_text()
    stamp = now.replace(":", "")
    try:
        task = life.fold(directory.history(folder))
    except BadData:
        task = None  # as good as none
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


def sweep(world: World, slug: str) -> None:
    """Remove task directories that were never finished: nobody was told their ids, and whoever wanted them asks again."""
    root = world.home.tasks(slug)
    if not _unfinished(root):
        return
    with lock.hold(world.home.lock(slug)):  # whoever builds one holds it, so what is there now was left behind
        for folder in _unfinished(root):
            try:
                for part in os.listdir(folder):
                    os.unlink(os.path.join(folder, part))
                os.rmdir(folder)
            except OSError as error:
                raise files.failure(error, folder) from None


def _unfinished(root: str) -> list[str]:
    found = [os.path.join(root, name) for name in files.names(root, hidden=True) if name.startswith(NEW)]
    return [each for each in found if not os.path.islink(each)]  # what a link leads to is not ours to empty
