"""read or write fields of a task's record

Usage: orch sidecar get [-p O/R] TASK [FIELD ...]
       orch sidecar set [-p O/R] TASK FIELD=VALUE ...

A FIELD may be a path with dots (options.agent, failures.0.kind). get prints the whole record as one line of JSON, or each field on a
line of its own: text as it is, all else as JSON; a field that is absent or null is an empty line, and an error (66). set takes a
VALUE that is JSON as that, else as text; null removes; it works under the project's lock and prints the new record as one line of
JSON. Fields that orch does not know are kept and are yours. The status is not set here (77): see `orch task retry`, `unblock`,
`cancel` and `kill`.
TASK `-` reads one or more ids, or JSON Lines, from standard input.
"""
from __future__ import annotations

from orch.cmd import each, out, words
from orch.core import sidecar
from orch.errors import NotFound, Usage
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
    if word == "set":
        return put(world, ref, project, fields)
    if ref == "-":
        return each.run(world, "orch sidecar", [ref], project, lambda _, task: get(task, fields))
    get(tasks.find(world, ref, project)[1], fields)
    return 0


def get(task: Task, fields: list[str]) -> None:
    """Print them all, so that they stay in their columns. raises NotFound, afterwards, for the first that is not there"""
    if not fields:
        out.json_line(task)
    missing = None
    for field in fields:
        try:
            value = sidecar.get(task, field)
        except NotFound as error:
            value, missing = "", missing or error
        out.text(out.shown(value) + "\n")
    if missing:
        raise missing


def put(world: World, ref: str, project: str | None, pairs: list[str]) -> int:
    from orch.flow import edit

    found = [tasks.find(world, out.ref(line), project) for line in out.lines_in([ref])]
    wanted = {}
    for pair in pairs:
        field, given, value = pair.partition("=")
        if not given:
            raise Usage(f"{pair!r} is not FIELD=VALUE", HINT)
        wanted[field] = sidecar.value(value)
    for slug, task in found:
        out.json_line(edit.fields(world, slug, task["id"], wanted))
    return 0
