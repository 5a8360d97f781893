"""Fields of a record by dotted path: `options.agent`, `failures.0.kind`, `notes.reviewer`; any key that the format does not have is the
user's own. Reading sees everything; writing refuses what only the life-cycle may change and what would break a reader."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from orch.core import clock, draft
from orch.core import task as life
from orch.errors import BadData, NotAllowed, NotFound
from orch.records import RESOLUTIONS, Task

PROTECTED = ("id", "project", "v", "seq", "status", "created_at", "updated_at", "done_at", "source", "key")


def get(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path. raises NotFound when there is none, or null"""
    value: Any = record
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.lstrip("-").isdigit() and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            value = None
    if value is None:
        raise NotFound(f"{record.get('project')}#{record.get('id')} has no {path}", "`orch sidecar get TASK` prints the whole record")
    return value


def value(text: str) -> Any:
    """What is written behind `FIELD=`: JSON when it is JSON, else the text itself. raises BadData for what is nested without measure"""
    try:
        return json.loads(text)
    except ValueError:
        return text
    except RecursionError:
        raise BadData(f"a value {life.DEEPER}") from None


def put(task: Task, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The top-level fields after each path got its value; null removes. raises NotAllowed, BadData"""
    fields: dict[str, Any] = {}
    for path, new in wanted.items():
        top, *rest = path.split(".")
        if top in PROTECTED:
            raise NotAllowed(f"{path} is not set by hand", "a task's status changes by task retry, unblock, cancel and kill")
        if not all((top, *rest)):
            raise BadData(f"not a field: {path!r}", "write it as name or name.name")
        if not rest:
            fields[top] = _checked(task, top, new)
            continue
        copy = json.loads(json.dumps(fields.get(top, cast(Any, task).get(top)) or {}))
        _into(copy, rest, new, path)
        fields[top] = _checked(task, top, copy)
    for field, each in fields.items():
        _storable(field, each)
    return fields


def _storable(field: str, value: Any) -> None:
    """raises BadData for what Python calls JSON, and other readers, or a file in UTF-8, do not"""
    shown = field.encode("utf-8", "backslashreplace").decode()
    if life.deep(value):
        raise BadData(f"{shown} {life.DEEPER}")
    try:
        json.dumps({field: value}, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise BadData(f"{shown}: half of a surrogate pair is no text", "write the character itself, or both halves") from None
    except ValueError:
        raise BadData(f"{shown}: JSON has no NaN and no infinity", f"""as text it stands in quotes: {shown}='"NaN"'""") from None


def _into(inside: Any, parts: list[str], new: Any, path: str) -> None:
    for part in parts[:-1]:
        inside = inside.setdefault(part, {}) if isinstance(inside, dict) else None
    if not isinstance(inside, dict):
        raise BadData(f"{path}: {'.'.join(path.split('.')[:-1])} is not an object", "set the whole field to a JSON value instead")
    if new is None:
        inside.pop(parts[-1], None)
    else:
        inside[parts[-1]] = new


def _checked(task: Task, field: str, new: Any) -> Any:
    """The value as the field's reader gives it. raises BadData"""
    try:
        if field in draft.FIELDS and field not in draft.OPTIONS:
            return None if field == "parent" and new is None else draft.FIELDS[field](new)
        if field == "options":
            return _options(new)
        return _plain(task, field, new)
    except BadData as error:
        raise BadData(f"{field}: {error.message}") from None


def _options(new: Any) -> dict[str, Any]:
    if not isinstance(new, dict):
        raise BadData("expected an object")
    return {key: draft.OPTIONS[key](each) if key in draft.OPTIONS else each for key, each in new.items()}


def _plain(task: Task, field: str, new: Any) -> Any:
    if field == "resolution" and (task["status"] != "done" or new not in RESOLUTIONS):
        raise BadData(f"a done task has one of {', '.join(RESOLUTIONS)}, and no other has any")
    if field in ("agent", "model", "complexity") and new is not None:
        return draft.OPTIONS[field](new)
    if field == "attempts" and (type(new) is not int or new < 0):
        raise BadData("is not a count")
    if field == "not_before" and new is not None:
        return clock.text(clock.parse(new))  # in the one form in which the order of texts is that of times
    wrong = life.problem({**task, field: new}, task["id"])
    if wrong:
        raise BadData(wrong.removeprefix(f"{field} "))
    return new
