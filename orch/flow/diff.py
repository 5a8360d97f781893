"""Which two commits show what a task, or one of its attempts, changed."""
from __future__ import annotations

import os
from typing import NamedTuple, cast

from orch.core import names
from orch.errors import NotFound
from orch.host import files, refs
from orch.host import git as gits
from orch.host.git import Git
from orch.host.world import World
from orch.records import Task
from orch.stores import local


class Range(NamedTuple):
    mirror: str
    base: str
    head: str


def find(world: World, task: Task, attempt: int | None = None) -> Range | None:
    """The range in the project's mirror; None when nothing was committed yet. raises NotFound for an attempt that there was not

    Its head is the task's, or what was kept last; its base is where that left the default branch, so that a newer default branch which
    an agent merged does not count as its work.
    """
    slug, id = task["project"], task["id"]
    mirror, git = world.home.mirror(slug), Git.of(world.env)
    kept = _kept(git, mirror, id)
    if attempt is not None and attempt not in kept:
        folder = os.path.join(local.where(world, slug, id), "attempts")
        found = next((name for name in files.names(folder) if name.startswith(f"{attempt}-")), None)
        if found is None:
            raise NotFound(f"{slug}#{id}: no attempt {attempt}", "`orch task get` shows its attempts")
        if names.kind(found) == "verify":
            raise NotFound(f"{slug}#{id}: attempt {attempt} checked commits and made none", "`orch task get` shows which attempts worked")
        return None
    head = kept[attempt] if attempt is not None else task.get("head") or (kept[max(kept)] if kept else None)
    base = task.get("base") or _recorded(world, task, attempt or max(kept, default=0))
    if not head or not base:
        return None
    onto = task.get("onto")
    if not onto and not task.get("published"):
        onto = refs.read(mirror, "refs/heads/" + _default(mirror))
    if onto and onto != base:
        done = git.call("merge-base", "--end-of-options", onto, head, repo=mirror)
        fork = done.out.decode().split("\n")[0] if done.code == 0 else ""
        base = fork if fork and fork != head else base
    return Range(mirror, base, head) if base != head else None


def _kept(git: Git, mirror: str, task: str) -> dict[int, str]:
    """Attempt number -> what it left."""
    if not os.path.isdir(mirror):
        return {}
    out = git.text("for-each-ref", "--format=%(refname:lstrip=4) %(objectname)", f"refs/orch/keep/{task}/", repo=mirror)
    return {int(number): sha for number, sha in (line.split(" ") for line in out.splitlines())}


def _recorded(world: World, task: Task, attempt: int) -> str | None:
    """The base that an attempt recorded, for a task whose record has none yet."""
    path = os.path.join(local.where(world, task["project"], task["id"]), "attempts", f"{attempt}-work", "prepared.json")
    return cast(str | None, files.spare_json(path).get("base"))


def _default(mirror: str) -> str:
    from orch.flow import trunk

    return trunk.head(mirror) or "HEAD"


def words(found: Range, *, stat: bool, terminal: bool, plain: bool) -> list[str]:
    """The command line that shows it: on a terminal with the user's own colours, prefixes and pager, elsewhere as `git apply` wants it."""
    settings = [each for each in gits.SETTINGS if not terminal or not each.startswith(("core.pager", "color.ui"))]
    color = "auto" if terminal and not plain else "never"
    patch = [] if terminal or stat else ["--binary", "--src-prefix=a/", "--dst-prefix=b/"]
    shown = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", f"--color={color}", *patch, *(["--stat"] if stat else [])]
    return gits.command([*shown, "--end-of-options", found.base, found.head, "--"], found.mirror, settings)


def environment(world: World, terminal: bool) -> dict[str, str]:
    """git's environment; on a terminal the user's own pager and locale, which the pager needs."""
    env = dict(Git.of(world.env).env)
    if terminal:
        for name in ("GIT_PAGER", "LC_ALL"):
            env.pop(name)
            if name in world.env:
                env[name] = world.env[name]
    return env
