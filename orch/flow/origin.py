"""What can be learned of a project's origin without fetching: where it lies on this disk, whether it has changed, what its HEAD names."""
from __future__ import annotations

import os
import time

from orch.errors import OrchError
from orch.host import refs
from orch.host.git import Git
from orch.host.proc import Silence

LONGEST = 1800.0  # seconds for one fetch or push
# A tick holds its lock while it fetches or pushes, so an origin that takes the connection and says nothing must not keep it. Once it has
# spoken it may be at work for longer without a word: its hooks on what was pushed, our own look through what was fetched.
SILENCE = Silence(60.0, 300.0)
# A file system's clock ticks in milliseconds: a ref that changed this recently may change again and look the same.
SETTLED_NS = 50_000_000


def path(url: str) -> str | None:
    """Where an origin lies, or should lie, on this machine; None for any other."""
    found = url.removeprefix("file://")
    return found if found.startswith("/") else None


def place(url: str) -> str | None:
    """The git directory of an origin on this machine; None for any other, and for one that is not laid out plainly."""
    root = path(url)
    if root is None:
        return None
    inner = os.path.join(root, ".git")
    return inner if os.path.isdir(inner) else root if os.path.isfile(os.path.join(root, "HEAD")) else None


def follows(url: str) -> bool:
    """Whether the origin's HEAD says what its default branch is; in a person's own checkout it only says what he looks at just now."""
    found = place(url)
    return found is None or not found.endswith("/.git")


def seen(url: str) -> str | None:
    """A print of all refs of an origin on this machine, from file stamps; equal prints mean that nothing has changed.

    None when that cannot be told: another machine, refs in another format, or a change so fresh that the next could go unnoticed.
    """
    root = place(url)
    if root is None or os.path.exists(os.path.join(root, "reftable")):
        return None
    stamps: list[tuple[str, int, int, int]] = []
    try:
        _stamp(root, "HEAD", stamps)
        _stamp(root, "packed-refs", stamps)
        for kind in ("heads", "tags"):
            _walk(root, os.path.join("refs", kind), stamps)
    except OSError:
        return None  # it changed while we looked
    if max(stamp[1] for stamp in stamps) > time.time_ns() - SETTLED_NS:
        return None
    import zlib

    text = repr(sorted(stamps)).encode()
    return f"{len(stamps)}-{zlib.crc32(text):08x}-{zlib.adler32(text):08x}"


def same(url: str, mirror: str) -> bool:
    """Whether the mirror has all branches and tags of an origin on this machine as they are now, and its HEAD where that counts.

    Read from the files of both, so it starts no process. False when it cannot be told.
    """
    root = place(url)
    if root is None or os.path.exists(os.path.join(root, "reftable")):
        return False
    try:
        theirs, ours = refs.read_all(root), refs.read_all(mirror)
        return theirs is not None and theirs == ours and (not follows(url) or _read(root, "HEAD") == _read(mirror, "HEAD"))
    except (OSError, OrchError):
        return False  # something changed while we looked


def _read(root: str, name: str) -> bytes:
    with open(os.path.join(root, name), "rb", buffering=0) as file:
        return file.read()


def _walk(root: str, name: str, stamps: list[tuple[str, int, int, int]]) -> None:
    with os.scandir(os.path.join(root, name)) as found:
        for each in found:
            inner = os.path.join(name, each.name)
            if each.is_dir():
                _walk(root, inner, stamps)
            elif not each.name.endswith(".lock"):
                _stamp(root, inner, stamps)


def _stamp(root: str, name: str, stamps: list[tuple[str, int, int, int]]) -> None:
    try:
        info = os.stat(os.path.join(root, name))
    except FileNotFoundError:
        if name != "packed-refs":
            raise
        return
    stamps.append((name, max(info.st_mtime_ns, info.st_ctime_ns), info.st_size, info.st_ino))


def head(git: Git, mirror: str, silence: Silence = SILENCE) -> str | None:
    """The branch that the origin's HEAD names, asked for; None when it names none."""
    said = git.run("ls-remote", "--symref", "origin", "HEAD", repo=mirror, timeout=LONGEST, silence=silence)
    for line in said.decode(errors="replace").splitlines():
        target, tab, name = line.partition("\t")
        if tab and name == "HEAD" and target.startswith("ref: refs/heads/"):
            return target.removeprefix("ref: refs/heads/")
    return None
