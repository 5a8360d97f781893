"""YAML: the only importer of PyYAML (to read) and ruamel.yaml (to edit so that comments and order survive).

Text goes in and values come out; a text that does not parse is BadData with `name:line:column`. A file may come out of a stranger's
repository, so only plain values are built, a key that is given twice is an error, and what aliases would blow up is refused.
"""
from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from typing import Any

from orch.errors import BadData
from orch.host import files

NODES, DEPTH = 20_000, 50  # far above any configuration, far below what a nest of aliases can reach


def parse(text: str, name: str) -> Any:
    """The value of a YAML text; None when it is empty. raises BadData naming `name:line:column`"""
    import yaml

    loader = _loader()
    try:
        _measure(yaml.parse(text, Loader=loader), name)
        value = yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise BadData(f"{where}: {error.problem or error.context or 'not YAML'}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadData(f"{name}: not YAML: {(str(error).splitlines() or ['?'])[0]}") from None
    _weigh(value, name)
    return value


def read(path: str) -> Any:
    """The value of a YAML file. raises NotFound, BadData"""
    return parse(files.read_text(path), path)


def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml may be missing
        # A date in a configuration is text that somebody forgot to quote.
        yaml_implicit_resolvers = {
            first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def flatten_mapping(self, node: Any) -> None:
            """Put what `<<` names into a map; called for every map before it is built, and again for one that others merge."""
            if not hasattr(node, "seen"):  # later, what it has merged stands beside its own keys
                node.seen = set()
                for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge"):
                    if key.value in node.seen:
                        raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} is given twice", key.start_mark)
                    node.seen.add(key.value)
            super().flatten_mapping(node)
            if len(node.value) > NODES:
                raise yaml.constructor.ConstructorError(None, None, f"`<<` makes more than {NODES} values", node.start_mark)

    return Loader


def _measure(events: Iterable[Any], name: str) -> None:
    """Look at the shape before anything is built: libyaml builds by recursion in C, and deep nesting ends the whole process."""
    depth = 0
    for number, event in enumerate(events):
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > DEPTH or number > 3 * NODES:
            raise BadData(f"{name}:{event.start_mark.line + 1}: too large or nested too deeply for a configuration")


def _weigh(value: Any, name: str) -> None:
    left, stack = NODES, [value]
    while stack:
        at = stack.pop()
        left -= 1
        if left < 0:
            raise BadData(f"{name}: more than {NODES} values", "write the repeated parts out, without anchors")
        if isinstance(at, dict):
            stack.extend(at.values())
        elif isinstance(at, list):
            stack.extend(at)


def edit(text: str, changes: Iterable[tuple[tuple[str, ...], Any]], name: str) -> str:
    """The same YAML text with values set at paths; comments, order and quotes stay. raises BadData"""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import YAMLError

    parse(text, name)  # one voice for all errors
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    editor.explicit_start = text.startswith("---") or "\n---" in text
    mapping, offset, dash = _indents(text)
    editor.indent(mapping=mapping, sequence=offset + dash, offset=offset)
    try:
        value = editor.load(text)
    except YAMLError as error:
        raise BadData(f"{name}: cannot be edited: {str(error).splitlines()[0]}") from None
    head = ""
    if value is None:
        # A file of comments only: ruamel has no node to hang them on.
        head, value = (text if not text or text.endswith("\n") else text + "\n"), CommentedMap()
    if not isinstance(value, dict):
        raise BadData(f"{name}: expected a map of sections at the top")
    for path, new in changes:
        at: Any = value
        for part in path[:-1]:
            below = at.get(part)
            if below is None:
                below = at[part] = CommentedMap()
            if not isinstance(below, dict):
                raise BadData(f"{name}: {part} is not a map, so {'.'.join(path)} cannot be set")
            at = below
        at[path[-1]] = _quoted(new)
    out = io.StringIO()
    editor.dump(value, out)
    return head + out.getvalue()


def _quoted(value: Any) -> Any:
    """Quote texts that PyYAML (YAML 1.1: yes, 1_000, 1:30) would read as something else; ruamel (1.2) would not."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, list):
        return [_quoted(item) for item in value]
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    try:
        plain = parse(f"- {value}", "") == [value]
    except BadData:
        plain = False
    return value if plain else DoubleQuotedScalarString(value)


def _indents(text: str) -> tuple[int, int, int]:
    """How the text indents: a map in a map, a list's dash below its key, an item behind the dash's start. ruamel wants to be told."""
    mapping = offset = dash = None
    above = None  # indentation of a key that has nothing behind it
    for line in text.splitlines():
        found = re.match(r"( *)(- +)?([^#\s].*)?$", line)
        if not found or not found[3]:
            continue
        indent = len(found[1])
        if above is not None and found[2] and offset is None:
            offset, dash = indent - above, len(found[2])
        elif above is not None and not found[2] and indent > above and mapping is None:
            mapping = indent - above
        above = indent if not found[2] and re.search(r":\s*(#.*)?$", found[3]) else None
    return mapping or 2, 2 if offset is None else max(offset, 0), dash or 2


def edit_file(path: str, changes: Iterable[tuple[tuple[str, ...], Any]]) -> None:
    """Edit a YAML file in one step, or create it. A symbolic link stays one and the mode stays; the caller holds the lock."""
    path = os.path.realpath(path)
    if files.stamp(path) is None:
        old, mode = "", 0o600
    else:
        old, mode = files.read_text(path), os.stat(path).st_mode & 0o777
    new = edit(old, changes, path)
    if new != old:
        files.replace_text(path, new, mode=mode)
