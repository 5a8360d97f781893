"""Judge verify results: what fails on the result but not on its base counts; what the base already had does not.

A command that passes, passes. One that fails on both is compared by its failing lines, without what differs from run to run: a new
failing line is a new failure. Where no line of the result looks like a failure, exit status and every line at the end of the output are
compared. What cannot be told apart never lets work pass: a command that cannot be run, one that was cut short, too many lines.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from orch.records import Check, Verify

MOST = 2000  # failing lines that are kept; a result that has so many may have more
CANNOT = (126, 127)  # what a shell says of a program that it cannot run, or not find

_FAILING = r"(?i)\b(fail(ed|ure|ures|s|ing)?|errors?|panicked|traceback|assertion\w*|\w+(Error|Exception))\b|^not ok\b|✗|✘|×|^E\s"
_SUMMARY = r"(?i)^[=\s-]*\d+ (failed|passed|error|warning)|^(FAILED|OK) ?\(|^test result:|^ran \d+ tests?|^\d+ tests?,"
_COLOUR = r"\x1b\[[0-9;]*[A-Za-z]"
# What differs from run to run of the same program on the same code. Other numbers stay: they belong to names, `test_404`, `answers 500`.
_VARYING = (
    r"0x[0-9a-f]+|\b[0-9a-f]{7,40}\b"  # addresses, hashes
    r"|(?<!\w)(?:/private)?(?:/var)?/tmp/\S+"
    r"|\b\d+(?:\.\d+)?\s?(?:ns|[µm]?s|sec(?:onds?)?|m|min(?:utes?)?|%)(?!\w)|\b\d+\.\d+\b"  # how long it took, how far it is
    r"|\b\d{4}-\d\d-\d\d|\b\d\d?:\d\d(?::\d\d)?\b|\b\d{5,}\b"  # days, times of day, process ids, ports
    r"|:\d+(?::\d+)?|\bline \d+|\(\d+[,:] ?\d+\)"  # where in a file
    r"|^\d+[.)]|\bok \d+|\b\d+(?= [a-z]+s\b)"  # the how manieth, how many
)


def failing(line: str, root: str = "") -> str | None:
    """The line as it is kept when it looks like a failure; root: the checkout's path, which is left out."""
    plain = clean(line, root)
    return plain[:300] if plain and re.search(_FAILING, plain) and not re.search(_SUMMARY, plain) else None


def clean(line: str, root: str = "") -> str:
    return re.sub(_COLOUR, "", line.replace(root, "") if root else line).strip()


def judge(sha: str, base: str, checks: Sequence[Check], on_base: Mapping[str, Check]) -> Verify:
    """The verdict on `sha`. on_base: command -> its result on the base, for the commands that failed and that a failing base excuses."""
    excused: list[str] = []
    faults: list[str] = []
    unusable: list[str] = []
    for check in checks:
        if check.get("code") == 0 and check.get("reason") == "exited":
            continue
        command = check["command"]
        before = on_base.get(command)
        fresh = _new_failures(check, before) if before else None
        if before and fresh is not None and not fresh:
            excused.append(command)
            continue
        neither = bool(before and before.get("code") in CANNOT and check.get("code") in CANNOT)
        if neither:
            unusable.append(command)
        faults.append(_describe(check, fresh or [], neither))
    return {
        "v": 1, "sha": sha, "base": base, "passed": not faults, "checks": list(checks), "excused": excused,
        "unusable": unusable if len(unusable) == len(faults) else [], "text": "; ".join(faults),
    }


def _new_failures(check: Check, before: Check) -> list[str] | None:
    """Failing lines that the base does not have; None when the base passes, fails in another way, or it cannot be told."""
    if before.get("reason") != "exited" or not before.get("code") or check.get("reason") != "exited":
        return None
    had, has = before.get("lines") or [], check.get("lines") or []
    if check.get("code") in CANNOT or len(has) >= MOST:
        return None
    if not has:
        if before.get("code") != check.get("code"):
            return None
        had, has = ([clean(line) for line in (each.get("tail") or "").splitlines()] for each in (before, check))
    left = Counter(map(_plain, had))
    fresh = []
    for line in has:
        left[_plain(line)] -= 1
        if left[_plain(line)] < 0:
            fresh.append(line)
    return fresh


def _plain(line: str) -> str:
    return re.sub(_VARYING, "#", line, flags=re.IGNORECASE)


def _describe(check: Check, fresh: Sequence[str], neither: bool) -> str:
    how = {"timeout": "ran out of time", "signal": "ended by a signal"}.get(check.get("reason") or "", f"exit status {check.get('code')}")
    if neither:
        how = "cannot be run, on the base neither"
    lines = fresh or check.get("lines") or _last(check)
    first = f": {lines[0]}" if lines else ""
    return f"`{check['command']}` {how}{first}"


def _last(check: Check) -> list[str]:
    """The last line that is not blank: what a program that knows no word for failure says of it, a `! grep` for example."""
    said = [plain for line in (check.get("tail") or "").splitlines() if (plain := clean(line))]
    return [said[-1][:300]] if said else []
