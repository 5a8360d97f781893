"""Removing a checkout, so that it can be undone.

    save    all of it becomes a commit under refs/orch/trash/<task>/<n> in the mirror (flow/snapshot)
    move    one rename takes it out of everybody's way
    look    it must still be what was saved; a checkout that is being written to is moved back
    remove  and look again whether it is gone

A kill between any two steps loses nothing: a checkout that was moved is hidden beside its place, as `.<name>.<n>.gone`, and flow/sweep
starts again with it.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from orch.core import clock, names
from orch.core.sweep import original
from orch.errors import Exists, IOFailed, NotFound, TryLater
from orch.flow import clone, repair, snapshot, submodule
from orch.host import files
from orch.host.git import Git
from orch.host.world import World

Guard = Callable[[], AbstractContextManager[str | None]]


class Item(NamedTuple):
    """One removed checkout."""

    number: int
    commit: str
    at: str
    name: str  # of its directory: the branch


def remove(world: World, slug: str, task: str, place: str, guard: Guard = nullcontext) -> str | None:
    """Save and remove a checkout; returns the ref that holds it now, None when there was none.

    guard   held while it is moved away; its value says why that may not be done after all
    raises  IOFailed when it cannot all be read or removed; TryLater when it is being written to, or is needed
    """
    if not os.path.lexists(place):
        return None
    mirror, git = world.home.mirror(slug), Git.of(world.env)
    about = {"task": task, "name": original(os.path.basename(place)), "at": world.now_text()}
    shot = snapshot.take(git, mirror, place, about)
    try:
        number, ref = _file(git, mirror, names.task_id(task), shot.commit)
        away = os.path.join(os.path.dirname(place), f".{about['name']}.{number}.gone")
        with guard() as needed:
            if needed:
                raise TryLater(f"{place}: not removed: {needed}")
            os.rename(place, away)
        if not snapshot.same(git, mirror, shot, away):
            if not os.path.lexists(place):
                os.rename(away, place)
            raise TryLater(f"{place}: it changed while it was being removed", "see what still runs in it")
    except OSError as error:
        raise files.failure(error, place) from None
    finally:
        snapshot.forget(shot)
    repair.remove(away)
    return ref


def clear(world: World, slug: str, task: str, place: str) -> str:
    """Free the place of a checkout that cannot be used: save and remove it, or, when it cannot be read, move it aside.

    Returns the ref or the path where it is now.
    """
    try:
        return remove(world, slug, task, place) or ""
    except IOFailed:
        away = f"{place}.bad-{clock.text(world.now()).replace(':', '')}"
        if not os.path.lexists(place):
            return away
        try:
            os.rename(place, away)
        except OSError as error:
            raise files.failure(error, place) from None
        return away


def items(world: World, slug: str, task: str) -> list[Item]:
    """What the trash holds of a task, oldest first."""
    mirror, git = world.home.mirror(slug), Git.of(world.env)
    found = []
    for number, commit in _numbers(git, mirror, names.task_id(task)):
        told = snapshot.read(git, mirror, commit)
        found.append(Item(number, commit, str(told.get("at")), str(told.get("name"))))
    return found


def undo(world: World, slug: str, task: str, number: int | None = None) -> str:
    """Bring a removed checkout back to its place: branches, HEAD, index, files. number: which; default the last. Returns the path.

    raises NotFound when nothing was removed; Exists when there is a checkout again
    """
    mirror, git = world.home.mirror(slug), Git.of(world.env)
    numbers = dict(_numbers(git, mirror, names.task_id(task)))
    if not numbers or (number is not None and number not in numbers):
        there = f"there is {', '.join(map(str, numbers))}" if numbers else "its checkout was not removed by orch"
        raise NotFound(f"{slug}#{task}: nothing to bring back" + (f" under number {number}" if number is not None else ""), there)
    commit = numbers[max(numbers) if number is None else number]
    told = snapshot.read(git, mirror, commit)
    name = os.path.basename(str(told["name"]))
    place = world.home.checkout(slug, name)
    if os.path.lexists(place):
        raise Exists(f"{place}: there is a checkout again", "move it away first, or look at the removed one: " + _show(mirror, commit))
    temporary = os.path.join(os.path.dirname(place), f".{name}.{os.getpid()}.new")
    files.make_dir(os.path.dirname(place))
    repair.remove(temporary)
    try:
        clone.clone(git, mirror, temporary)
        snapshot.restore(git, mirror, commit, temporary, told)
        submodule.point(world, slug, git, temporary)
        os.rename(temporary, place)
        files.sync_dir(os.path.dirname(place))
    except OSError as error:
        raise files.failure(error, place) from None
    finally:
        repair.remove(temporary)
    return place


def _show(mirror: str, commit: str) -> str:
    return f"git --git-dir={mirror} ls-tree -r --name-only {commit[:12]}:files"


def _numbers(git: Git, mirror: str, task: str) -> list[tuple[int, str]]:
    if not os.path.isdir(mirror):
        return []
    lines = git.text("for-each-ref", "--format=%(refname:lstrip=4) %(objectname)", f"refs/orch/trash/{task}/", repo=mirror).splitlines()
    return sorted((int(name), sha) for name, sha in (line.split(" ") for line in lines))


def _file(git: Git, mirror: str, task: str, commit: str) -> tuple[int, str]:
    """Give the snapshot the next free number."""
    number = max((number for number, _ in _numbers(git, mirror, task)), default=0) + 1
    ref = f"refs/orch/trash/{task}/{number}"
    git.run("update-ref", "--end-of-options", ref, commit, "0" * len(commit), repo=mirror)
    return number, ref
