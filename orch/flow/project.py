"""The projects that orch works on: one record each, projects/<owner>/<repo>.json, and the question which one is meant.

A record says where the project's commits come from (`origin`, a URL or a path) and where the user's own checkout is, if there is one
(`path`, never written to). Records are small and few, so `ls` is the index.
"""
from __future__ import annotations

import os
from typing import cast

from orch.core import names
from orch.errors import BadData, NotFound, OrchError, Usage
from orch.host import files
from orch.host.world import World
from orch.records import Project


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
    record = files.find_json(world.home.project(names.slug(slug)))
    if record is None:
        raise _missing(slug, slugs(world))
    return cast(Project, record)


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
    places = [(os.path.realpath(os.path.join(world.home.worktrees, slug)), slug) for slug in known]
    for slug in known:
        try:
            path = get(world, slug).get("path")
        except OrchError:
            continue  # reported by `orch project list`; the other projects are still found
        if path:
            places.append((os.path.realpath(path), slug))
    inside = [(len(place), slug) for place, slug in places if cwd == place or cwd.startswith(place.rstrip("/") + "/")]
    return max(inside)[1] if inside else None
