"""What follows a failure: try again (when, with whom) or hand the task to a person. Pure; the flow records it."""
from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from orch.core import clock, failure
from orch.records import Failure, Task

SAME = 3  # identical failures in a row after which trying again is pointless
PATIENCE = 20  # failures of the outside (network, limits) after which a person should know
LONGEST = 3600  # seconds between two tries


class Next(NamedTuple):
    status: str  # routed | needs_review
    why: str
    not_before: str | None = None
    other_agent: bool = False  # route again, without the agents of the chain


def decide(
    task: Task, fault: Failure, *, limit: int, others: Sequence[str], now: datetime, base: int = 60, reset: str | None = None
) -> Next:
    """Choose what follows a failed attempt.

    task    the record as it was, its `failures` without this one
    limit   most work attempts before a person is asked
    others  agents that could take over: enabled, installed, not in the chain
    base    seconds of the first back-off
    reset   the time that the agent named, in its own words
    """
    kind, text = fault["kind"], fault["text"]
    policy = failure.TABLE[kind]
    said = f"{kind}: {text}"
    if not policy.retry:
        return Next("needs_review", said)
    before = task.get("failures") or []
    outside = [each for each in [*before, fault] if (known := failure.TABLE.get(each["kind"])) and known.outside]
    tries = int(task.get("attempts") or 0) - len(outside)
    if tries >= limit or len(outside) >= PATIENCE:
        return Next("needs_review", f"{task.get('attempts')} attempts used up; last {said}")
    same = _same(before, fault)
    if same >= SAME and not policy.outside:
        return Next("needs_review", f"failed {same} times in the same way: {said}")
    if policy.agent == "next" and others:
        return Next("routed", f"{said}; next agent", None, True)
    if policy.delay == "none":
        return Next("routed", f"{said}; trying again")
    moment = reset_time(reset, now) if policy.delay == "reset" else None
    if moment is None:
        moment = clock.shift(now, backoff(str(task.get("id")), len(before) + 1, base))
    return Next("routed", f"{said}; trying again at {clock.text(moment)}", clock.text(moment))


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


def reset_time(words: str | None, now: datetime) -> datetime | None:
    """Turn `4pm (UTC)`, `11:04 PM`, `in 5 min`, an epoch or an ISO time into a moment; None when it cannot be told or is over a week away.

    A time of day is taken in the zone that is named with it, else in the UTC offset of `now`, and is the next such time after now.
    """
    if not words:
        return None
    words = words.strip()
    moment: datetime | None = None
    if re.fullmatch(r"\d{9,11}", words):
        moment = datetime.fromtimestamp(int(words), UTC)
    elif re.match(r"\d{4}-", words):
        try:
            moment = datetime.fromisoformat(words)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError:
            return None
    elif found := re.fullmatch(r"(\d{1,9})\s*(s|sec\w*|m|min\w*|h|hours?)", words, re.IGNORECASE):
        moment = clock.shift(now, int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2][0].lower()])
    elif found := re.fullmatch(r"(\d{1,2})(?::(\d\d))?\s*([ap])m(?:\s*\(([\w/+-]+)\))?", words, re.IGNORECASE):
        moment = _time_of_day(int(found[1]), int(found[2] or 0), found[3].lower() == "p", found[4], now)
    if moment is None or moment > clock.shift(now, 8 * 86400):
        return None
    return max(moment, clock.shift(now, 1))


def _time_of_day(hour: int, minute: int, afternoon: bool, zone: str | None, now: datetime) -> datetime | None:
    if hour > 12 or minute > 59:
        return None
    local = now
    if zone:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            local = now.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: it is a directory of zones, say America
            return None
    moment = local.replace(hour=hour % 12 + (12 if afternoon else 0), minute=minute, second=0, microsecond=0)
    return moment if moment > local else moment + timedelta(days=1)
