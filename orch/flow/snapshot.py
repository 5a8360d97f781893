"""All that is in a checkout, as one commit in the mirror: its branches, HEAD and stash as parents, its index and files as trees.

The tree holds `files` (the work tree as it lies on the disk: changed, deleted and untracked files, not the ignored ones), `index` (when
it has no conflicts), and `modules` (.git/modules, where submodules keep their commits); the message is JSON that says where HEAD and
the branches were. A .git inside the work tree is stored as .git.orch, because git takes no such path.

It is made with the mirror's git directory, a private index and no filters. The checkout's own config is read by one command,
for-each-ref, and by upload-pack (flow/receive); neither runs anything.
"""
from __future__ import annotations

import json
import os
import time
from typing import Any, NamedTuple

from orch.errors import BadData, IOFailed, OrchError
from orch.flow import receive, worktree
from orch.flow.worktree import HIDDEN, Work
from orch.host import files, gitdir, objects
from orch.host.git import Git


class Shot(NamedTuple):
    commit: str
    state: bytes  # what `state` said when it was made
    staged: str  # a private index that holds what `files` holds; `forget` removes it


def take(git: Git, mirror: str, place: str, about: dict[str, Any]) -> Shot:
    """Store everything; the commit has no ref yet. raises IOFailed when something cannot be read"""
    index = _index(mirror)
    work = Work(git.wary().also(GIT_INDEX_FILE=index), mirror, place)
    try:
        now = state(git, place)
        head, *lines = now.decode(errors="replace").splitlines()
        refs = {name: sha for sha, name in (line.split(" ", 1) for line in lines)}
        detached = not head.startswith("ref: ")
        if wanted := [*refs, *(["HEAD"] if detached else [])]:
            receive.receive(git, mirror, place, *wanted)
        trees = {"index": worktree.staged(work, index), "files": worktree.store(work, worktree.left(work)), "modules": _modules(work)}
        listing = b"".join(f"040000 tree {sha}\t{name}\n".encode() for name, sha in sorted(trees.items()) if sha)
        tree = work.run("mktree", input=listing).decode().strip()
        tips = dict.fromkeys([*refs.values(), *([head] if detached else [])])
        message = json.dumps({"v": 1, **about, "head": head, "refs": refs}, ensure_ascii=False).encode()
        made = work.run("commit-tree", *(word for sha in tips for word in ("-p", sha)), "-F", "-", tree, input=message)
        return Shot(made.decode().strip(), now, index)
    except BaseException:
        _drop(index)
        raise


def same(git: Git, mirror: str, shot: Shot, place: str) -> bool:
    """Whether the checkout, wherever it lies now, still is what was stored."""
    work = Work(git.wary().also(GIT_INDEX_FILE=shot.staged), mirror, place)
    return state(git, place) == shot.state and not worktree.left(work, nested=False)


def committed(git: Git, mirror: str, place: str, head: str) -> bool:
    """Whether the checkout holds nothing, staged or not, that its commit `head` has not; the mirror has that. raises IOFailed"""
    index = _index(mirror)
    work = Work(git.wary().also(GIT_INDEX_FILE=index), mirror, place)
    try:
        return worktree.staged(work, index) == objects.rev_object(git, mirror, head + "^{tree}") and not worktree.left(work)
    finally:
        _drop(index)


def forget(shot: Shot) -> None:
    _drop(shot.staged)


def _index(mirror: str) -> str:
    """A name for a private index."""
    return os.path.join(mirror, f"orch-{os.getpid()}-{time.monotonic_ns()}.index")


def _drop(index: str) -> None:
    for path in (index, index + ".lock"):
        if os.path.lexists(path):
            os.unlink(path)


def _modules(work: Work) -> str | None:
    place = os.path.join(work.place, ".git", "modules")
    if os.path.islink(place) or not os.path.isdir(place):
        return None
    index = work.git.env["GIT_INDEX_FILE"] + ".modules"
    try:
        inner = Work(work.git.also(GIT_INDEX_FILE=index), work.mirror, place)
        return worktree.store(inner, [worktree.Left(path, False) for path in worktree.walk(place, "")])
    finally:
        _drop(index)


def state(git: Git, place: str) -> bytes:
    """HEAD as it is written, then each branch and the stash with its SHA. raises IOFailed when it is no repository"""
    try:
        head = files.read_bytes(os.path.join(gitdir.own(place), "HEAD")).strip()
    except OrchError as error:
        raise IOFailed(error.message) from None
    return head + b"\n" + git.wary().run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/stash", repo=place)


def read(git: Git, mirror: str, commit: str) -> dict[str, Any]:
    """What a snapshot's message says. raises BadData"""
    raw = git.run("cat-file", "commit", commit, repo=mirror).split(b"\n\n", 1)
    try:
        found = json.loads(raw[1])
    except (IndexError, ValueError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("refs"), dict):
        raise BadData(f"{commit}: not something that orch put into the trash")
    return found


def restore(git: Git, mirror: str, commit: str, place: str, told: dict[str, Any]) -> None:
    """Fill a fresh clone of the mirror in `place` (nothing checked out) with what a snapshot holds."""
    refs = [(str(name), str(sha)) for name, sha in told["refs"].items()]
    new = b"".join(f"create {name} {sha}\n".encode() for name, sha in refs)
    if new:
        git.run("update-ref", "--stdin", cwd=place, input=new)
    head = str(told["head"])
    how = ("symbolic-ref", "HEAD", head.removeprefix("ref: ")) if head.startswith("ref: ") else ("update-ref", "--no-deref", "HEAD", head)
    git.run(*how, cwd=place)
    for name, folder in (("files", place), ("modules", os.path.join(place, ".git", "modules"))):
        if objects.rev_object(git, mirror, f"{commit}:{name}"):
            os.makedirs(folder, exist_ok=True)
            index = os.path.join(place, ".git", "orch.index")
            work = Work(git.also(GIT_INDEX_FILE=index), mirror, folder)
            work.run("read-tree", "--end-of-options", f"{commit}:{name}")
            work.run("checkout-index", "--all", "--force")
            os.unlink(index)
    for folder, inner, names in os.walk(place, topdown=False):
        for name in (*inner, *names):
            if name == HIDDEN:
                os.rename(os.path.join(folder, name), os.path.join(folder, ".git"))
    staged = f"{commit}:index" if objects.rev_object(git, mirror, f"{commit}:index") else "HEAD"
    git.call("read-tree", "--end-of-options", staged, cwd=place)  # without it every file is untracked, and nothing is lost
