"""All that is in a checkout, as one commit in the mirror: its branches, HEAD and stashes as parents, its index and files as trees.

The tree holds `files` (the work tree as it lies on the disk: changed, deleted and untracked files, not the ignored ones), `index` (when
it has no conflicts), `modules` (.git/modules, where submodules keep their commits) and `stash` (the reflog that `git stash list` reads);
the message is JSON that says where HEAD and the refs were: all but what was fetched and the tags of the project. What tags and other refs
name need not be commits, so refs/orch/objects/<sha> holds it. A .git inside the work tree is stored as .git.orch, because git takes no
such path.

It is made with the mirror's git directory, a private index and no filters. The checkout's own config is read by for-each-ref and
cat-file, and by upload-pack (flow/receive); none of them runs anything.
"""
from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from typing import Any, NamedTuple

from orch.errors import BadData, IOFailed, NotFound, OrchError
from orch.flow import receive, worktree
from orch.flow.worktree import HIDDEN, Work
from orch.host import files, gitdir, objects
from orch.host import refs as of_mirror
from orch.host.git import Git

STASHES = 1 << 20  # bytes of the list of stashes: several thousand
OBJECTS = "refs/orch/objects/"


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
        refs = _ours(mirror, {name: sha for sha, name in (line.split(" ", 1) for line in lines)})
        commits = {name: sha for name, sha in refs.items() if name.startswith("refs/heads/") or name == "refs/stash"}
        detached = not head.startswith("ref: ")
        stashes, log = _stashes(git, place) if "refs/stash" in refs else ([], b"")
        others = {sha: f"+{name}:{OBJECTS}{sha}" for name, sha in refs.items() if name not in commits}
        if wanted := [*commits, *others.values(), *stashes, *(["HEAD"] if detached else [])]:
            receive.receive(git, mirror, place, *wanted)
        trees = {"index": worktree.staged(work, index), "files": worktree.store(work, worktree.left(work)), "modules": _modules(work)}
        entries = {name: f"040000 tree {sha}" for name, sha in trees.items() if sha}
        if log:
            entries["stash"] = "100644 blob " + work.run("hash-object", "-w", "--stdin", input=log).decode().strip()
        listing = "".join(f"{entry}\t{name}\n" for name, entry in sorted(entries.items())).encode()
        tree = work.run("mktree", input=listing).decode().strip()
        tips = dict.fromkeys([*commits.values(), *stashes, *([head] if detached else [])])
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
    """HEAD as it is written, then each ref with its SHA, but for what was fetched. raises IOFailed when it is no repository"""
    try:
        head = files.read_bytes(os.path.join(gitdir.own(place), "HEAD")).strip()
    except OrchError as error:
        raise IOFailed(error.message) from None
    lines = git.wary().run("for-each-ref", "--format=%(objectname) %(refname)", repo=place).splitlines(keepends=True)
    return head + b"\n" + b"".join(line for line in lines if b" refs/remotes/" not in line)


def _ours(mirror: str, found: dict[str, str]) -> dict[str, str]:
    """Those of a checkout's refs that are not just the tags of the project."""
    tags: dict[str, str] = {}
    with suppress(OSError, OrchError):  # another process is fetching: then they are stored as well
        tags = of_mirror.read_all(mirror, ["tags"]) or {}
    return {name: sha for name, sha in found.items() if tags.get(name) != sha}


def _stashes(git: Git, place: str) -> tuple[list[str], bytes]:
    """The commits of the list of stashes, and the list as it is in .git/logs, as far as they are there. raises IOFailed"""
    try:
        raw = files.read_foreign_bytes(os.path.join(place, ".git", "logs", "refs", "stash"), STASHES)
    except NotFound:
        return [], b""
    except OrchError as error:
        raise IOFailed(error.message) from None
    lines = re.findall(rb"(?m)^[0-9a-f]{40,64} ([0-9a-f]{40,64}) (.*\n)", raw)
    asked = b"".join(sha + b"\n" for sha, _ in lines)
    told = git.wary().run("cat-file", "--batch-check=%(objecttype)", repo=place, input=asked).splitlines() if lines else []
    there = [line for line, kind in zip(lines, told, strict=True) if kind == b"commit"]
    before = [b"0" * len(sha) for sha, _ in there[:1]] + [sha for sha, _ in there]
    log = b"".join(b"%s %s %s" % (old, sha, rest) for old, (sha, rest) in zip(before, there, strict=False))
    return list(dict.fromkeys(sha.decode() for sha, _ in there)), log


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
    new = b"".join(f"update {name} {sha}\n".encode() for name, sha in refs)
    if new:
        git.run("update-ref", "--stdin", cwd=place, input=new)
    if objects.rev_object(git, mirror, f"{commit}:stash"):
        log = git.run("cat-file", "blob", f"{commit}:stash", repo=mirror)
        files.replace(os.path.join(place, ".git", "logs", "refs", "stash"), log, durable=False)
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
