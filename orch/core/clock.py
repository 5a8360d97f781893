"""Times and durations as text. Times are UTC, ISO-8601, with `Z`; text that is not a time is an error, never epoch or now."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from orch.errors import BadData

MILLENNIUM = 365_250 * 86_400  # seconds; no limit and no pause is longer
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def text(moment: datetime) -> str:
    """An aware time as `2026-11-20T23:01:38.123Z`: fixed width, so that text order is time order."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse(value: str) -> datetime:
    """Read an ISO-8601 time; a zone is required. raises BadData"""
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise BadData(f"not a time: {value!r}", "write it as 2026-11-20T23:01:38Z") from None
    if moment.tzinfo is None:
        raise BadData(f"a time without a zone: {value!r}", "add Z for UTC, or an offset such as +01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadData(f"a time before the year 1 or after 9999 in UTC: {value!r}", "write it as 2026-11-20T23:01:38Z") from None


def seconds(value: str | int) -> int:
    """Read a duration of at most a thousand years: `90`, `90s`, `5m`, `2h`, `1d`, `1w`. raises BadData"""
    found = re.fullmatch(r"(\d{1,9})([smhdw]?)", str(value).strip())
    if not found:
        raise BadData(f"not a duration: {value!r}", "write it as 90s, 5m, 2h or 1d")
    length = int(found[1]) * _UNITS[found[2]]
    if length > MILLENNIUM:
        raise BadData(f"not a duration: {value!r} is more than a thousand years", "the longest is 52178w")
    return length


def shift(moment: datetime, by: float) -> datetime:
    """The moment `by` seconds later, or earlier when that is negative; the last or the first of the calendar when it ends before."""
    try:
        return moment + timedelta(seconds=by)
    except OverflowError:
        return LAST if by > 0 else FIRST


def later(moment: datetime, after: float) -> str:
    """The text of the moment `after` seconds later; see shift."""
    return text(shift(moment, after))


def span(length: float) -> str:
    """A duration for people: `7s`, `1m 30s`, `1h 1m`, `2d 3h`."""
    whole = max(0, int(length))
    days, hours, minutes, secs = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m {secs}s" if secs else f"{minutes}m"
    return f"{secs}s"
