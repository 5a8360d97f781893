"""What is wrong with a configuration: every problem at once, each with the path of its key. The table is in core.config."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from orch.core import kinds, names
from orch.core.config import TREE, Config, Key, Path, at, dotted, key_at, leaves, nest
from orch.errors import BadData


class Layer(NamedTuple):
    """One source of configuration after checking: only known keys with good values are left in `values`."""

    values: Config
    problems: list[str]
    unknown: list[str]


def layer(raw: Any) -> Layer:
    """Check what a file holds; an empty file is an empty map."""
    found = Layer({}, [], [])
    if raw is None:
        return found
    if not isinstance(raw, dict):
        found.problems.append(f"expected a map of sections, got {kinds.said(raw)}")
        return found
    _walk(raw, TREE, (), found.values, found)
    return found


def _walk(raw: Mapping[Any, Any], tree: Mapping[str, Any], path: Path, values: Config, found: Layer) -> None:
    for name, value in raw.items():
        where = dotted((*path, str(name)))
        if not isinstance(name, str):
            found.problems.append(f"{where}: a key must be text, this is {kinds.said(name)}; put it in quotes")
            continue
        below = tree.get(name) or tree.get("*")
        if below is None:
            found.unknown.append(unknown((*path, name), tree))
        elif "*" in tree and (wrong := _bad_name(path, name)):
            found.problems.append(f"{where}: {wrong}")
        elif value is None:
            continue
        elif isinstance(below, Key):
            try:
                values[name] = kinds.accept(below.type, value)
            except ValueError as error:
                found.problems.append(f"{where}: {error}")
        elif isinstance(value, dict):
            _walk(value, below, (*path, name), values.setdefault(name, {}), found)
        else:
            found.problems.append(f"{where}: expected a map, got {kinds.said(value)}")


def _bad_name(path: Path, name: str) -> str | None:
    if path == ("projects",):
        try:
            names.slug(name)
        except BadData as error:
            return error.message
    elif not re.fullmatch(names.AGENT, name):
        return "an agent's name has letters, digits, dot, dash and underscore only"
    return None


def unknown(path: Path, tree: Mapping[str, Any]) -> str:
    """The sentence about a key that the table does not have."""
    near = names.nearest(path[-1], (name for name in tree if name != "*"))
    if near is None:
        # The right word in the wrong section is the other common slip: timeout_seconds at the top.
        other = next((known for known in leaves(TREE) if known[-1] == path[-1]), None)
        return f"{dotted(path)}: unknown key" + (f"; did you mean {dotted(other)}?" if other else "")
    return f"{dotted(path)}: unknown key; did you mean {dotted((*path[:-1], near))}?"


def split_by_scope(values: Config, trusted: bool) -> tuple[Config, list[Path], list[Path]]:
    """Divide a project file's values into (those that count, paths that wait for trust, paths that never count in such a file)."""
    counts, waiting, never = [], [], []
    for path in leaves(values):
        key = key_at(path)
        if key is None or key.scope == "user":
            never.append(path)
        elif key.trust and not trusted:
            waiting.append(path)
        else:
            counts.append((path, at(values, path)))
    return nest(counts), waiting, never
