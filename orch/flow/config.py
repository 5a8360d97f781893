"""The configuration of the user, or of one project: files, environment and flags merged (core.config has the table and the rules).

`load` is the hot path: the checked and merged file layers are kept as JSON in .orch/cache, valid while the stamps of all their inputs
are equal, so that a command that only reads one key imports no YAML; a long-lived process keeps them in world.memory as well. A bad
value in a file or in the environment is BadConfig with all problems. What is merely unknown or not trusted never stops anybody: it is
a warning, which `orch config explain`, `orch config check` and `orch init` show and hot reads do not.
"""
from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orch
from orch.core import check, config
from orch.core.config import Config, Path
from orch.errors import BadConfig, BadData, NotAllowed, NotFound, OrchError
from orch.host import files
from orch.host.world import World

Flags = Sequence[tuple[str, Any]]  # (dotted key, text or value)

# Names that orch itself sets or reads; they are not configuration (ORCH_TEST_* neither).
NOT_CONFIG = frozenset(
    f"ORCH_{name}" for name in ("HOME", "PROJECT", "WORKTREES", "TASK", "AGENT", "MODEL", "RESULT", "SLOT", "ATTEMPT")
)
# A file changed less than this ago may change again without its stamp changing (clocks of file systems tick in milliseconds).
SETTLED_NS = 20_000_000


class Files(NamedTuple):
    """The file layers of one project, or of the user alone, checked."""

    layers: list[tuple[str, Config]]  # (where it was read, values), weakest first
    warnings: list[str]


class Line(NamedTuple):
    """One value and where it comes from."""

    path: Path
    value: Any
    origin: str


def load(world: World, slug: str | None = None, flags: Flags = ()) -> Config:
    """The whole configuration, complete with defaults; the caller may change it. raises BadConfig, NotAllowed"""
    return _merge(world, _cached(world, slug).layers, flags)[0]


def warnings(world: World, slug: str | None = None) -> list[str]:
    """Unknown keys, and keys of the project's file that do not count, each with what to do about it. As cheap as `load`."""
    return _cached(world, slug).warnings


def explain(world: World, slug: str | None = None, flags: Flags = ()) -> list[Line]:
    """Every value in the order of the table, with its origin: `default`, `FILE:KEY`, the variable's name, or `flag`."""
    merged, origins = _merge(world, _cached(world, slug).layers, flags)
    return [Line(path, config.at(merged, path), origins[path]) for path in check.leaves(merged)]


def _merge(world: World, layers: Iterable[tuple[str, Config]], flags: Flags) -> tuple[Config, dict[Path, str]]:
    problems: list[str] = []
    over = [*_environment(world, problems), *_flags(flags, problems)]
    if problems:
        raise BadConfig(problems)
    merged, origins = config.merge([("default", config.DEFAULTS), *layers, *over])
    return merged, {path: f"{origin}:{check.dotted(path)}" if "/" in origin else origin for path, origin in origins.items()}


def _environment(world: World, problems: list[str]) -> list[tuple[str, Config]]:
    if not any(name.startswith("ORCH_") and name not in NOT_CONFIG for name in world.env):
        return []
    found = []
    for key in config.KEYS:
        name = key.env()
        if name and name in world.env:
            try:
                value = check.from_text(key.type, world.env[name])
                found.append((name, config.nest([(tuple(key.path.split(".")), value)])))
            except ValueError as error:
                problems.append(f"{name}: {error}")
    return found


def _flags(flags: Flags, problems: list[str]) -> list[tuple[str, Config]]:
    found = []
    for dotted, value in flags:
        path = config.split(dotted)
        key = config.key_at(path) if path else None
        if path is None or key is None:
            problems.append(f"{dotted}: unknown key")
            continue
        try:
            good = check.from_text(key.type, value) if isinstance(value, str) else check.accept(key.type, value)
            found.append(("flag", config.nest([(path, good)])))
        except ValueError as error:
            problems.append(f"{dotted}: {error}")
    return found


def _inputs(world: World, slug: str | None) -> list[str]:
    """The files that decide what the file layers are; the table itself is one of them."""
    mine = [world.home.config(), str(config.__file__)]
    return [*mine, world.home.project_config(slug)] if slug else mine


def _cached(world: World, slug: str | None) -> Files:
    # Stamps first, content second: a change between the two is seen by the next reader as a stamp that differs.
    stamps = [list(stamp) if stamp else None for stamp in map(files.stamp, _inputs(world, slug))]
    known = world.memory.setdefault("config", {})
    if slug in known and known[slug][0] == stamps:
        return Files(*known[slug][1])
    path = world.home.state("cache", "config", f"{slug}.json") if slug else world.home.state("cache", "config.json")
    try:
        kept = files.find_json(path) or {}
    except OrchError:
        kept = {}  # a torn cache is no cache
    if kept.get("orch") == orch.__version__ and kept.get("stamps") == stamps:
        found = Files([(name, values) for name, values in kept["layers"]], kept["warnings"])
    else:
        found = read(world, slug)
        if any(stamp and stamp[0] > time.time_ns() - SETTLED_NS for stamp in stamps):
            return found
        try:
            content = {"v": 1, "orch": orch.__version__, "stamps": stamps, "layers": found.layers, "warnings": found.warnings}
            files.replace_json(path, content, durable=False)
        except OrchError:
            pass  # a home that cannot be written, or a full disk, makes reading slower and nothing else
    known[slug] = (stamps, found)
    return found


def read(world: World, slug: str | None) -> Files:
    """Read and check the files themselves. raises BadConfig with every problem of every file"""
    mine = world.home.config()
    user = _layer(mine)
    problems = [f"{mine}: {problem}" for problem in user.problems]
    found = Files([(mine, user.values)], [f"{mine}: {text}" for text in user.unknown])
    if slug:
        name = f"{slug}/.orch.yml"
        theirs = _layer(world.home.project_config(slug), name)
        problems += [f"{name}: {problem}" for problem in theirs.problems]
        found.warnings.extend(f"{name}: {text}" for text in theirs.unknown)
        trusted = bool(config.at(user.values, ("projects", slug, "trust")))
        counts, waiting, never = check.split_by_scope(theirs.values, trusted)
        found.layers.append((name, counts))
        if waiting:
            keys = ", ".join(map(check.dotted, waiting))
            line = f"projects: {{{slug}: {{trust: true}}}}"
            found.warnings.append(f"{name}: ignored until you trust this project: {keys}; add to {mine}: {line}")
        found.warnings.extend(f"{name}: {check.dotted(path)} counts only in your own {mine}" for path in never)
    if problems:
        raise BadConfig(problems)
    return found


def _layer(path: str, name: str | None = None) -> check.Layer:
    from orch.host import yaml

    try:
        return check.layer(yaml.parse(files.read_text(path), name or path))
    except NotFound:
        return check.Layer({}, [], [])
    except (BadData, NotAllowed) as error:
        raise BadConfig([error.message], error.hint or "mend the file, or move it away to go on with the defaults") from None
