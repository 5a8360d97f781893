"""An attempt's own clone of the project: made from the mirror, borrowing its objects, with nothing in it that could push or run.

A new checkout is made complete under another name and renamed, so there is a good one or none. One that is there is used as it is,
dirty tree and all, because a retry goes on where the last attempt stopped; one that cannot be used is put in the trash first.
"""
from __future__ import annotations

import os
import time

from orch.errors import BadData, IOFailed, NotFound, OrchError, TryLater
from orch.flow import clone, copies, mirror, repair, submodule
from orch.flow import project as projects
from orch.host import files, gitdir, objects
from orch.host.git import Git
from orch.host.world import World
from orch.records import Prepared, Spec


def prepare(world: World, spec: Spec, say: mirror.Say | None = None) -> Prepared:
    """Have the checkout of a work attempt ready; the result says which commits it starts from. May take long, and may be repeated.

    raises TryLater when the network is down and this task has not begun; IOFailed, NotAllowed, BadConfig as flow/mirror says
    """
    project = projects.get(world, spec["project"])
    store, git = mirror.ensure(world, project, say), Git.of(world.env)
    base, place = spec.get("base"), spec["checkout"]
    if spec.get("fetch"):
        try:
            mirror.fetch(world, project, say=say)
        except TryLater:
            if not base or objects.rev(git, store, base) is None:
                raise
    name, tip = mirror.default(world, project)
    head = usable(git, store, place)
    if head is None:
        if os.path.lexists(place):
            from orch.flow import trash  # seldom: a checkout that cannot be used

            trash.clear(world, spec["project"], spec["task"], place)
        head = spec.get("start") or tip
        _make(world, spec, git, store, head)
        base = base or (tip if head == tip else _fork(git, store, head, tip))
    else:
        for left in repair.locks(os.path.join(place, ".git")):
            repair.unlink(left)  # of a git that died with the last attempt: nobody else works here now
        if spec.get("source") and spec.get("copy"):
            copies.copy(spec["source"], spec["copy"], place, objects.tree(git.wary(), place, head))
        base = base or _fork(git.wary(), place, head, tip)
    return {"v": 1, "base": base, "start": head, "default": name, "at": world.now_text()}


def usable(git: Git, store: str, place: str) -> str | None:
    """The SHA of HEAD when place is a checkout that borrows from this mirror and can be worked in, else None."""
    try:
        inner = gitdir.own(place)
        borrows = os.fsdecode(files.read_bytes(os.path.join(inner, "objects", "info", "alternates"))).split("\n")
        if os.path.join(store, "objects") not in borrows:
            return None
        return objects.rev(git.wary(), place, "HEAD")
    except (NotFound, BadData, IOFailed):
        return None


def _fork(git: Git, repo: str, head: str, tip: str) -> str:
    """Where head left the default branch; head itself when they have nothing in common."""
    done = git.call("merge-base", "--end-of-options", head, tip, repo=repo)
    return done.out.decode().split("\n")[0] if done.code == 0 else head


def _make(world: World, spec: Spec, git: Git, store: str, start: str) -> None:
    """Clone, check out and copy under another name, then rename."""
    place, patterns = spec["checkout"], spec.get("copy") or []
    copies.check(patterns)
    folder, name = os.path.split(place)
    files.make_dir(folder)
    repair.leftovers(folder, name)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}-{time.monotonic_ns()}.new")
    try:
        clone.clone(git, store, temporary)
        clone.switch(git, temporary, start, spec["branch"])
        submodule.point(world, spec["project"], git, temporary)
        copies.copy(spec.get("source"), patterns, temporary)
        os.rename(temporary, place)
        files.sync_dir(folder)
    except OSError as error:
        raise files.failure(error, place) from None
    finally:
        repair.remove(temporary)


def clean(world: World, spec: Spec, sha: str, folder: str) -> None:
    """A throw-away checkout of one commit, with the copy list; whatever was in folder is removed. For verification."""
    repair.remove(folder)
    files.make_dir(os.path.dirname(folder))
    store, git = world.home.mirror(spec["project"]), Git.of(world.env)
    try:
        clone.clone(git, store, folder)
        clone.switch(git, folder, sha, None)
        submodule.point(world, spec["project"], git, folder)
        copies.copy(spec.get("source"), spec.get("copy") or [], folder)
    except OrchError:
        repair.remove(folder)
        raise
