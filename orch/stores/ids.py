"""Numbers for local tasks: `int-1`, `int-2` ... one counter for the whole $ORCH_HOME, so that an id names one task in all projects.

The file .orch/next holds the next number. It is replaced, and synced, before a task with a smaller number exists, so a number is
never given twice; a crash in between leaves a gap. When it is missing, broken or behind (an old copy was brought back) it is rebuilt
by looking at every task there is.
"""
from __future__ import annotations

import os
import re
from collections.abc import Iterator

from orch.errors import NotFound
from orch.host import files, lock
from orch.host.world import World

_NUMBER = r"int-(\d{1,15})"


def reserve(world: World, count: int) -> list[str]:
    """Take `count` ids that nobody else has or will have. May be called under a project's lock, never the other way round."""
    path = world.home.state("next")
    with lock.hold(path + ".lock"):
        first = _read(path)
        if not first or _used(world, first, count):
            first = _look(world) + 1
        files.replace_text(path, f"{first + count}\n")
    return [f"int-{number}" for number in range(first, first + count)]


def _read(path: str) -> int:
    """The number in the file; 0 when there is none."""
    try:
        text = files.read_bytes(path).strip()
    except NotFound:
        return 0
    return int(text) if text.isdigit() and len(text) < 16 else 0


def _used(world: World, first: int, count: int) -> bool:
    """Whether one of these numbers is a task's already."""
    roots = [os.path.join(repo, part, "int-") for repo in _repos(world) for part in ("tasks", "archive")]
    return any(os.path.exists(f"{root}{number}") for root in roots for number in range(first, first + count))


def _look(world: World) -> int:
    """The greatest number in use anywhere below the state directory."""
    return max((int(number) for name in _all_names(world) for number in re.findall(_NUMBER, name)), default=0)


def _all_names(world: World) -> Iterator[str]:
    """What tasks are called, those that are being built and those that are only promised (flow/intake.py) too."""
    yield from files.names(world.home.intake())
    for repo in _repos(world):
        for part in ("tasks", "archive"):
            yield from files.names(os.path.join(repo, part), hidden=True)


def _repos(world: World) -> Iterator[str]:
    """The directories below .orch/<owner>/, those of projects that were removed too."""
    root = world.home.state()
    for owner in files.names(root):
        for repo in files.names(os.path.join(root, owner), hidden=True):  # `.github` is a repository's name
            yield os.path.join(root, owner, repo)
