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
import stat
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from orch.errors import BadData, IOFailed, OrchError
from orch.flow import receive
from orch.host import files
from orch.host import git as gits
from orch.host.git import Git

SLOW = 1800.0  # seconds
HIDDEN = ".git.orch"


class Work(NamedTuple):
    """A checkout being read: git with a private index, in the mirror's store, over the checkout's files."""

    git: Git
    mirror: str
    place: str

    def run(self, *args: str, input: bytes | None = None) -> bytes:
        return self.git.run("--work-tree=" + self.place, *args, repo=self.mirror, cwd=self.place, input=input, timeout=SLOW)


class Shot(NamedTuple):
    commit: str
    state: bytes  # what `state` said when it was made
    staged: str  # a private index that holds what `files` holds; `forget` removes it


def take(git: Git, mirror: str, place: str, about: dict[str, Any]) -> Shot:
    """Store everything; the commit has no ref yet. raises IOFailed when something cannot be read"""
    index = os.path.join(mirror, f"orch-{os.getpid()}-{time.monotonic_ns()}.index")
    work = Work(git.wary().also(GIT_INDEX_FILE=index), mirror, place)
    try:
        now = state(git, place)
        head, *lines = now.decode(errors="replace").splitlines()
        refs = {name: sha for sha, name in (line.split(" ", 1) for line in lines)}
        detached = not head.startswith("ref: ")
        if wanted := [*refs, *(["HEAD"] if detached else [])]:
            receive.receive(git, mirror, place, *wanted)
        trees = {"index": _index(work, index), "files": _store(work, _left(work)), "modules": _modules(work)}
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
    return state(git, place) == shot.state and not _left(work, nested=False)


def forget(shot: Shot) -> None:
    _drop(shot.staged)


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
        return _store(Work(work.git.also(GIT_INDEX_FILE=index), work.mirror, place), [Left(path, False) for path in _walk(place, "")])
    finally:
        _drop(index)


def state(git: Git, place: str) -> bytes:
    """HEAD as it is written, then each branch and the stash with its SHA. raises IOFailed when it is no repository"""
    inner = os.path.join(place, ".git")
    try:
        if os.path.islink(place) or os.path.islink(inner) or not os.path.isdir(inner):
            raise IOFailed(f"{place}: no git repository of its own")
        head = files.read_bytes(os.path.join(inner, "HEAD")).strip()
    except OrchError as error:
        raise IOFailed(error.message) from None
    return head + b"\n" + git.wary().run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/stash", repo=place)


class Left(NamedTuple):
    path: str  # relative, as os.fsdecode gives it
    gone: bool  # deleted from the work tree


def _index(work: Work, index: str) -> str | None:
    """Copy the checkout's index to the private one, with every blob that it names; returns its tree, None when it makes none."""
    theirs = os.path.join(work.place, ".git", "index")
    try:
        if not stat.S_ISREG(os.lstat(theirs).st_mode):
            return None
        import shutil

        shutil.copy2(theirs, index)  # with its time: a file that changed in the same tick as the index is looked into because of it
        entries = [each.split(b"\t", 1)[0].split(b" ") for each in work.run("ls-files", "--stage", "-z").split(b"\0") if each]
        blobs = {entry[1] for entry in entries if entry[0] != b"160000"}
        found = work.run("cat-file", "--batch-check=%(objectname)", input=b"\n".join(sorted(blobs)) + b"\n") if blobs else b""
        missing = [line.split(b" ")[0] for line in found.splitlines() if line.endswith(b" missing")]
        if missing:
            near = work.git.also(GIT_ALTERNATE_OBJECT_DIRECTORIES=_quoted(os.path.join(work.place, ".git", "objects")))
            pack = os.path.join(work.mirror, "objects", "pack", "pack")
            near.run("pack-objects", "-q", pack, repo=work.mirror, input=b"\n".join(missing) + b"\n", timeout=SLOW)
        return work.run("write-tree").decode().strip()
    except FileNotFoundError:
        return None
    except IOFailed:  # conflicts, damage, a split index: the files themselves are stored below all the same
        if os.path.exists(index) and work.git.call("ls-files", "--stage", repo=work.mirror).code:
            os.unlink(index)
        return None


