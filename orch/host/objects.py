"""Questions to a repository: which commit a name means, what is in it, what differs. Answered by git itself, of objects alone."""
from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from orch.errors import BadData
from orch.host import gitsaid
from orch.host.git import Git

REPOSITORY = "160000"  # the mode of a path that is a commit of another repository: a submodule


class Changed(NamedTuple):
    """A path that differs between two commits."""

    path: str
    before: str  # mode, as six digits; 000000 is none
    after: str


def rev(git: Git, repo: str, name: str) -> str | None:
    """The commit that name means, or None when there is none."""
    done = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}", repo=repo)
    if done.code == 0:
        return done.out.decode().strip()
    if done.code == 1:
        return None
    raise gitsaid.failure(done, ("rev-parse", name), repo)


def rev_object(git: Git, repo: str, name: str) -> str | None:
    """As rev, for any object: `<commit>:<path>` is the tree or blob there."""
    done = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", name, repo=repo)
    return done.out.decode().strip() if done.code == 0 else None


def is_ancestor(git: Git, repo: str, a: str, b: str) -> bool:
    """Whether b contains a. raises IOFailed when either is no commit here"""
    done = git.call("merge-base", "--is-ancestor", "--end-of-options", a, b, repo=repo)
    if done.code > 1:
        raise gitsaid.failure(done, ("merge-base",), repo)
    return done.code == 0


def count(git: Git, repo: str, base: str, head: str) -> int:
    """How many commits head has that base has not."""
    return int(git.run("rev-list", "--count", "--end-of-options", head, "^" + base, repo=repo))


def changed(git: Git, repo: str, base: str, head: str, *, fork: bool = False) -> list[Changed]:
    """What differs; a renamed file is two. fork: not from base, but from where head left it. raises IOFailed when it never did"""
    how = ["--merge-base"] if fork else []
    out = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", *how, "--end-of-options", base, head, repo=repo)
    told = names(out)
    return [Changed(path, modes[1:7], modes[8:14]) for modes, path in zip(told[::2], told[1::2], strict=True)]


def show(git: Git, repo: str, sha: str, path: str) -> bytes | None:
    """The content of one file in a commit; None when there is none (or it is a directory)."""
    return blobs(git, repo, sha, [path])[path]


def blobs(git: Git, repo: str, sha: str, paths: Sequence[str]) -> dict[str, bytes | None]:
    """The contents of several files of a commit, by one process."""
    asked = b"".join(line(f"{sha}:{path}") for path in paths)
    out = git.run("cat-file", "--batch", repo=repo, input=asked)
    found: dict[str, bytes | None] = {}
    at = 0
    for path in paths:
        end = out.index(b"\n", at)
        head = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if head[-1] == b"missing" or len(head) < 3 or not head[2].isdigit():
            found[path] = None
            continue
        size = int(head[2])
        found[path] = out[at : at + size] if head[1] == b"blob" else None
        at += size + 1
    return found


def tree(git: Git, repo: str, sha: str) -> list[str]:
    """Every path of a commit."""
    return names(git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", sha, repo=repo))


def diff(git: Git, repo: str, base: str, head: str, *, color: bool = False, stat: bool = False) -> str:
    """What changed between two commits, for people and prompts."""
    words = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", f"--color={'always' if color else 'never'}"]
    words += ["--stat"] if stat else []
    return git.run(*words, "--end-of-options", base, head, "--", repo=repo).decode(errors="replace")


def names(out: bytes) -> list[str]:
    """The paths of a -z listing; bytes that are not UTF-8 are shown as \\xNN, because paths go into records."""
    return [each.decode(errors="backslashreplace") for each in out.split(b"\0") if each]


def line(name: str) -> bytes:
    """One object name as a line of --stdin input. raises BadData for what would be two lines"""
    if "\n" in name or "\0" in name:
        raise BadData(f"not a name in git: {name!r}")
    return os.fsencode(name) + b"\n"
