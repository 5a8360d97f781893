"""When an agent may be asked again: found in its message (`words_in`), and made a time of (`moment`). Pure.

    4pm (UTC)   11:04 PM   Nov 24, 4pm (Europe/Berlin)   Nov 24th, 2026 4:03 PM
    in 5 min    2h 30m     6m0s     1.9s     2 days 3 hours 5 minutes
    2026-11-21T10:00:00-08:00       1795200000 (seconds since 1970)
"""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

FAR = timedelta(days=8)  # what is farther away than a weekly limit was read wrongly
JUST = timedelta(minutes=2)  # a time of day that passed so shortly ago is this one, not tomorrow's

# Patterns are text, and compiled by `re` on first use: most agents end well.
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?"
_EPOCH = r"\d{9,11}\b"
_UNIT = r"days?|d|hours?|hrs?|h|minutes?|mins?|min|m|seconds?|secs?|sec|ms|s"
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_ONE = rf"{_NUMBER}\s*(?:{_UNIT})(?![a-z])"
_SPAN = rf"{_ONE}(?:,?\s*(?:and\s+)?{_ONE})*"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = rf"({'|'.join(_MONTHS)})[a-z]*\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?,?\s+(?:at\s+)?"
_CLOCK = rf"(?:{_DATE})?(\d{{1,2}})(?::(\d\d))?\s*([ap])m\b(?:\s*\(([\w/+-]+)\)|\s+(UTC|GMT)\b)?"
_WORDS = rf"(?i)(?:resets?|try again|available again|retry)\s+(?:at|in|after|on)?\s*:?\s*(?P<when>{_ISO}|{_EPOCH}|{_CLOCK}|{_SPAN})"


def words_in(text: str) -> str | None:
    """The words of a message that say when; None when it says nothing that `moment` could read."""
    found = re.search(_WORDS, text)
    return found["when"] if found else None


def moment(words: str | None, said: datetime) -> datetime | None:
    """The time that the words mean, in UTC, never before `said`; None when it cannot be told or is over a week away.

    said  when they were written, in the zone of whoever wrote them: a time of day that names no zone is meant in that one; an ISO time
          without an offset is UTC
    """
    words = (words or "").strip()
    try:
        found = _read(words, said)
        return None if found is None or found > said + FAR else max(found, said).astimezone(UTC)
    except (ValueError, OverflowError):  # the 99th of May; a year that is none
        return None


def _read(words: str, said: datetime) -> datetime | None:
    """raises ValueError, OverflowError"""
    if re.fullmatch(_EPOCH, words):
        return datetime.fromtimestamp(int(words), UTC)
    if re.fullmatch(_ISO, words, re.IGNORECASE):
        found = datetime.fromisoformat(re.sub(r"(?i) ?(utc|z)$", "+00:00", words).replace(" +", "+").replace(" -", "-"))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if re.fullmatch(_SPAN, words, re.IGNORECASE):
        parts = re.findall(rf"({_NUMBER})\s*({_UNIT})(?![a-z])", words, re.IGNORECASE)
        return said + sum((_span(float(number), unit.lower()) for number, unit in parts), timedelta())
    if clock := re.fullmatch(_CLOCK, words, re.IGNORECASE):
        return _clock(clock, said)
    return None


def _span(number: float, unit: str) -> timedelta:
    return timedelta(seconds=number * (0.001 if unit == "ms" else {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit[0]]))


def _clock(clock: re.Match[str], said: datetime) -> datetime | None:
    """raises ValueError"""
    month, day, year, hour, minute, half, zone, plain = clock.groups()
    if int(hour) > 12:
        return None
    local = said
    if zone or plain:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            local = said.astimezone(ZoneInfo(zone or plain.upper()))
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: it is a directory of zones, say America
            return None
    found = local.replace(
        hour=int(hour) % 12 + (12 if half.lower() == "p" else 0), minute=int(minute or 0), second=0, microsecond=0
    )
    if month is None:
        return found if found > local - JUST else found + timedelta(days=1)
    found = found.replace(year=int(year or local.year), month=_MONTHS.index(month[:3].lower()) + 1, day=int(day))
    return found if year or found > local - timedelta(days=180) else found.replace(year=local.year + 1)
