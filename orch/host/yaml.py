"""YAML: the only importer of PyYAML (to read) and ruamel.yaml (to edit so that comments and order survive).

Text goes in and values come out; a text that does not parse is BadData with `name:line:column`. A file may come out of a stranger's
repository, so only plain values are built, a key that is given twice is an error, and what aliases would blow up is refused.
"""
from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import Any

from orch.errors import BadData
from orch.host import files

NODES = 20_000  # far above any configuration, far below what a nest of aliases can reach


def parse(text: str, name: str) -> Any:
    """The value of a YAML text; None when it is empty. raises BadData naming `name:line:column`"""
    import yaml

    try:
        value = yaml.load(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise BadData(f"{where}: {error.problem or error.context or 'not YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadData(f"{name}: not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}") from None
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

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} is given twice", key.start_mark)
                    seen.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


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
    editor.indent(mapping=2, sequence=4, offset=2)
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
        at[path[-1]] = new
    out = io.StringIO()
    editor.dump(value, out)
    return head + out.getvalue()


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
