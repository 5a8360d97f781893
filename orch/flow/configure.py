"""Look at the whole configuration for what is wrong with it, and change it.

`check` reads every file itself, past the cache. `change` edits YAML so that comments and order survive: each value is checked first,
all of them go in with one replacement, under one lock, and a file that is not there yet is made.
"""
from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from orch.core import config, names
from orch.errors import BadConfig, BadData, NotFound, OrchError, Usage
from orch.flow import config as reading
from orch.host import files, lock
from orch.host.world import World


class Verdict(NamedTuple):
    problems: list[str]  # wrong values, unknown keys, files that cannot be read; each names its file and key
    notes: list[str]  # what is right and yet may surprise


def check(world: World, slugs: Sequence[str]) -> Verdict:
    """Everything that is wrong in the user's file, in the environment, and in the files of these projects."""
    found = Verdict([], [])
    for slug in (None, *slugs):
        read, problems = reading.examine(world, slug)
        found.problems.extend(problems + read.unknown)
        found.notes.extend(read.ignored)
    found.problems.extend(reading.environment(world)[1])
    variables = {name for key in config.KEYS if (name := key.env())}
    for name in sorted(world.env):
        if name.startswith("ORCH_") and name not in variables | reading.NOT_CONFIG and not name.startswith("ORCH_TEST_"):
            near = names.nearest(name, variables)
            found.notes.append(f"{name}: no key has this variable" + (f"; did you mean {near}?" if near else ""))
    return Verdict(list(dict.fromkeys(found.problems)), list(dict.fromkeys(found.notes)))


def change(world: World, assignments: Iterable[str], project_file: str | None = None) -> str:
    """Set `KEY=VALUE`s in the user's config.yml, or in a project's file; returns the file's path.

    All keys and values are looked at, and all that is wrong is named at once.
    raises Usage, NotFound for an unknown key, BadConfig for wrong values, for several kinds of mistakes, or a file that is not YAML
    """
    path = os.path.join(world.cwd, project_file) if project_file else world.home.config()
    words = list(assignments)
    changes: list[tuple[config.Path, Any]] = []
    problems: list[OrchError] = []
    for each in words:
        name, equals, text = each.partition("=")
        if not equals:
            meant = "=".join(words) if len(words) == 2 else "engine.max_parallel=2"
            raise Usage(f"not KEY=VALUE: {each!r}", f"write: orch config set {meant}")
        try:
            at, value = reading.typed(name, text)
        except NotFound as error:
            problems.append(error)
            continue
        except ValueError as error:
            problems.append(BadConfig([f"{name}: {error}"], "nothing was changed"))
            continue
        key = config.key_at(at)
        if project_file and key and key.scope == "user":
            problems.append(BadConfig([f"{name}: counts only in your own {world.home.config()}"], "nothing was changed"))
        changes.append((at, as_typed(text, value)))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise BadConfig([line for error in problems for line in _lines(error)], "nothing was changed")
    edit(world, path, changes)
    return path


def _lines(error: OrchError) -> list[str]:
    return error.problems if isinstance(error, BadConfig) else [f"{error.message} ({error.hint})"]


def as_typed(text: str, value: Any) -> Any:
    """Keep `5m` and `20GB` as the person wrote them; they read better than what they mean."""
    return text.strip() if isinstance(value, int) and not isinstance(value, bool) and not text.strip().isdigit() else value


def edit(world: World, path: str, changes: Iterable[tuple[config.Path, Any]]) -> None:
    """Set typed values at paths in a YAML file, under the lock that all such edits share. raises BadConfig"""
    from orch.host import yaml

    with lock.hold(world.home.state("config.lock")):
        try:
            yaml.edit_file(path, changes)
        except BadData as error:
            raise BadConfig([error.message], error.hint or "mend the file first; nothing was changed") from None


def trust(world: World, slug: str) -> str:
    """Trust a project unless the user's file says something about it already; returns `set`, `kept` or `refused`."""
    if (said := _said(world, slug)) is not None:
        return "kept" if said else "refused"
    edit(world, world.home.config(), [(("projects", slug, "trust"), True)])
    return "set"


def distrust(world: World, slug: str) -> bool:
    """Take trust back, so that nobody inherits it with the name; True when there was any."""
    if not _said(world, slug):
        return False
    edit(world, world.home.config(), [(("projects", slug, "trust"), False)])
    return True


def _said(world: World, slug: str) -> bool | None:
    said = config.at(reading.examine(world, None)[0].layers[0][1], ("projects", slug, "trust"))
    return None if said is None else bool(said)


def create(world: World) -> bool:
    """Write a short config.yml when there is none; True when it was written. PATH is kept in it, because cron's has no agents."""
    path = world.home.config()
    folders = [each for each in world.env.get("PATH", "").split(os.pathsep) if os.path.isabs(each)]
    with lock.hold(world.home.state("config.lock")):
        if files.stamp(path) is not None:
            return False
        from orch.host import yaml

        start = os.pathsep.join(dict.fromkeys(folders))
        files.replace_text(path, yaml.edit(FIRST, [(("engine", "path"), start)], path))
    return True


FIRST = """\
# The configuration of orch. `orch config list` shows every key, `orch config explain` where each value comes from,
# and `orch config set KEY=VALUE` edits this file without touching its comments.

engine:
  # Cron and launchd start programs with a short PATH. Agents, setup and verify commands are looked for in this one,
  # which was yours when `orch init` ran.
  path: ""
  # Agents that may run at the same time, over all projects.
  max_parallel: 4

workflow:
  # What happens to a verified task: publish its branch, or merge it.
  finish: branch
"""
