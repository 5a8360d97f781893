"""Keeping a mirror quick without ever losing an object: packs are put together, refs are packed, litter of killed processes goes.

This is not gc: checkouts borrow the mirror's objects, reachable or not, so `repack --geometric` is used, which joins whole packs. Commits
come in as one small pack each (flow/receive has every object checked, which makes packs), and each leaves a ref.
"""
from __future__ import annotations

import contextlib
import os
import time

from orch.errors import OrchError
from orch.host import files, lock
from orch.host.git import Git
from orch.host.world import World

PACKS, REFS = 50, 500  # more than so many are put together
LITTER = 86400.0  # seconds after which a temporary file of a killed process may go
WRITTEN = 3600.0  # seconds after which nobody is at the writing of a record any more
SLOW = 1800.0


def tidy(world: World, slug: str) -> list[OrchError]:
    """Do what is worth doing; returns what went wrong. Passed over while another process fetches the mirror."""
    mirror = world.home.mirror(slug)
    if not os.path.isdir(mirror):
        return []
    litter(mirror)
    held = lock.take(world.home.mirror_lock(slug))
    if held is None:
        return []
    try:
        git, wrong = Git.of(world.env), []
        if packs(mirror) > PACKS:
            wrong += _try(git, mirror, "repack", "-d", "-q", "-n", "--geometric=2", "--no-write-bitmap-index")
        if loose(mirror) > REFS:
            wrong += _try(git, mirror, "pack-refs", "--all")
        return wrong
    finally:
        os.close(held)


def _try(git: Git, mirror: str, *words: str) -> list[OrchError]:
    try:
        git.run(*words, repo=mirror, timeout=SLOW)
    except OrchError as error:
        return [error]
    return []


def packs(mirror: str) -> int:
    return sum(name.endswith(".pack") for name in files.names(os.path.join(mirror, "objects", "pack")))


def loose(mirror: str) -> int:
    """How many refs are files of their own."""
    return sum(len(names) for _, _, names in os.walk(os.path.join(mirror, "refs")))


def unfinished(root: str) -> None:
    """Remove the temporary files of writers that were killed, beside the records below a directory (files.replace)."""
    for folder, _, found in os.walk(root):
        for name in found:
            path = os.path.join(folder, name)
            stamp = files.stamp(path) if files.is_temporary(name) else None
            if stamp and time.time() - stamp[0] / 1e9 > WRITTEN:
                with contextlib.suppress(OSError):  # another sweep was quicker
                    os.unlink(path)


def litter(mirror: str) -> None:
    """Remove what killed processes left: files that git had not finished, and private indexes of flow/snapshot."""
    store = os.path.join(mirror, "objects")
    for folder, starts in ((mirror, ("orch-",)), (store, ("tmp_",)), (os.path.join(store, "pack"), ("tmp_", ".tmp-"))):
        for name in files.names(folder, hidden=True):
            path = os.path.join(folder, name)
            stamp = files.stamp(path) if name.startswith(starts) else None
            if stamp and os.path.isfile(path) and time.time() - stamp[0] / 1e9 > LITTER:
                os.unlink(path)
