"""What a person, a file or a line of JSON may say of a task: one table of fields, each with its reader.

    read(raw)             a whole task -> (Draft, problems)
    update(task, raw)     some fields of a task that is there -> (fields to set, problems)

Both return all problems, one line each, that begin with the field's name. A field that is null or absent is not given. Text is any Unicode
but NUL; `{{ }}`, emoji, `../` and a leading `-` are only text.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from orch.core import clock, names
from orch.errors import BadData
from orch.records import COMPLEXITIES, FINISHES, Options, Task

HINT = "`orch task add --help` names the fields, orch-inbox(5) says what each may hold"
TITLE, LABEL, BODY = 500, 100, 10_000_000  # characters
PRIORITY = 1_000_000


class Draft(TypedDict, total=False):
    """A task that does not exist yet. core.task.new makes a record of it."""

    title: str
    body: str
    labels: list[str]
    priority: int
    depends_on: list[str]  # ids, or refs of other lines until they are resolved
    parent: str | None  # likewise
    options: Options
    project: str
    source: str
    key: str
    ref: str  # a name that other lines of the same file may use


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadData(f"expected text, got {_kind(value)}")
    if "\0" in value:
        raise BadData("contains a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadData("is not UTF-8") from None
    return value


def _line(value: Any, limit: int = 200) -> str:
    text = _text(value).strip()
    if not text:
        raise BadData("is empty")
    if len(text.splitlines()) > 1:
        raise BadData("must be one line")
    if len(text) > limit:
        raise BadData(f"has {len(text)} characters; at most {limit} are allowed")
    return text


def title(value: Any) -> str:
    """One line of at most 500 characters. raises BadData, as all of these do, without the field's name"""
    return _line(value, TITLE)


def body(value: Any) -> str:
    text = _text(value)
    if len(text) > BODY:
        raise BadData(f"has {len(text)} characters; at most {BODY} are allowed")
    return text


def _word(value: Any) -> str:
    text = _line(value)
    if any(unicodedata.category(each) in ("Cc", "Zs") for each in text):
        raise BadData(f"contains a space or a control character: {text!r}")
    return text


def _agent(value: Any) -> str:
    text = _word(value)
    if not re.fullmatch(names.AGENT, text):
        raise BadData(f"no agent can be called {text!r}")
    return text


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = _line(value)
        if text not in words:
            raise BadData(f"expected {', '.join(words[:-1])} or {words[-1]}, got {text!r}")
        return text

    return check


def _priority(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,7}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadData(f"expected a whole number, got {value!r}")
    if abs(value) > PRIORITY:
        raise BadData(f"{value} is too large; at most {PRIORITY}")
    return value


def _timeout(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise BadData(f"expected seconds or a duration such as 5m, got {_kind(value)}")
    found = clock.seconds(value)
    if not found:
        raise BadData("must be more than 0")
    return found


def _list(value: Any) -> list[Any]:
    """A list, or text with commas. Empty items are dropped from text, not from a list."""
    if isinstance(value, str):
        return [item for item in value.split(",") if item.strip()]
    if isinstance(value, (list, tuple)):
        return list(value)
    raise BadData(f"expected a list, got {_kind(value)}")


def _labels(value: Any) -> list[str]:
    found = []
    for item in _list(value):
        for part in _list(item) if isinstance(item, str) else [item]:
            label = _line(part, LABEL)
            if any(unicodedata.category(each) == "Cc" for each in label):
                raise BadData(f"contains a control character: {label!r}")
            found.append(label)
    return list(dict.fromkeys(found))


def _ids(value: Any) -> list[str]:
    return list(dict.fromkeys(_id(part) for item in _list(value) for part in (_list(item) if isinstance(item, str) else [item])))


def _id(value: Any) -> str:
    """A task's id or a line's ref; numbers are what issues are called."""
    return _word(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _ref(value: Any) -> str:
    text = _id(value)
    if text.startswith("int-"):
        raise BadData(f"{text!r} looks like a task; call it otherwise")
    return text


def _commands(value: Any) -> list[str]:
    commands = [_text(item) for item in ([value] if isinstance(value, str) else _list(value))]
    if any(not command.strip() for command in commands):
        raise BadData("an empty command")
    return commands


_KINDS = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), type(value).__name__)


Reader = Callable[[Any], Any]
OPTIONS: dict[str, Reader] = {
    "agent": _agent, "model": _word, "complexity": _one_of(COMPLEXITIES),
    "verify": _commands, "finish": _one_of(FINISHES), "timeout": _timeout,
}
FIELDS: dict[str, Reader] = {
    "title": title, "body": body, "labels": _labels, "priority": _priority, "depends_on": _ids, "parent": _id, **OPTIONS,
}
ONCE: dict[str, Reader] = {"project": _word, "ref": _ref, "key": _line}  # only when a task is made


def read(raw: Mapping[str, Any], source: str = "local") -> tuple[Draft, list[str]]:
    """A draft of what is said, and all that is wrong with it; the draft is only good when nothing is."""
    given, problems = _read(raw, {**FIELDS, **ONCE})
    if raw.get("title") is None:
        problems.insert(0, "title: is missing")
    draft: Any = {key: value for key, value in given.items() if key not in OPTIONS}
    draft["options"] = {key: value for key, value in given.items() if key in OPTIONS}
    draft["source"] = source
    return draft, problems


def update(task: Task, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The record's fields after `raw` is set. Empty text clears an option, the parent, the labels or the dependencies."""
    cleared = [key for key, value in raw.items() if value in ("", None) and key in (*OPTIONS, "parent")]
    given, problems = _read({key: value for key, value in raw.items() if key not in cleared}, FIELDS)
    fields = {key: value for key, value in given.items() if key not in OPTIONS}
    options: dict[str, Any] = {**task.get("options", {}), **{key: value for key, value in given.items() if key in OPTIONS}}
    for key in cleared:
        if key in OPTIONS:
            options.pop(key, None)
        else:
            fields[key] = None
    if options != task.get("options", {}):
        fields["options"] = options
    return fields, problems


def _read(raw: Mapping[str, Any], readers: Mapping[str, Reader]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in raw.items():
        if key not in readers:
            problems.append(f"{key}: no such field{_nearest(key, readers)}")
        elif value is not None:
            try:
                given[key] = readers[key](value)
            except BadData as error:
                problems.append(f"{key}: {error.message}")
    return given, problems


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    near = names.nearest(key, known)
    return f"; did you mean {near}?" if near else f"; there are {', '.join(known)}"
