"""The files of a checkout as they lie on the disk, beside an index: what differs, and storing it byte for byte in the mirror.

Everything is done with the mirror's git directory and a private index; the checkout's own config, attributes and filters take no part.
"""
from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orch.errors import IOFailed
from orch.host import files
from orch.host.git import Git

SLOW = 1800.0  # seconds
READ = {".gitignore", ".gitattributes"}  # what git reads in every directory
HIDDEN = ".git.orch"  # what a .git inside the work tree is stored as, because git takes no such path


class Work(NamedTuple):
    """A checkout being read: git with a private index, in the mirror's store, over the checkout's files."""

    git: Git
    mirror: str
    place: str

    def run(self, *args: str, input: bytes | None = None) -> bytes:
        return self.git.run("--work-tree=" + self.place, *args, repo=self.mirror, cwd=self.place, input=input, timeout=SLOW)


class Left(NamedTuple):
    path: str  # relative, as os.fsdecode gives it
    gone: bool  # deleted from the work tree


def staged(work: Work, index: str) -> str | None:
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


def left(work: Work, nested: bool = True) -> list[Left]:
    """What differs between the private index and the disk: changed, deleted, untracked, unmerged; flags that hide a change count not.

    nested  also the files of repositories inside the work tree, submodules or not, of which git would only look at HEAD
    """
    unblock(work.place)
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
        within = _within(work.place, path)
        here = within and os.path.lexists(full)
        link = tag != b"?" and rest.startswith(b"160000 ")
        if link and within and not os.path.lexists(os.path.join(full, ".git")):
            continue  # a submodule that nobody fetched
        if HIDDEN in path.split("/") or (not link and (tag == b"H" or (tag == b"S" and not here))):
            continue  # as in the index, or left out of a sparse checkout
        found[path] = Left(path, not here)
    result: list[Left] = []
    for path, one in found.items():
        full = os.path.join(work.place, path)
        if not one.gone and os.path.isdir(full) and not os.path.islink(full):
            result += [Left(path.rstrip("/"), True), *(Left(each, False) for each in walk(work.place, path.rstrip("/")))] if nested else []
        else:
            result.append(one)
    return result


def _within(place: str, path: str) -> bool:
    """Whether no directory on the way to path has become a link: what lies behind it is not the checkout's."""
    parts = path.rstrip("/").split("/")[:-1]
    return not any(os.path.islink(os.path.join(place, *parts[: depth + 1])) for depth in range(len(parts)))


def unblock(place: str) -> None:
    """Remove pipes and the like where git expects patterns: it would wait for ever to read one, and they hold nothing to be stored."""
    for folder, _, names in os.walk(place):
        for name in READ & set(names):
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
                os.unlink(path)


def walk(root: str, path: str) -> Iterator[str]:
    """Every file and link below root/path, relative to root."""
    for folder, inner, names in os.walk(os.path.join(root, path)):
        links = [name for name in inner if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in names + links)


def store(work: Work, things: Iterable[Left]) -> str:
    """Put what lies on the disk into the private index and the mirror, byte for byte; returns the tree."""
    plain: list[tuple[str, str]] = []
    lines: list[bytes] = []
    gone: list[bytes] = []
    nothing = b"0" * (64 if b"sha256" in files.read_bytes(os.path.join(work.mirror, "config")) else 40)
    for each in things:
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
