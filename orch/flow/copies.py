"""The `workflow.copy` list: files that a project needs and git has not (say .env.local), from the user's checkout into an attempt's.

Patterns are relative to the user's checkout (`*`, `**`, `?`, `[..]`; a directory means all of it). Nothing that exists is overwritten,
nothing of .git is taken, nothing outside either tree is read or written: a link is copied as a link when it points inside, and passed
over when it does not. What was copied stands in .git/info/exclude, so that no commit picks it up.
"""
from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from orch.errors import BadConfig, OrchError
from orch.host import files

MARK = "# copied by orch (workflow.copy)\n"


def check(patterns: Iterable[str]) -> None:
    """raises BadConfig with every pattern that could leave the checkout"""
    wrong = [each for each in patterns if not each or each.startswith("/") or "\0" in each or ".." in each.split("/")]
    if wrong:
        raise BadConfig([f"workflow.copy: {each!r} is not a path inside the project" for each in wrong])


def copy(source: str | None, patterns: Sequence[str], target: str, tracked: Iterable[str] = ()) -> list[str]:
    """Copy what matches and is not there yet; returns the paths copied. tracked: paths of the target's commit, never written.

    raises BadConfig; IOFailed, NotAllowed as the disk says
    """
    check(patterns)
    if not source or not patterns:
        return []
    root, taken = os.path.realpath(source), frozenset(tracked)
    done = []
    try:
        for path in sorted(set(_matches(root, patterns))):
            if path not in taken and _copy_one(root, path, target):
                done.append(path)
    except OSError as error:
        raise files.failure(error, str(error.filename or target)) from None
    if done:
        _exclude(target, done)
    return done


def _matches(root: str, patterns: Iterable[str]) -> Iterator[str]:
    """Every file and link below root that a pattern means, as a relative path."""
    import glob

    for pattern in patterns:
        for found in glob.glob(pattern.rstrip("/"), root_dir=root, recursive=True, include_hidden=True):
            path = os.path.normpath(found)
            if ".git" in path.lower().split("/") or path == ".":
                continue
            full = os.path.join(root, path)
            if not _inside(root, os.path.dirname(full)):
                continue
            if os.path.isdir(full) and not os.path.islink(full):
                for folder, inner, names in os.walk(full):
                    links = [name for name in inner if os.path.islink(os.path.join(folder, name))]
                    inner[:] = [name for name in inner if name.lower() != ".git"]
                    yield from (os.path.relpath(os.path.join(folder, name), root) for name in names + links if name.lower() != ".git")
            else:
                yield path


def _copy_one(root: str, path: str, target: str) -> bool:
    """Copy one file or link; False when it stays away."""
    origin, aim = os.path.join(root, path), os.path.join(target, path)
    if os.path.lexists(aim) or not _make_parents(target, os.path.dirname(path)):
        return False
    link = os.readlink(origin) if os.path.islink(origin) else None
    if link is not None and not _inside(root, origin):
        return False
    if link is not None and not os.path.isabs(link):
        os.symlink(link, aim)
        return True
    if not stat.S_ISREG(os.stat(origin).st_mode):  # a socket or pipe; or an absolute link to a directory, which would lead back there
        return False
    temporary = f"{aim}.{os.getpid()}.orch-copy"
    try:
        import shutil

        shutil.copyfile(origin, temporary)
        shutil.copymode(origin, temporary)
        os.rename(temporary, aim)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
    return True


def _inside(root: str, path: str) -> bool:
    real = os.path.realpath(path)
    return real == root or real.startswith(root.rstrip("/") + "/")


def _make_parents(target: str, folder: str) -> bool:
    """Make the directories of a relative path; False when one of them is a link or no directory."""
    at = target
    for part in folder.split("/") if folder else []:
        at = os.path.join(at, part)
        try:
            if not stat.S_ISDIR(os.lstat(at).st_mode):
                return False
        except FileNotFoundError:
            os.mkdir(at)
    return True


def _exclude(target: str, paths: Iterable[str]) -> None:
    """Name the copies in .git/info/exclude, unless an agent made a link of the place."""
    if not _make_parents(target, ".git/info"):
        return
    path = os.path.join(target, ".git", "info", "exclude")
    try:
        before = os.fsdecode(files.read_bytes(path)) if not os.path.islink(path) else ""
    except OrchError:
        before = ""
    there = before.splitlines()
    new = [line for line in ("/" + _literal(each) for each in paths if "\n" not in each) if line not in there]
    if new:
        files.replace_text(path, before + ("" if MARK in before else MARK) + "\n".join(new) + "\n", mode=0o644, durable=False)


def _literal(path: str) -> str:
    """A path as a line of an exclude file that means just that path."""
    escaped = "".join("\\" + letter if letter in "\\*?[" else letter for letter in path)
    return escaped[:-1] + "\\ " if escaped.endswith(" ") else escaped
