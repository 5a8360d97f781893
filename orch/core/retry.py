"""What follows a failure: try again (when, with whom) or hand the task to a person. Pure; the flow records it."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise, takewhile
from typing import NamedTuple

from orch.core import clock, failure
from orch.records import Failure, Task

SAME = 3  # identical failures in a row after which trying again is pointless
CHANCE = ("conflict", "lost")  # two of these are alike in words only: another target, another crash. The limit bounds them
PATIENCE = 20  # failures of the outside (network, limits) after which a person should know
LONGEST = 3600  # seconds between two tries


class Next(NamedTuple):
    status: str  # routed | needs_review
    why: str
    not_before: str | None = None
    other_agent: bool = False  # route again, without the agents of the chain


def decide(
    task: Task, fault: Failure, *, limit: int, others: Sequence[str], now: datetime, base: int = 60,
    reset: datetime | None = None,
) -> Next:
    """Choose what follows a failed attempt.

    task    the record as it was, its `failures` without this one
    limit   most work attempts before a person is asked
    others  agents that could take over: enabled, installed, not in the chain
    base    seconds of the first back-off
    reset   the time that the agent named (core.reset)
    """
    kind, text = fault["kind"], fault["text"]
    policy = failure.TABLE[kind]
    said = f"{kind}: {text}"
    if not policy.retry:
        return Next("needs_review", said)
    before = task.get("failures") or []
    outside = [each for each in [*before, fault] if _policy(each).outside]
    # failures of other steps, say of a verification, never raised `attempts`
    tries = int(task.get("attempts") or 0) - sum((each.get("attempt") or "").endswith("-work") for each in outside)
    if tries >= limit or len(outside) >= PATIENCE:
        return Next("needs_review", f"{task.get('attempts')} attempts used up; last {said}")
    stuck = _stuck([*before, fault])
    if stuck >= limit and not policy.outside:
        return Next("needs_review", f"failed {stuck} times without getting as far as another attempt; last {said}")
    same = _same(before, fault)
    if same >= SAME and not policy.outside and kind not in CHANCE:
        return Next("needs_review", f"failed {same} times in the same way: {said}")
    if policy.agent == "next" and others:
        return Next("routed", f"{said}; next agent", None, True)
    if policy.delay == "none":
        return Next("routed", f"{said}; trying again")
    streak = _streak(before) + 1
    pause = clock.shift(now, backoff(str(task.get("id")), streak, base))
    moment = reset if reset and policy.delay == "reset" else pause
    if streak > 1:
        moment = max(moment, pause)  # what the agent named was wrong the last time, or it says `now` each time
    return Next("routed", f"{said}; trying again at {clock.text(moment)}", clock.text(moment))


def _policy(each: Failure) -> failure.Policy:
    """The row of a failure; a class that this orch does not know is like any that the agent reports."""
    return failure.TABLE.get(each["kind"]) or failure.TABLE["agent_failed"]


def _streak(before: Sequence[Failure]) -> int:
    """How many failures in a row called for a pause: what was tried again at once between them begins a new row."""
    return sum(1 for _ in takewhile(lambda each: _policy(each).delay != "none", reversed(before)))


def _stuck(failures: Sequence[Failure]) -> int:
    """How many failures at the end of the list came of no new work attempt, whose number `limit` bounds: of verifications, or of what
    never got as far as an attempt."""
    inside = [each.get("attempt") or "" for each in failures if not _policy(each).outside]
    new = (not name.endswith("-verify") and name != before for before, name in pairwise(["-", *inside]))
    return next((number for number, yes in enumerate(reversed(list(new))) if yes), len(inside))


def _same(before: Sequence[Failure], fault: Failure) -> int:
    """How many failures in a row, this one included, are the same."""
    count = 1
    for each in reversed(before):
        if each.get("print") != fault["print"]:
            break
        count += 1
    return count


def backoff(key: str, streak: int, base: int = 60) -> float:
    """Seconds to wait before try `streak` + 1: base doubling to an hour, spread by up to a tenth, always the same for the same task."""
    import hashlib  # not in a quiet tick

    plain = min(LONGEST, base * 2 ** min(streak - 1, 16))
    spread = int(hashlib.sha256(f"{key}/{streak}".encode()).hexdigest()[:4], 16) / 0xFFFF
    return float(round(plain * (1 + spread / 10), 3))
