"""The configuration of the user, or of one project: files, environment and flags merged (core.config has the table and the rules).

`load` is the hot path: the checked file layers are kept as JSON in .orch/cache, valid while the stamps of all their inputs are equal,
so that a command that only reads one key imports no YAML; a long-lived process keeps them in world.memory as well. A bad value in a
file or in the environment is BadConfig with all problems. What is merely unknown or not trusted never stops anybody: it is a warning,
which `orch config explain` and `check`, `orch init` and `orch project add` show and hot reads and ticks do not.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import orch
from orch.core import config
from orch.core.config import Config, Path
from orch.errors import BadConfig, NotFound, OrchError
from orch.host import files
from orch.host.world import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orch.core.check import Layer

Flags = Sequence[tuple[str, Any]]  # (dotted key, text or value)

# Names that orch itself sets or reads; they are not configuration (ORCH_TEST_* neither).
NOT_CONFIG = frozenset(
    f"ORCH_{name}" for name in ("HOME", "PROJECT", "WORKTREES", "TASK", "AGENT", "MODEL", "RESULT", "SLOT", "ATTEMPT")
)


class Files(NamedTuple):
    """The file layers of one project, or of the user alone, checked; weakest first."""

    layers: list[tuple[str, Config]]  # (where it was read, values)
    unknown: list[str]  # keys that the table does not have
    ignored: list[str]  # keys of the project's file that do not count there, and what would make them count


class Line(NamedTuple):
    """One value and where it comes from."""

    path: Path
    value: Any
    origin: str


def load(world: World, slug: str | None = None, flags: Flags = ()) -> Config:
    """The whole configuration, complete with defaults; the caller may change it. raises BadConfig"""
    return _merge(world, _cached(world, slug).layers, flags)[0]


def shared(world: World, slug: str | None = None) -> Config:
    """As `load`, merged once and then remembered while the files stay the same: nobody may change it. For what every tick reads."""
    layers = _cached(world, slug).layers
    known = world.memory.setdefault("merged", {})
    if slug not in known or known[slug][0] is not layers:
        known[slug] = layers, _merge(world, layers, ())[0]
    config: Config = known[slug][1]
    return config


def warnings(world: World, slug: str | None = None) -> list[str]:
    """Unknown keys, and keys of the project's file that do not count, each with what to do about it. As cheap as `load`."""
    found = _cached(world, slug)
    return found.unknown + found.ignored


def explain(world: World, slug: str | None = None, flags: Flags = ()) -> list[Line]:
    """Every value in the order of the table, with its origin: `default`, `FILE:KEY`, the variable's name, or `flag`."""
    merged, origins = _merge(world, _cached(world, slug).layers, flags)
    return [Line(path, config.at(merged, path), origins[path]) for path in config.leaves(merged)]


def _merge(world: World, layers: Iterable[tuple[str, Config]], flags: Flags) -> tuple[Config, dict[Path, str]]:
    from_env, problems = environment(world)
    from_flags = _flags(flags, problems)
    if problems:
        raise BadConfig(problems)
    merged, origins = config.merge([("default", config.DEFAULTS), *layers, *from_env, *from_flags])
    return merged, {path: f"{origin}:{config.dotted(path)}" if "/" in origin else origin for path, origin in origins.items()}


def environment(world: World) -> tuple[list[tuple[str, Config]], list[str]]:
    """The layers that ORCH_* variables make, one each, and what is wrong with them."""
    found: list[tuple[str, Config]] = []
    problems: list[str] = []
    if not any(name.startswith("ORCH_") and name not in NOT_CONFIG for name in world.env):
        return found, problems
    from orch.core import kinds

    for key in config.KEYS:
        name = key.env()
        if name and name in world.env:
            try:
                value = kinds.from_text(key.type, world.env[name])
                found.append((name, config.nest([(tuple(key.path.split(".")), value)])))
            except ValueError as error:
                problems.append(f"{name}: {error}")
    return found, problems


