"""read or write fields of a task's record

Usage: orch sidecar get [-p O/R] TASK [FIELD ...]
       orch sidecar set [-p O/R] TASK FIELD=VALUE ...

A FIELD may be a path with dots (options.agent, failures.0.kind). get prints the whole record as one line of JSON, or each field on a
line of its own: text as it is, all else as JSON; a field that is absent or null is an error (66). set takes a VALUE that is JSON as
that, else as text; null removes; it works under the project's lock and prints the new record as one line of JSON. Fields that orch
does not know are kept and are yours. The status is not set here (77): see `orch task retry`, `unblock`, `cancel` and `kill`.
TASK `-` reads one or more ids, or JSON Lines, from standard input.
"""
from __future__ import annotations

from collections.abc import Iterator

from orch.cmd import out, words
from orch.core import sidecar
from orch.errors import Usage
from orch.flow import tasks
from orch.host.world import World
from orch.records import Task

HINT = "write: orch sidecar get TASK [FIELD ...], or orch sidecar set TASK FIELD=VALUE ..."


def main(args: list[str], world: World) -> int:
    options, rest = words.split(args, ("-p", "--project"), hint=HINT)
    project = options.get("--project", options.get("-p"))
    word, *rest = rest or [""]
    if word not in ("get", "set"):
        raise Usage(f"no such word: {word!r}" if word else "get or set?", HINT)
    if not rest or (word == "set" and len(rest) < 2):
        raise Usage("no task is named" if not rest else "nothing to set", HINT)
    ref, *fields = rest
    if word == "get":
        for _, task in _found(world, ref, project):
            get(task, fields)
        return 0
    return put(world, list(_found(world, ref, project)), fields)


def get(task: Task, fields: list[str]) -> None:
    for value in [sidecar.get(task, field) for field in fields] or [task]:
        out.text(out.shown(value) + "\n")


def put(world: World, found: list[tuple[str, Task]], pairs: list[str]) -> int:
    from orch.flow import edit

    wanted = {}
    for pair in pairs:
        field, given, value = pair.partition("=")
        if not given:
            raise Usage(f"{pair!r} is not FIELD=VALUE", HINT)
        wanted[field] = sidecar.value(value)
    for slug, task in found:
        out.json_line(edit.fields(world, slug, task["id"], wanted))
    return 0


def _found(world: World, ref: str, project: str | None) -> Iterator[tuple[str, Task]]:
    for each in out.lines_in((ref,)):
        yield tasks.find(world, out.ref(each), project)
