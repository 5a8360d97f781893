"""report as an agent (writes $ORCH_RESULT)

Usage: orch result --status STATUS [--summary TEXT] [--reason TEXT] [--accomplished TEXT] ... [--remaining TEXT] ...
                   [--blocker TEXT] ... [--learning TEXT] ... [--file PATH] ...
       orch result --json

Writes the reply of this attempt to the file named by ORCH_RESULT. STATUS is done, no_change, help, blocked or failed; done needs a
summary and the others a reason. --json reads a whole reply, as orch-reply(5) has it, from standard input. A second report replaces the
first.

Exit status: 0 written; 65 standard input holds no reply; 74 it cannot be written; 78 ORCH_RESULT is not set.
"""
from __future__ import annotations

import os
import sys
from typing import cast

from orch.errors import BadConfig, IOFailed, Usage
from orch.host.world import World
from orch.records import Reply

STATUSES = ("done", "no_change", "help", "blocked", "failed")
ONCE = {"--status": "status", "--summary": "summary", "--reason": "reason"}
MANY = {
    "--accomplished": "accomplished", "--remaining": "remaining", "--blocker": "blockers", "--learning": "learnings", "--file": "files",
}


def main(argv: list[str], world: World) -> int:
    from orch.host import files

    path = world.env.get("ORCH_RESULT")
    if not path:
        raise BadConfig(["ORCH_RESULT is not set"], "run it inside an attempt, or set ORCH_RESULT to the file that the report goes to")
    if argv == ["--json"]:
        from orch.core import reply

        said = reply.parse(sys.stdin.read())
    else:
        said = parse(argv)
    if os.path.isdir(path):  # a record may take the place of a directory, but this is a path that a person can have mistyped
        raise IOFailed(f"{path}: it is a directory", "ORCH_RESULT names the file that the report goes to")
    files.replace_json(path, dict(cast(dict[str, object], said)))
    return 0


def parse(argv: list[str]) -> Reply:
    """Read the options. raises Usage"""
    value: dict[str, str | list[str]] = {}
    words = iter(argv)
    for word in words:
        name, equals, text = word.partition("=")
        if name not in ONCE and name not in MANY:
            raise Usage(f"unknown option or argument {word!r}", "see `orch result --help`")
        if not equals:
            given = next(words, None)
            if given is None:
                raise Usage(f"{name} needs a value")
            text = given
        if name in ONCE:
            value[ONCE[name]] = text
        else:
            cast(list[str], value.setdefault(MANY[name], [])).append(text)
    status = value.get("status")
    if status not in STATUSES:
        raise Usage("--status is needed" if status is None else f"no such status: {status!r}", f"one of {', '.join(STATUSES)}")
    if status != "done" and not value.get("reason"):
        raise Usage(f"--status {status} needs a reason", "say it with --reason TEXT")
    if not value.get("summary"):
        if status == "done":
            raise Usage("--status done needs a summary", "say with --summary TEXT what was done")
        value["summary"] = value["reason"]
    return cast(Reply, {"v": 1, **value})
