"""A verify attempt inside its shepherd: the project's own commands on one commit, in a clean checkout, and on its base where they fail.

What a command said about a commit does not change, so it is remembered in spec.known, one file for each commit and command: a pass is
not run again, and neither is a failure of a base. A failure of the result itself is, for it may have been an accident.
"""
from __future__ import annotations

import os
import time
import zlib
from collections.abc import Sequence
from typing import Any, cast

from orch.core import verify as core
from orch.flow import checkout, repair
from orch.flow.within import Attempt, Failed, cancelled, set_up, watched
from orch.host import files
from orch.host.output import Writer
from orch.host.watch import Bounds, Ending
from orch.records import Check, Exit

TAIL = 4000  # characters of a command's output that its record keeps
LINE = 20_000  # bytes after which a line is looked at, whether it has ended or not


class Heard:
    """What a command says, looked through as it comes: its failing lines, at most core.MOST, and its end."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.lines: list[str] = []
        self.end = self.rest = b""

    def take(self, data: bytes) -> None:
        self.end = (self.end + data)[-4 * TAIL :]  # characters have at most four bytes
        *whole, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > LINE:
            whole, self.rest = [*whole, self.rest], b""
        for each in whole:
            self._look(each)

    def tail(self) -> str:
        return self.end.decode(errors="replace")[-TAIL:]

    def close(self) -> None:
        self._look(self.rest)

    def _look(self, raw: bytes) -> None:
        for part in raw.split(b"\r"):  # one over the other, on a terminal
            line = core.failing(part[:LINE].decode(errors="replace"), self.root)
            if line and len(self.lines) < core.MOST:
                self.lines.append(line)


def verify(attempt: Attempt) -> Exit:
    """Run the checks and write verify.json. raises Failed when they cannot be run; a check that fails is no failure of the attempt"""
    spec = attempt.spec
    sha, base = spec["sha"] or "", spec.get("base") or ""
    shown = Writer(os.path.join(attempt.folder, "stdout"), (spec.get("limits") or {}).get("output") or 0)
    try:
        results = _run(attempt, sha, spec["commands"], "result", shown)
        # one that did not run to its end proves nothing, whatever it does on the base
        failed = [check["command"] for check in results if check["reason"] == "exited" and check["code"] and not spec.get("strict")]
        on_base = _run(attempt, base, failed, "base", shown) if base and base != sha else []
    finally:
        shown.close()
    verdict = core.judge(sha, base, results, {check["command"]: check for check in on_base})
    files.replace_json(os.path.join(attempt.folder, "verify.json"), cast(dict[str, Any], verdict))
    return {"reason": "exited", "code": 0 if verdict["passed"] else 1, "signal": None, "text": "", "kind": None}


def remembered(known: str, sha: str, command: str) -> Check | None:
    """What is on disk about a command on a commit; None when it never ran there."""
    found = cast(Check, files.spare_json(place(known, sha, command)))
    ours = found.get("sha") == sha and found.get("command") == command
    return found if ours and (found.get("v", 1) > 1 or _passed(found)) else None  # the lines of a failure were kept in another way


def place(known: str, sha: str, command: str) -> str:
    """The hash only finds the file; the record in it says which command it is about."""
    return os.path.join(known, f"{sha}-{zlib.crc32(command.encode()):08x}.json")


def _run(attempt: Attempt, sha: str, commands: Sequence[str], which: str, shown: Writer) -> list[Check]:
    """The results of commands on one commit, remembered or fresh. which: `result` or `base`"""
    known = attempt.spec.get("known") or ""
    found: dict[str, Check] = {}
    for command in commands:
        check = remembered(known, sha, command) if known else None
        if check and (which == "base" or _passed(check)):
            found[command] = check
    fresh = [command for command in dict.fromkeys(commands) if command not in found]
    if fresh:
        folder = attempt.spec["checkout"] if which == "result" else attempt.spec["checkout"] + "-base"
        try:
            with attempt.bell.impatient(lambda: cancelled(attempt)):
                checkout.clean(attempt.world, attempt.spec, sha, folder)
            set_up(attempt, folder, "setup" if which == "result" else "setup-base")
            for command in fresh:
                shown.write(f"$ {command}   # on the {which}, {sha[:10]}\n".encode())
                found[command] = _check(attempt, sha, command, folder, shown)
                if known and found[command]["reason"] == "exited" and found[command]["code"] not in core.CANNOT:
                    files.replace_json(place(known, sha, command), cast(dict[str, Any], found[command]), durable=False)
        finally:
            repair.remove(folder)
    return [found[command] for command in commands]


def _check(attempt: Attempt, sha: str, command: str, folder: str, shown: Writer) -> Check:
    """Run one command. What it writes goes to DIR/stdout."""
    limits = attempt.spec.get("limits") or {}
    begin = time.monotonic()
    heard = Heard(folder)

    def take(data: bytes) -> None:
        heard.take(data)
        shown.write(data)

    bounds = Bounds(limits.get("wall") or 0, limits.get("idle") or 0)
    ending = watched(attempt, ["/bin/sh", "-c", command], cwd=folder, out=take, err=take, bounds=bounds)
    heard.close()
    if ending.reason == "cancelled":
        raise Failed("cancelled", ending.text)
    return {
        "v": 2, "sha": sha, "command": command, "code": ending.code, "reason": _reason(ending),
        "seconds": round(time.monotonic() - begin, 3), "at": attempt.world.now_text(), "tail": heard.tail(), "lines": heard.lines,
    }


def _reason(ending: Ending) -> str:
    return ending.reason if ending.reason in ("exited", "signal") else "timeout"


def _passed(check: Check) -> bool:
    return check.get("reason") == "exited" and check.get("code") == 0
