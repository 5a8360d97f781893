"""Judge verify results: what fails on the result but not on its base counts; what the base already had does not.

A command that passes, passes. One that fails on both is compared by its failing lines, normalised so that times, addresses and line
numbers do not matter: a new failing line is a new failure. Where no line looks like a failure on either, every line at the end of the
output is compared that way: a word that the base does not say counts, for a check that cannot be told apart must not let work pass.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from orch.records import Check, Verify

_FAILING = r"(?i)\b(fail(ed|ure|ures|s|ing)?|error|errors|panicked|traceback|assertion\w*)\b|^not ok\b|✗|✘|×|^E\s"
_SUMMARY = r"(?i)^[=\s-]*\d+ (failed|passed|error|warning)|^(FAILED|OK) ?\(|^test result:|^ran \d+ tests?|^\d+ tests?,"


def failing_lines(output: str, roots: Sequence[str] = ()) -> list[str]:
    """The lines that look like failures, without what differs from run to run; at most 200. roots: checkout paths to leave out."""
    kept: list[str] = []
    for line in output.splitlines():
        for root in roots:
            line = line.replace(root, "")
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).strip()
        if line and re.search(_FAILING, line) and not re.search(_SUMMARY, line):
            kept.append(_plain(line))
            if len(kept) == 200:
                break
    return kept


def _plain(line: str) -> str:
    """A line without what differs from run to run."""
    return re.sub(r"\d+", "N", re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{7,40}\b", "X", line))[:300]


def judge(sha: str, base: str, checks: Sequence[Check], on_base: Mapping[str, Check]) -> Verify:
    """The verdict on `sha`. on_base: command -> its result on the base, for the commands that failed."""
    excused: list[str] = []
    faults: list[str] = []
    for check in checks:
        if check.get("code") == 0 and check.get("reason") == "exited":
            continue
        command = check["command"]
        before = on_base.get(command)
        fresh = _new_failures(check, before) if before else None
        if before and fresh is not None and not fresh:
            excused.append(command)
            continue
        faults.append(_describe(check, fresh or []))
    return {"v": 1, "sha": sha, "base": base, "passed": not faults, "checks": list(checks), "excused": excused, "text": "; ".join(faults)}


def _new_failures(check: Check, before: Check) -> list[str] | None:
    """Failing lines that the base does not have; None when the base passes, or fails in another way."""
    if before.get("reason") != "exited" or not before.get("code") or check.get("reason") != "exited":
        return None
    had, has = Counter(before.get("lines") or []), Counter(check.get("lines") or [])
    if not had and not has:
        if before.get("code") != check.get("code"):
            return None
        had, has = (Counter(_plain(line.strip()) for line in (each.get("tail") or "").splitlines()) for each in (before, check))
    return list((has - had).elements())


def _describe(check: Check, fresh: Sequence[str]) -> str:
    how = {"timeout": "ran out of time", "signal": "ended by a signal"}.get(check.get("reason") or "", f"exit status {check.get('code')}")
    lines = fresh or check.get("lines") or _last(check)
    first = f": {lines[0]}" if lines else ""
    return f"`{check['command']}` {how}{first}"


def _last(check: Check) -> list[str]:
    """The last line that is not blank: what a program that knows no word for failure says of it, a `! grep` for example."""
    said = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", check.get("tail") or "").splitlines() if line.strip()]
    return [_plain(said[-1])] if said else []
