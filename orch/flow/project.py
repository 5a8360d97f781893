"""The projects that orch works on: one record each, projects/<owner>/<repo>.json, and the question which one is meant.

A record says where the project's commits come from (`origin`, a URL or a path) and where the user's own checkout is, if there is one
(`path`, never written to). Records are small and few, so `ls` is the index. A slug belongs to the first who takes it. Removal moves
things aside into .orch/trash and deletes nothing.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple, cast

from orch.core import names
from orch.errors import BadData, Exists, NotAllowed, NotFound, OrchError, Usage
from orch.host import files, lock
from orch.host.world import World
from orch.records import VERSION, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orch.flow.repository import Source


def slugs(world: World) -> list[str]:
    """Every registered project, sorted."""
    root = world.home.projects()
    found = []
    for owner in files.names(root):
        for name in files.names(os.path.join(root, owner), hidden=True):
            if name.endswith(".json"):
                try:
                    found.append(names.slug(f"{owner}/{name[:-5]}"))
                except BadData:
                    continue  # somebody else's file
    return sorted(found)


def get(world: World, slug: str) -> Project:
    """One project's record. raises NotFound with the nearest name; BadData"""
    record = find(world, slug)
    if record is None:
        raise _missing(slug, slugs(world))
    return record


def find(world: World, slug: str) -> Project | None:
    """One project's record, or None. raises BadData"""
    path = world.home.project(names.slug(slug))
    record = files.find_json(path)
    if record is not None and not isinstance(record.get("origin"), str):
        raise BadData(f"{path}: a project's record needs an origin", "mend it, or move it away and run `orch project add` again")
    return cast("Project | None", record)


def maybe(world: World, name: str | None = None) -> str | None:
    """As `here`, without the guess at the end: None when neither a name nor the current directory says which. raises NotFound"""
    wanted = name or world.env.get("ORCH_PROJECT")
    return _named(wanted, slugs(world)) if wanted else around(world, slugs(world))


def here(world: World, name: str | None = None) -> str:
    """The project that is meant: --project, ORCH_PROJECT, the checkout around us, the only one. raises Usage, NotFound"""
    found = maybe(world, name)
    if found:
        return found
    known = slugs(world)
    if len(known) == 1:
        return known[0]
    if not known:
        raise Usage("there is no project yet", "run `orch init` in a repository, or `orch project add URL`")
    raise Usage("which project?", f"say --project with one of: {', '.join(known)}")


def _named(wanted: str, known: list[str]) -> str:
    """A slug as given, in another case, or by its last part when only one project has it."""
    if wanted in known:
        return wanted
    lower = wanted.lower()
    found = [slug for slug in known if slug.lower() == lower] or [slug for slug in known if slug.lower().split("/")[1] == lower]
    if len(found) == 1:
        return found[0]
    if found:
        raise Usage(f"{wanted} may be any of {', '.join(found)}", "write the full owner/repo")
    raise _missing(wanted, known)


def _missing(wanted: str, known: list[str]) -> NotFound:
    near = names.nearest(wanted, known)
    hint = f"did you mean {near}?" if near else "`orch project list` shows them, `orch project add` adds one"
    return NotFound(f"no such project: {wanted}", hint)


def around(world: World, known: list[str]) -> str | None:
    """The project whose checkout, the user's or one of orch's, holds the current directory; the innermost when they are nested."""
    cwd = os.path.realpath(world.cwd)
    places = [(os.path.join(world.home.worktrees, slug), slug) for slug in known]
    places += [(path, slug) for slug, path in _paths(world, known)]
    inside = [(len(place), slug) for place, slug in places if contains(os.path.realpath(place), cwd)]
    return max(inside)[1] if inside else None


def _paths(world: World, known: list[str]) -> list[tuple[str, str]]:
    """(slug, the user's checkout) of each project that has one; a record that does not parse is left to `orch project list`."""
    found = []
    for slug in known:
        try:
            record = find(world, slug)
        except OrchError:
            continue
        if record and record.get("path"):
            found.append((slug, str(record["path"])))
    return found