def _flags(flags: Flags, problems: list[str]) -> list[tuple[str, Config]]:
    found = []
    for name, value in flags:
        try:
            found.append(("flag", config.nest([typed(name, value)])))
        except (ValueError, NotFound) as error:
            problems.append(f"{name}: {error}")
    return found


def typed(name: str, value: Any) -> tuple[Path, Any]:
    """The path of a dotted key, and a value (text or already typed) in its one form. raises NotFound; ValueError"""
    from orch.core import kinds

    path = find(name)
    key = config.key_at(path)
    if key is None:
        raise NotFound(f"{name} is a section, not a key", f"`orch config {name}` shows what is in it")
    return path, kinds.from_text(key.type, value) if isinstance(value, str) else kinds.accept(key.type, value)


def find(name: str) -> Path:
    """The path of a dotted key or section. raises NotFound with the nearest name"""
    path = config.split(name)
    if path is None:
        from orch.core import names

        near = names.nearest(name, [key.path for key in config.KEYS] + list(config.TREE))
        raise NotFound(f"no such key: {name}", f"did you mean {near}?" if near else "`orch config list` shows all keys")
    return path


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
    if stamps[0] is None and (slug is None or stamps[2] is None):  # nothing to read, so nothing to keep: no home is made by looking
        known[slug] = (stamps, Files([(world.home.config(), {})], [], []))
        return Files(*known[slug][1])
    path = world.home.state("cache", "config", f"{slug}.json") if slug else world.home.state("cache", "config.json")
    try:
        kept = files.find_json(path) or {}
    except OrchError:
        kept = {}  # a torn cache is no cache
    if kept.get("v") == 1 and kept.get("orch") == orch.__version__ and kept.get("stamps") == stamps:
        found = Files([(name, values) for name, values in kept["layers"]], kept["unknown"], kept["ignored"])
    else:
        found, problems = examine(world, slug)
        if problems:
            raise BadConfig(problems)
        if any(stamp and not files.settled((stamp[0], stamp[1], stamp[2])) for stamp in stamps):
            return found
        with suppress(OrchError):  # a home that cannot be written, or a full disk, makes reading slower and nothing else
            files.replace_json(path, {"v": 1, "orch": orch.__version__, "stamps": stamps, **found._asdict()}, durable=False)
    known[slug] = (stamps, found)
    return found


def examine(world: World, slug: str | None) -> tuple[Files, list[str]]:
    """Read and check the files themselves, past the cache; returns what is good in them, and every problem of every file."""
    from orch.core import check

    mine = world.home.config()
    user, problems = _layer(mine)
    found = Files([(mine, user.values)], user.unknown, [])
    if slug:
        name = f"{slug}/.orch.yml"
        theirs, wrong = _layer(world.home.project_config(slug), name)
        problems += wrong
        found.unknown.extend(theirs.unknown)
        trusted = bool(config.at(user.values, ("projects", slug, "trust")))
        counts, waiting, never = check.split_by_scope(theirs.values, trusted)
        found.layers.append((name, counts))
        if waiting:
            keys = ", ".join(map(config.dotted, waiting))
            line = f"`projects: {{{slug}: {{trust: true}}}}` (or run `orch config set projects.{slug}.trust=true`)"
            found.ignored.append(f"{name}: ignored until you trust this project: {keys}; add to {mine} the line {line}")
        found.ignored.extend(f"{name}: {config.dotted(path)} counts only in your own {mine}" for path in never)
    return found, problems


def _layer(path: str, name: str | None = None) -> tuple[Layer, list[str]]:
    """One file, checked, with its problems; each names the file."""
    from orch.core import check
    from orch.host import yaml

    where = name or path
    try:
        found = check.layer(yaml.parse(files.read_text(path), where))
    except NotFound:
        return check.layer(None), []
    except OrchError as error:
        return check.layer(None), [error.message]
    return (
        check.Layer(found.values, [], [f"{where}: {text}" for text in found.unknown]),
        [f"{where}: {problem}" for problem in found.problems],
    )
