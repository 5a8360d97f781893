"""orch's own bare repository of a project: where commits come from, are kept, judged, merged and pushed.

refs/heads, refs/tags  as the project's origin has them, pruned with it
refs/orch/keep/<task>/<n>       what attempt n left; refs/orch/heads/<task>/<n>/  other branches that it made
refs/orch/trash/<task>/<n>      what was in a removed checkout (flow/trash); refs/orch/objects/<sha>  what a tag in it named
orch.json                       what the last fetch saw, so that a fetch of an unchanged local origin starts no process

Objects are only ever added: checkouts borrow them, so nothing here runs gc. A mirror is made under another name and renamed; one lock
per project (paths.mirror_lock) is held while it is made and fetched. Other writers only add objects and refs below refs/orch, and
need no lock.
"""
from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from orch.errors import NotAllowed, OrchError, TryLater
from orch.flow import origin as origins
from orch.flow import repair, trunk
from orch.flow.receive import keep
from orch.flow.trunk import default
from orch.host import files, gitsaid, lock, refs
from orch.host.git import Git
from orch.host.proc import Silence
from orch.host.world import World
from orch.records import Project

CLONE = 7200.0  # seconds
BRIEF = 60.0  # seconds that a step of a tick, which holds its lock meanwhile, waits for another process that fetches
# It is silent while it copies what it borrowed (--dissociate).
CLONE_SILENCE = origins.SILENCE._replace(later=1800.0)
REFS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
HEAD = "refs/orch/origin"  # the commit of the remote's HEAD, by which a change of its default branch is noticed
# Old histories hold objects that today's git would not write; these kinds harm nobody.
OLD = ("badDate", "badDateOverflow", "badEmail", "badTimezone", "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate",
       "missingSpaceBeforeEmail", "multipleAuthors", "zeroPaddedFilemode", "zeroPaddedDate", "missingTaggerEntry", "badTagName",
       "gitmodulesParse", "gitmodulesMissing")  # fmt: skip
CONFIG = ("transfer.fsckObjects=true", *(f"fetch.fsck.{kind}=ignore" for kind in OLD), "transfer.hideRefs=refs/orch", "gc.auto=0",
          "maintenance.auto=false", "core.logAllRefUpdates=false")  # fmt: skip
# Over every .gitattributes: what is stored from a checkout (flow/snapshot) passes no filter and is not converted.
ATTRIBUTES = b"* -filter -text -ident -working-tree-encoding\n"
Say = Callable[[str], None]

__all__ = ["default", "ensure", "fetch", "keep", "path", "point", "tool"]


def path(world: World, slug: str) -> str:
    return world.home.mirror(slug)


def tool(world: World, config: dict[str, Any] | None = None) -> Git:
    """Git with this world's environment; config gives the identity of the commits that orch makes."""
    mine = (config or {}).get("git", {})
    return Git.of(world.env, mine.get("name", ""), mine.get("email", ""))


def ensure(world: World, project: Project, say: Say | None = None, hear: Say | None = None) -> str:
    """The mirror's path; it is made, or mended, when it is not there. raises IOFailed, TryLater, NotAllowed as git says

    say, hear  are told that another process is waited for, and how far the clone has come
    """
    mirror = path(world, project["slug"])
    if not _whole(mirror):
        with _held(world, project["slug"], say):
            if not _whole(mirror):  # else another process made it while we waited
                _make(world, project, mirror, hear)
    return mirror


def fetch(
    world: World, project: Project, *, within: float = 0.0, say: Say | None = None, hear: Say | None = None,
    patience: float = CLONE, silence: Silence = origins.SILENCE,
) -> None:
    """Bring the mirror up to date with the project's origin.

    within    a fetch that began at most so many seconds ago, by whatever process, is good enough
    patience  seconds to wait for another process that fetches
    raises    TryLater for the network, and for an origin on this machine that is not there; NotAllowed; IOFailed
    """
    mirror, asked = path(world, project["slug"]), time.time()
    if not _whole(mirror):
        ensure(world, project, say, hear)
        return
    url = project["origin"]
    known = _state(mirror)
    current = _current(mirror, url, known, asked, within)
    if current:
        _remember(mirror, known, trunk.configure(world, project, current))
        return
    with _held(world, project["slug"], say, patience) as waited:
        known = _state(mirror)
        now = time.time()
        if not (waited and known.get("origin") == url and asked <= known.get("at", 0) <= now):  # else somebody fetched meanwhile
            known = _fetch(world, project, mirror, known, silence)
        _remember(mirror, known, trunk.configure(world, project, known))


def _current(mirror: str, url: str, known: dict[str, Any], asked: float, within: float) -> dict[str, Any] | None:
    """What is known of a mirror that nothing needs to be fetched for; None when something may have to be."""
    if known.get("origin") != url:
        return None
    if asked - within <= known.get("at", 0) < asked:
        return known
    seen = origins.seen(url)
    if known.get("seen") == (seen or "?"):
        return known
    return {**known, "at": asked, "seen": seen} if origins.same(url, mirror) else None  # only our own pushes have changed it


