"""A clone of the mirror that borrows its objects: what every checkout starts as. No hooks, no way to push, no branch of its own.

It is what `git clone --shared --no-checkout --template=` makes, without the processes and the dozen replaced files that this costs each
time: git makes one for each place where checkouts lie, its settings (what the file system there can do, the object format) are kept
beside the mirror, and later clones are written from them.
"""
from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress

from orch.errors import BadData, IOFailed, NotFound, OrchError
from orch.flow import repair, trunk
from orch.host import files, proc, refs
from orch.host.git import Git

# What `git push` meets in a checkout; a path that is not there, so git says these words.
NO_PUSH = "/dev/null/orch-publishes-this-branch-itself"


def clone(git: Git, mirror: str, folder: str) -> None:
    """Make the clone, with nothing checked out and HEAD on no branch yet; origin is the mirror. folder must not be there."""
    settings = _settings(git, mirror, os.path.dirname(folder))
    refs = _refs(git, mirror)
    inner = os.path.join(folder, ".git")
    default = trunk.head(mirror)
    made = {
        "HEAD": b"ref: refs/heads/nothing-yet\n",
        "config": settings,
        "packed-refs": refs.replace(b" refs/heads/", b" refs/remotes/origin/"),
        "objects/info/alternates": os.fsencode(os.path.join(mirror, "objects")) + b"\n",
    }
    if default:
        made["refs/remotes/origin/HEAD"] = f"ref: refs/remotes/origin/{default}\n".encode()
    try:
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "refs/remotes/origin"):
            os.makedirs(os.path.join(inner, name))
        for name, content in made.items():
            with open(os.path.join(inner, name), "xb") as file:
                file.write(content)
    except OSError as error:
        raise files.failure(error, folder) from None


def _refs(git: Git, mirror: str) -> bytes:
    """The branches and tags of the mirror, in the form of packed-refs; from its files, or else as git tells them."""
    try:
        found = refs.read_all(mirror)
    except (OSError, OrchError):  # another process is fetching
        found = None
    if found is None:
        return git.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags", repo=mirror)
    return b"".join(os.fsencode(f"{found[name]} {name}\n") for name in sorted(found, key=os.fsencode))


def _settings(git: Git, mirror: str, place: str) -> bytes:
    """The config file of a clone in the directory `place`."""
    kept = os.path.join(mirror, f"clone-{zlib.crc32(os.fsencode(place)):08x}.config")
    try:
        found = files.read_bytes(kept)
    except NotFound:
        found = b""
    whole = _remote(mirror)
    if not found.endswith(whole):  # not there, torn, or the mirror was moved here
        trial = os.path.join(place, f".trial.{os.getpid()}.new")
        files.make_dir(place)
        _clear(place)
        try:
            git.run("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--origin=origin", "--", mirror, trial, timeout=600)
            found = os.fsencode(_own(os.fsdecode(files.read_bytes(os.path.join(trial, ".git", "config"))))) + whole
        finally:
            repair.remove(trial)
        files.replace(kept, found, durable=False)
    return found


def _clear(place: str) -> None:
    """Remove trials whose makers are dead."""
    for name in files.names(place, hidden=True):
        found = re.fullmatch(r"\.trial\.([0-9]+)\.new", name)
        if found and (int(found[1]) == os.getpid() or proc.identity(int(found[1])) is None):
            with suppress(IOFailed):
                repair.remove(os.path.join(place, name))


def _own(config: str) -> str:
    """The sections of a config file that are not about a remote or a branch."""
    sections = re.split(r"(?m)^(?=\[)", config)
    return "".join(each for each in sections if not each.startswith(("[remote", "[branch")))


def _remote(mirror: str) -> bytes:
    escaped = mirror.replace("\\", "\\\\").replace('"', '\\"')
    return os.fsencode(
        f'[remote "origin"]\n\turl = "{escaped}"\n\tpushurl = {NO_PUSH}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
    )


def switch(git: Git, folder: str, sha: str, branch: str | None) -> None:
    """Check out sha in a fresh clone, on a new branch or (None) on no branch. raises IOFailed when the mirror has no such commit"""
    if branch is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", branch):
        raise BadData(f"not a branch of orch's: {branch!r}")
    how = ["--no-track", "-B", branch] if branch else ["--detach"]
    git.run("checkout", "--quiet", "--force", *how, sha, "--", cwd=folder, timeout=600)
