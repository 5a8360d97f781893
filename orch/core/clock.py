"""Times and durations as text. Times are UTC, ISO-8601, with `Z`; text that is not a time is an error, never epoch or now."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from orch.errors import BadData

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def text(moment: datetime) -> str:
    """An aware time as `2026-11-20T23:01:38.123Z`: fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse(value: str) -> datetime:
    """Read an ISO-8601 time; a zone is required. raises BadData"""
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise BadData(f"not a time: {value!r}", "write it as 2026-11-20T23:01:38Z") from None
    if moment.tzinfo is None:
        raise BadData(f"a time without a zone: {value!r}", "add Z for UTC, or an offset such as +01:00")
    return moment.astimezone(UTC)


def seconds(value: str | int) -> int:
    """Read a duration: `90`, `90s`, `5m`, `2h`, `1d`. raises BadData"""
    found = re.fullmatch(r"(\d{1,9})([smhdw]?)", str(value).strip())
    if not found:
        raise BadData(f"not a duration: {value!r}", "write it as 90s, 5m, 2h or 1d")
    return int(found[1]) * _UNITS[found[2]]


def later(moment: datetime, after: float) -> str:
    """The text of the moment `after` seconds later."""
    return text(moment + timedelta(seconds=after))


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