def _fetch(world: World, project: Project, mirror: str, known: dict[str, Any], silence: Silence) -> dict[str, Any]:
    git, url = tool(world), project["origin"]
    at, seen = time.time(), origins.seen(url)
    known = _point(git, mirror, url, known)
    words = ["fetch", "--progress", "--prune", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "origin", *REFS]
    follow = [f"+HEAD:{HEAD}"] if origins.follows(url) else []
    try:
        repair.mended(mirror, lambda: git.run(*words, *follow, repo=mirror, timeout=origins.LONGEST, silence=silence))
    except OrchError as error:
        if "remote ref HEAD" not in error.message:
            raise about(error, url) from None
        follow = []  # its HEAD names a branch that is not there
        repair.mended(mirror, lambda: git.run(*words, repo=mirror, timeout=origins.LONGEST, silence=silence))
    head = str(trunk.head(mirror))
    tip, named = refs.read(mirror, "refs/heads/" + head), refs.read(mirror, HEAD) if follow else None
    if (tip is None or (named and named != tip)) and (new := origins.head(git, mirror, silence)):
        git.run("symbolic-ref", "HEAD", "refs/heads/" + new, repo=mirror)
    known = {**known, "v": 1, "origin": url, "at": at, "seen": seen}
    _remember(mirror, {}, known)
    return known


def point(world: World, project: Project) -> None:
    """Have `origin` in the mirror mean what the project's record says; the record may have been edited."""
    mirror = ensure(world, project)
    _point(tool(world), mirror, project["origin"], _state(mirror))


def _point(git: Git, mirror: str, url: str, known: dict[str, Any]) -> dict[str, Any]:
    if known.get("origin") != url:
        git.run("config", "--replace-all", "remote.origin.url", url, repo=mirror)
        known = {"v": 1, "origin": url}
        files.replace_json(os.path.join(mirror, "orch.json"), known, durable=False)
    return known


def _make(world: World, project: Project, mirror: str, hear: Say | None = None) -> None:
    """Clone into a name of its own, then rename: there is a whole mirror or none. What is left of a broken one is mended into it."""
    if "\n" in mirror:
        raise NotAllowed(f"{mirror!r}: no checkout can borrow from a path with a line break in it", "set ORCH_HOME to another")
    git, url = tool(world), project["origin"]
    folder, name = os.path.split(mirror)
    files.make_dir(folder)
    repair.leftovers(folder, name)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}-{time.monotonic_ns()}.new")
    at, seen = time.time(), origins.seen(url)
    near = [] if origins.place(url) or not project.get("path") else ["--reference-if-able", str(project["path"]), "--dissociate"]
    settings = [word for each in CONFIG for word in ("-c", each)]
    try:
        how = ["clone", "--progress", "--bare", "--template=", "--origin=origin", *near, *settings]
        git.run(*how, "--", url, temporary, timeout=CLONE, hear=hear, silence=None if origins.place(url) else CLONE_SILENCE)
        files.replace(os.path.join(temporary, "info", "attributes"), ATTRIBUTES, durable=False)
        files.replace_json(os.path.join(temporary, "orch.json"), {"v": 1, "origin": url, "at": at, "seen": seen}, durable=False)
        if os.path.lexists(mirror):
            repair.rescue(git, mirror, temporary, world.now())
        os.rename(temporary, mirror)
        files.sync_dir(folder)
    except OSError as error:
        raise files.failure(error, mirror) from None
    except OrchError as error:
        raise about(error, url) from None
    finally:
        repair.remove(temporary)
    known = _state(mirror)
    _remember(mirror, known, trunk.configure(world, project, known))


def about(error: OrchError, url: str) -> OrchError:
    """What git's trouble with an origin means: what is away with its disk may come back. Named, without its password."""
    path = origins.path(url)
    if path and not os.path.exists(path):
        return TryLater(f"the origin {path} is not there", "is a disk not mounted? `orch project list` shows each origin")
    shown = gitsaid.redact(url)
    return error if shown in error.message else type(error)(f"{shown}: {error.message}", error.hint)


def _whole(mirror: str) -> bool:
    return all(os.path.exists(os.path.join(mirror, name)) for name in ("HEAD", "config", "objects", "refs"))


def _remember(mirror: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    if after != before:
        files.replace_json(os.path.join(mirror, "orch.json"), after, durable=False)


def _state(mirror: str) -> dict[str, Any]:
    try:
        return files.find_json(os.path.join(mirror, "orch.json")) or {}
    except OrchError:
        return {}  # torn: as if nothing had been fetched yet


@contextmanager
def _held(world: World, slug: str, say: Say | None, patience: float = CLONE) -> Iterator[bool]:
    """Hold the mirror's lock; yields whether we had to wait. A clone may take long, so the wait is long, and is announced."""
    where = world.home.mirror_lock(slug)
    fd = lock.take(where)
    waited = fd is None
    if fd is None:
        (say or _tell)(f"{slug}: waiting for another process that fetches it")
        fd = lock.take(where, patience=patience)
    if fd is None:
        raise TryLater(f"{slug}: another process has been fetching it for more than {patience:g} s", f"see who: fuser {where}")
    try:
        yield waited
    finally:
        os.close(fd)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
