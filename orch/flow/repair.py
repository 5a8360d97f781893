"""What a killed git leaves behind, and how to go on: lock files of refs, half-made clones, a mirror that is not whole."""
from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from orch.core import clock
from orch.errors import IOFailed, OrchError, TryLater
from orch.host import files, proc
from orch.host.git import Git

OLD = 10.0  # seconds; git holds such a lock for milliseconds
WATCH = 2.0  # seconds that a younger one must stay unchanged before our eyes


def mended(repo: str, act: Callable[[], bytes]) -> bytes:
    """Call git; when it meets lock files in `repo` whose owner is dead, remove them and call it again. raises what act raises"""
    try:
        return act()
    except TryLater as error:
        if "lock" not in error.message or not _unlock(repo):
            raise
    return act()


def _unlock(repo: str) -> bool:
    """Remove the lock files that nobody is working with; says whether all of them are gone."""
    end = time.monotonic() + WATCH
    first = locks(repo)
    while True:
        now = locks(repo)
        watched = time.monotonic() >= end
        for path, stamp in now.items():
            age = time.time() - stamp[0] / 1e9
            if age > OLD or (watched and first.get(path) == stamp):
                unlink(path)
        left = locks(repo)
        if not left or watched:
            return not left
        time.sleep(0.05)


def locks(repo: str) -> dict[str, tuple[int, int, int]]:
    """Each lock file with its stamp: those of the repository itself and of its refs (objects have none).

    Through links that an agent made there would be other people's lock files to find, so none is followed.
    """
    refs = os.path.join(repo, "refs")
    places = [(repo, files.names(repo))]
    if not os.path.islink(refs):  # os.walk follows none but where it begins
        places += [(folder, names) for folder, _, names in os.walk(refs)]
    found = {}
    for folder, names in places:
        for path in (os.path.join(folder, name) for name in names if name.endswith(".lock")):
            if os.path.isfile(path) and not os.path.islink(path) and (stamp := files.stamp(path)):
                found[path] = stamp
    return found


def rescue(git: Git, broken: str, whole: str, now: datetime) -> None:
    """Bring what can be read of a broken mirror's own refs into the new one, and move it aside; it is never removed by orch."""
    words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--upload-pack", "git -c 'transfer.hideRefs=!refs/orch' upload-pack")
    try:
        git.run(*words, "--", broken, "+refs/orch/*:refs/orch/*", repo=whole, timeout=600)
    except proc.Accident:
        raise
    except OrchError:
        pass  # it is broken; what is in it stays where it is moved to
    files.set_aside(broken, clock.text(now).replace(":", ""))


def leftovers(folder: str, name: str) -> None:
    """Remove what killed processes left of making `name` in folder; what an orphan is still writing to stays for the next time."""
    for left in files.names(folder, hidden=True):
        if left.startswith(f".{name}.") and left.endswith(".new"):
            with suppress(IOFailed):
                remove(os.path.join(folder, left))


def remove(path: str) -> None:
    """Remove a tree, read-only directories and all, following no link; look again whether it is gone. raises IOFailed"""
    if not os.path.lexists(path):
        return
    import shutil

    if os.path.islink(path) or not os.path.isdir(path):
        unlink(path)
    shutil.rmtree(path, ignore_errors=True)
    if os.path.isdir(path):  # package caches are often written without write permission
        for folder, _, _ in os.walk(path, topdown=True):
            with suppress(OSError):
                os.chmod(folder, 0o700)
        shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        raise IOFailed(f"{path}: could not be removed", "see who owns what is in it, and remove it by hand")


def unlink(path: str) -> None:
    """Remove what may be gone already."""
    with suppress(FileNotFoundError):
        os.unlink(path)
