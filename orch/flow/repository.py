"""What a person points at when a project is added: a path, `owner/repo` or a URL; and what git says about a repository of theirs.

Only rev-parse, rev-list and config are asked, which read and run nothing; nothing in the person's repository is written.
"""
from __future__ import annotations

import os
from typing import NamedTuple

from orch.core import names
from orch.errors import BadData, IOFailed, NotAllowed, NotFound
from orch.host.git import Git
from orch.host.world import World


class Source(NamedTuple):
    """Where a project comes from."""

    path: str | None  # the person's checkout; None when there is none
    origin: str  # URL or absolute path to fetch from and push to
    slug: str | None  # what it should be called; None when its address gives no name


def read(world: World, what: str) -> Source:
    """Find out what is meant: an existing directory, else a URL, else `owner/repo` on GitHub. raises NotFound, BadData, NotAllowed"""
    path = os.path.join(world.cwd, what)
    if what and os.path.isdir(path):
        return look(world, path)
    if what.startswith("file://"):
        return look(world, what[len("file://"):])
    try:
        slug = names.slug_of(what)
        remote = slug is not None
    except BadData:
        slug, remote = None, True  # an address that gives no name; --name may
    if remote:
        # `transport::address` makes git run a program of that name.
        if what.startswith("-") or "::" in what.replace("[::", "[") or " " in what or not what.isprintable():
            raise BadData(f"not an address: {what!r}", "write it as https://host/owner/repo.git or git@host:owner/repo.git")
        return Source(None, what, slug)
    if what.count("/") == 1 and what[0] not in "./~":
        slug = names.slug(what.removesuffix(".git"))
        return Source(None, f"https://github.com/{slug}.git", slug)
    raise NotFound(f"{what}: no such directory", _elsewhere(world, path))


def look(world: World, path: str) -> Source:
    """Ask git about the repository that a directory lies in. raises BadData when there is none, or nothing is committed; NotAllowed"""
    if not os.path.isdir(path):
        raise NotFound(f"{path}: no such directory", _elsewhere(world, path))
    path = os.path.realpath(path)
    for own in (world.home.projects(), world.home.worktrees):
        if (path + "/").startswith(os.path.realpath(own) + "/"):
            raise NotAllowed(f"{path} belongs to orch", "run this in your own checkout")
    git = Git.of(world.env)
    done = git.call("rev-parse", "--path-format=absolute", "--is-bare-repository", "--git-common-dir", cwd=path)
    if done.code:
        said = done.err.decode(errors="replace")
        if "dubious ownership" in said:
            hint = f"git config --global --add safe.directory {path}"
            raise NotAllowed(f"{path}: another user owns this repository, so git does not trust it", hint)
        if "not a git repository" in said:
            raise BadData(f"{path}: not a git repository", "run `git init` there and commit something, or name another path")
        raise IOFailed(f"{path}: git cannot read it: {said.strip().splitlines()[0] if said.strip() else done.code}")
    bare, _, common = os.fsdecode(done.out).removesuffix("\n").partition("\n")
    if not git.run("rev-list", "--max-count=1", "--all", cwd=path):
        raise BadData(f"{path}: nothing is committed yet", "commit something first: tasks start from a commit")
    if bare == "true":
        return Source(None, path, names.local(os.path.basename(path)))
    # A linked worktree is a view of the main one, which is what lasts.
    top = os.path.dirname(common) if os.path.basename(common) == ".git" else git.text("rev-parse", "--show-toplevel", cwd=path)
    url = _remote(git, path)
    if url is None:
        return Source(top, top, names.local(os.path.basename(top)))
    try:
        slug = names.slug_of(url)
    except BadData:
        return Source(top, url, None)
    if slug:
        return Source(top, url, slug)
    place = url[len("file://"):] if url.startswith("file:///") else os.path.join(top, url)
    return Source(top, os.path.normpath(place), names.local(os.path.basename(top)))


def _elsewhere(world: World, path: str) -> str:
    """What to do when there is no such directory: what was typed may have been meant as owner/repo."""
    try:
        address = names.slug(os.path.relpath(path, world.cwd))
    except BadData:
        address = "OWNER/REPO"
    return f"name another path; `orch project add {address}`, or a URL, takes a repository that is not here"


def _remote(git: Git, path: str) -> str | None:
    """The URL of origin, or of the only remote there is. Read as it is written: insteadOf is applied when it is used."""
    done = git.call("config", "--local", "--includes", "-z", "--get-regexp", r"^remote\..*\.url$", cwd=path)
    urls: dict[str, str] = {}
    for entry in os.fsdecode(done.out).split("\0"):
        key, _, url = entry.partition("\n")
        if url:
            urls.setdefault(key[len("remote."):-len(".url")], url)
    if "origin" in urls:
        return urls["origin"]
    return next(iter(urls.values())) if len(urls) == 1 else None
