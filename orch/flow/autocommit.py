"""Commit what an agent left uncommitted, so that no work is lost with its checkout.

It runs as the agent: in its environment, with the filters and settings of its own clone, under a time-out, and the caller ends what that
leaves running. Hooks are left out: they may ask for a ticket or a terminal, and the work would not be kept. Nothing of orch's own
environment is in reach. Left out, and named: what looks like a secret, what is too large, what the project's `copy` list put there,
repositories inside the checkout, and conflicts that nobody resolved.

Nothing is done where the checkout is no repository of its own any more (host/gitdir): that would be a commit in somebody else's.

A merge, rebase or cherry-pick in progress is never aborted: the commit goes on HEAD, wherever that is, and concludes a merge whose
conflicts are all resolved.
"""
from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from orch.core import secret
from orch.errors import IOFailed, OrchError
from orch.host import files, gitdir, proc, refs
from orch.records import Spec

TIMEOUT = 120.0  # seconds for each git command: filters may be slow, and may hang
_LOOKED_AT = 1 << 20  # bytes of a new file that are searched for keys
_UNMERGED = ("DD", "AU", "UD", "UA", "DU", "AA", "UU")


class Committed(NamedTuple):
    sha: str | None  # None: there was nothing to commit
    left_out: list[dict[str, str]]  # {path, why}
    text: str = ""  # why it did not work, when it did not


class Change(NamedTuple):
    code: str  # the two letters of git status
    path: bytes


def commit(spec: Spec, *, alone: bool) -> Committed:
    """Commit in spec's checkout. alone: no process of the attempt is left, so a lock in there is nobody's."""
    git = _Git(spec["checkout"], spec["env"])
    left_out: list[dict[str, str]] = []
    try:
        inner = gitdir.own(spec["checkout"])
        if alone:
            for name in ("index.lock", "HEAD.lock"):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(inner, name))
        changes = parse(git.run("status", "--porcelain=v1", "-z", "-uall", "--no-renames"))
        if not changes:
            return Committed(None, left_out)
        wanted = _sort(changes, spec, left_out)
        if any(change.code in _UNMERGED for change in changes):
            return Committed(None, left_out, "a merge with unresolved conflicts was left in the checkout")
        staged = [change.path for change in changes if change.path not in wanted and change.code[0] not in " ?"]
        if staged:
            git.run("reset", "-q", *_FROM_STDIN, input=b"\0".join(staged))
        if wanted:
            git.run("add", "-A", *_FROM_STDIN, input=b"\0".join(wanted))
        if not wanted and not staged and not _merging(spec["checkout"]):
            return Committed(None, left_out)
        done = git.call(*_COMMIT, input=message(spec).encode())
        if done.code:
            if git.call("diff", "--cached", "--quiet", "--no-ext-diff").code == 0 and not _merging(spec["checkout"]):
                return Committed(None, left_out)  # what was staged and what was added undo each other
            raise _failure("commit", done)
        return Committed(_head(git), left_out)
    except OrchError as error:
        return Committed(None, left_out, f"auto-commit failed: {error.message}")


_COMMIT = (
    *("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("commit", "-q", "--no-verify", "--cleanup=whitespace", "-F", "-"),
)
_FROM_STDIN = ("--pathspec-from-file=-", "--pathspec-file-nul")


def parse(listing: bytes) -> list[Change]:
    """Read `git status --porcelain=v1 -z --no-renames`."""
    return [Change(entry[:2].decode(errors="replace"), entry[3:]) for entry in listing.split(b"\0") if len(entry) > 3]


def message(spec: Spec) -> str:
    """The commit message: the title as one line, then whose work it is."""
    title = " ".join("".join(sign if sign.isprintable() else " " for sign in spec.get("title") or "").split())
    subject = title if len(title) <= 100 else title[:99] + "…"
    return f"{subject or 'Work on task ' + spec['task']}\n\nTask: {spec['project']}#{spec['task']}\nAttempt: {spec['attempt']}\n"


def _sort(changes: Sequence[Change], spec: Spec, left_out: list[dict[str, str]]) -> set[bytes]:
    """The paths to be committed; the others go to left_out with the reason."""
    copied = [os.path.normpath(each) for each in spec.get("copy") or ()]
    wanted = set()
    for change in changes:
        why = _objection(change, spec, copied)
        if why:
            left_out.append({"path": change.path.decode(errors="backslashreplace"), "why": why})
        else:
            wanted.add(change.path)
    return wanted


def _objection(change: Change, spec: Spec, copied: Sequence[str]) -> str | None:
    if change.code in _UNMERGED:
        return "its conflict is not resolved"
    path = os.fsdecode(change.path)
    if path.endswith("/"):
        return "a repository of its own"
    if _new(change) and any(fnmatchcase(path, each) or path.startswith(each + "/") for each in copied):
        return "copied in by the project's copy list"
    full = os.path.join(spec["checkout"], path)
    if os.path.islink(full) or not os.path.isfile(full):
        return None
    try:
        size = os.stat(full).st_size
        if spec.get("big") and size > spec["big"]:
            return f"{size} bytes; the limit is {spec['big']}"
        if not _new(change):
            return None
        if secret.named(path):
            return "its name is one that holds secrets"
        with open(full, "rb") as file:
            what = secret.found(file.read(_LOOKED_AT))
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return f"it seems to hold {what}" if what else None


def _new(change: Change) -> bool:
    return "?" in change.code or "A" in change.code


def _merging(checkout: str) -> bool:
    return os.path.exists(os.path.join(checkout, ".git", "MERGE_HEAD"))


class _Git(NamedTuple):
    """git as the agent would run it, but in no other repository, whatever lies around or is configured; paths are taken literally."""

    checkout: str
    env: Mapping[str, str]

    def call(self, *words: str, input: bytes | None = None) -> proc.Done:
        here = [f"--git-dir={gitdir.own(self.checkout)}", f"--work-tree={self.checkout}", "--literal-pathspecs"]
        return proc.run(["git", *here, *words], env=self.env, cwd=self.checkout, input=input, timeout=TIMEOUT)

    def run(self, *words: str, input: bytes | None = None) -> bytes:
        done = self.call(*words, input=input)
        if done.code:
            raise _failure(words[0], done)
        return done.out


def _failure(word: str, done: proc.Done) -> IOFailed:
    said = done.err.decode(errors="replace").strip().split("\n")[-1]
    return IOFailed(f"git {word}: {said or f'exit status {done.code}'}")


def _head(git: _Git) -> str:
    """The commit that HEAD names: from the files, as git has just written them; else git says it."""
    inner = os.path.join(git.checkout, ".git")
    with contextlib.suppress(OrchError):
        name = files.read_text(os.path.join(inner, "HEAD")).strip()
        sha = refs.read(inner, name.removeprefix("ref: ")) if name.startswith("ref: refs/heads/") else None
        if sha:
            return sha
    return git.run("rev-parse", "HEAD").decode().strip()
