"""The default branch of a project: which one it is, where it stands, and the project's own configuration that lies on it."""
from __future__ import annotations

import os
from typing import Any

from orch.errors import BadConfig, IOFailed, NotFound
from orch.flow import config as configs
from orch.host import files, gitsaid, objects, refs
from orch.host.git import Git
from orch.host.world import World
from orch.records import Project


def default(world: World, project: Project, *, own: bool = False) -> tuple[str, str]:
    """The branch that work starts from and is merged into, and its tip: as configured, else as the remote's HEAD names it.

    own     leave the project's .orch.yml out: where that file is read from must not depend on what it says, or one that is broken
            or names a branch that is gone could never be mended
    raises  IOFailed for an empty repository; BadConfig when the configured branch is not there
    """
    mirror = world.home.mirror(project["slug"])
    wished = configs.load(world, None if own else project["slug"])["project"]["default_branch"] or project.get("default_branch")
    name = wished or head(mirror)
    tip = refs.read(mirror, f"refs/heads/{name}") if name else None
    if tip:
        return str(name), tip
    there = _branches(Git.of(world.env), mirror)
    shown, where = ", ".join(there[:8]) + (" ..." if len(there) > 8 else ""), gitsaid.redact(project["origin"])
    if not there:
        raise IOFailed(f"{where}: the repository has no commit on any branch", "make a first commit and push it, then `orch task retry`")
    if wished:
        raise BadConfig([f"project.default_branch: {where} has no branch {name}"], f"its branches: {shown}")
    if len(there) == 1:
        return there[0], str(refs.read(mirror, f"refs/heads/{there[0]}"))
    raise IOFailed(f"{where}: its HEAD names {name}, which is not there", f"set project.default_branch to one of: {shown}")


def head(mirror: str) -> str | None:
    """The branch that the mirror's HEAD names: the remote's default as last seen."""
    try:
        name = files.read_text(os.path.join(mirror, "HEAD")).strip().removeprefix("ref: ")
    except NotFound:
        return None
    return name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else None


def _branches(git: Git, mirror: str) -> list[str]:
    return git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", repo=mirror).splitlines()


def configure(world: World, project: Project, known: dict[str, Any]) -> dict[str, Any]:
    """Take .orch.yml from the tip of the default branch, never from a task's branch; written only when it differs.

    known, returned with what is new: `tip` that was looked at, and whether it `has` such a file
    """
    try:
        _, tip = default(world, project, own=True)
    except (BadConfig, IOFailed):
        return known  # whoever needs the branch says so
    target = world.home.project_config(project["slug"])
    if known.get("tip") == tip and known.get("has") == os.path.exists(target):
        return known
    found = objects.blobs(Git.of(world.env), world.home.mirror(project["slug"]), tip, [".orch.yml", ".orchestrator.yml"])
    content = found[".orch.yml"] if found[".orch.yml"] is not None else found[".orchestrator.yml"]
    if content is None:
        if os.path.lexists(target):
            os.unlink(target)
    elif not os.path.exists(target) or files.read_bytes(target) != content:
        files.replace(target, content)
    return {**known, "tip": tip, "has": content is not None}