def contains(place: str, path: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


class Added(NamedTuple):
    project: Project
    how: str  # added | updated | known


def add(world: World, what: str, name: str | None = None) -> Project:
    """Register a path, `owner/repo` or URL; adding the same again changes nothing. raises Exists when the slug is another's"""
    return register(world, what, name).project


def register(world: World, what: str, name: str | None = None, hear: Callable[[str], None] | None = None) -> Added:
    """As `add`, and say what it did. hear is told how far a clone has come"""
    from orch.flow import mirror, repository

    source = repository.read(world, what)
    slug = names.slug(name) if name else source.slug
    if slug is None:
        raise BadData(f"no project name can be made from {source.origin}", "give one with --name owner/repo")
    # The mirror first, and outside the lock, because a clone may take minutes: a record promises that there is a mirror. One that is
    # left of an earlier project of this name, or of another origin, has to hear of this one.
    wanted, old = _decide(world, slug, source).project, find(world, slug)
    if old and old["origin"] == wanted["origin"]:
        mirror.ensure(world, wanted, hear=hear)
    else:
        mirror.fetch(world, wanted, hear=hear)
    with lock.hold(world.home.lock(slug)):
        decided = _decide(world, slug, source)
        if decided.how != "known":
            files.replace_json(world.home.project(slug), {**decided.project})
    return decided


def _decide(world: World, slug: str, source: Source) -> Added:
    """Compare what is to be added with what is registered. raises Exists"""
    known = slugs(world)
    for other, path in _paths(world, known):
        if source.path and os.path.realpath(path) == os.path.realpath(source.path) and other != slug:
            raise Exists(f"{path} is the project {other} already", f"run `orch project remove {other}` first, or use that name")
    for other in known:
        if other != slug and other.lower() == slug.lower():
            raise Exists(f"the project {other} differs from {slug} only in case", "pass --name owner/repo")
    old = find(world, slug)
    if old is None:
        fresh = Project(v=VERSION, slug=slug, path=source.path, origin=source.origin, default_branch=None, added_at=world.now_text())
        return Added(fresh, "added")
    theirs = old.get("path")
    same_place = bool(theirs and source.path and os.path.realpath(theirs) == os.path.realpath(source.path))
    same_origin = old["origin"] == source.origin or _same_repository(old["origin"], source.origin)
    gone = theirs is None or not os.path.isdir(theirs)
    moved_whole = gone and theirs == old["origin"] and source.path == source.origin and _has_ours(world, slug, source.origin)
    if not same_place and not (same_origin and (source.path is None or gone)) and not moved_whole:
        raise Exists(f"{slug} is registered already, for {theirs or old['origin']}", "pass --name owner/repo to have both")
    new: Project = {**old, "path": source.path or theirs, "origin": source.origin if same_place or moved_whole else old["origin"]}
    return Added(new, "known" if new == old else "updated")


def _has_ours(world: World, slug: str, path: str) -> bool:
    """Whether a repository has a commit that the project's mirror knows as the end of a branch: then it is the same one elsewhere."""
    from orch.host import refs
    from orch.host.git import Git

    mirror = world.home.mirror(slug)
    tips = (refs.read_all(mirror, ("heads",)) or {}) if os.path.isdir(mirror) else {}
    out = Git.of(world.env).run("cat-file", "--batch-check", cwd=path, input="".join(f"{sha}\n" for sha in tips.values()).encode())
    return any(line.split()[1:2] == [b"commit"] for line in out.splitlines())


def _same_repository(one: str, other: str) -> bool:
    """https and ssh addresses of one repository count as the same."""
    try:
        slug = names.slug_of(one)
        return slug is not None and slug == names.slug_of(other)
    except BadData:
        return False


def remove(world: World, slug: str, *, force: bool = False, purge: bool = False) -> list[tuple[str, str]]:
    """Forget a project: its record, and with purge its mirror, move to .orch/trash; returns (from, to) of each.

    Its tasks and checkouts stay where they are, and are there again when the project comes back. raises NotAllowed
    """
    from orch.stores import local

    get(world, slug)
    with lock.hold(world.home.lock(slug)):
        tasks, _ = local.list_open(world, slug)
        busy = [task["id"] for task in tasks if task["status"] == "in_progress"]
        left = [task["id"] for task in tasks if task["status"] != "done"]
        if busy:
            raise NotAllowed(f"{slug}: agents are at work on {_few(busy)}", "`orch task cancel` or `orch task kill` them first")
        if left and not force:
            raise NotAllowed(f"{slug}: there are open tasks: {_few(left)}", "finish or cancel them, or pass --force to leave them behind")
        aside = world.home.state("trash", f"{slug}-{world.now_text().replace(':', '')}")
        moves = [(world.home.project(slug), os.path.join(aside, "project.json"))]
        if purge and os.path.isdir(world.home.mirror(slug)):
            moves.append((world.home.mirror(slug), os.path.join(aside, "mirror.git")))
        files.make_dir(aside)
        for old, new in moves:
            try:
                os.rename(old, new)
            except OSError as error:
                raise files.failure(error, old) from None
    return moves


def _few(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