def _quoted(path: str) -> str:
    """A path in a list that colons separate."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _left(work: Work, nested: bool = True) -> list[Left]:
    """What differs between the private index and the disk: changed, deleted, untracked, unmerged; flags that hide a change count not.

    nested  also the files of repositories inside the work tree, submodules or not, of which git would only look at HEAD
    """
    exclude = os.path.join(work.place, ".git", "info", "exclude")
    plain = os.path.isfile(exclude) and not os.path.islink(exclude)
    more = ["--exclude-from=" + exclude] if plain else []
    out = work.run("ls-files", "-v", "--stage", "-z", "--modified", "--deleted", "--others", "--exclude-standard", *more)
    found: dict[str, Left] = {}
    for each in out.split(b"\0"):
        tag, rest = each[:1], each[2:]
        if not tag:
            continue
        path = os.fsdecode(rest if tag == b"?" else rest.split(b"\t", 1)[1])
        full = os.path.join(work.place, path)
        here = os.path.lexists(full)
        link = tag != b"?" and rest.startswith(b"160000 ")
        if link and not os.path.lexists(os.path.join(full, ".git")):
            continue  # a submodule that nobody fetched
        if HIDDEN in path.split("/") or (not link and (tag == b"H" or (tag == b"S" and not here))):
            continue  # as in the index, or left out of a sparse checkout
        found[path] = Left(path, not here)
    result: list[Left] = []
    for path, left in found.items():
        full = os.path.join(work.place, path)
        if os.path.isdir(full) and not os.path.islink(full):
            result += [Left(path.rstrip("/"), True), *(Left(each, False) for each in _walk(work.place, path.rstrip("/")))] if nested else []
        else:
            result.append(left)
    return result


def _walk(root: str, path: str) -> Iterator[str]:
    """Every file and link below root/path, relative to root."""
    for folder, inner, names in os.walk(os.path.join(root, path)):
        links = [name for name in inner if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in names + links)


def _store(work: Work, left: Iterable[Left]) -> str:
    """Put what lies on the disk into the private index and the mirror, byte for byte; returns the tree."""
    plain: list[tuple[str, str]] = []
    lines: list[bytes] = []
    gone: list[bytes] = []
    nothing = b"0" * (64 if b"sha256" in files.read_bytes(os.path.join(work.mirror, "config")) else 40)
    for each in left:
        full = os.path.join(work.place, each.path)
        gone.append(b"0 " + nothing + b"\t" + os.fsencode(each.path))
        if each.gone:
            continue
        mode = os.lstat(full).st_mode
        if stat.S_ISLNK(mode):
            lines.append(_entry(b"120000", _hash(work, os.fsencode(os.readlink(full))), each.path))
        elif stat.S_ISREG(mode):
            if not mode & stat.S_IRUSR:
                os.chmod(full, stat.S_IMODE(mode) | stat.S_IRUSR)
            kind = "100755" if mode & stat.S_IXUSR else "100644"
            if "\n" in each.path or each.path.startswith('"') or each.path.endswith("\r"):  # a list of paths cannot say these
                lines.append(_entry(kind.encode(), _hash(work, files.read_bytes(full)), each.path))
            else:
                plain.append((kind, each.path))
    if plain:
        asked = b"".join(os.fsencode(os.path.join(work.place, path)) + b"\n" for _, path in plain)
        shas = work.run("hash-object", "-w", "--no-filters", "--stdin-paths", input=asked).split()
        if len(shas) != len(plain):
            raise IOFailed(f"{work.place}: git stored {len(shas)} of {len(plain)} files")
        lines += [_entry(kind.encode(), sha, path) for (kind, path), sha in zip(plain, shas, strict=True)]
    if gone:
        work.run("-c", "core.protectNTFS=false", "update-index", "-z", "--index-info", input=b"\0".join([*gone, *lines]) + b"\0")
    return work.run("write-tree").decode().strip()


def _entry(kind: bytes, sha: bytes, path: str) -> bytes:
    parts = [HIDDEN if part.lower() == ".git" else part for part in path.split("/")]
    return kind + b" " + sha + b" 0\t" + os.fsencode("/".join(parts))


def _hash(work: Work, data: bytes) -> bytes:
    return work.run("hash-object", "-w", "--stdin", input=data).strip()


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
        if gits.rev_object(git, mirror, f"{commit}:{name}"):
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
    staged = f"{commit}:index" if gits.rev_object(git, mirror, f"{commit}:index") else "HEAD"
    git.call("read-tree", "--end-of-options", staged, cwd=place)  # without it every file is untracked, and nothing is lost
