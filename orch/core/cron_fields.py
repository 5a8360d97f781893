"""The five fields of a cron expression, as crontab(5) reads them.

They are read here and not by croniter, so that the error names the field, and so that what is no cron is refused: croniter also takes
seconds, years, `L`, `#`, `W`, a random `R`, and reads `5-5` as the whole range.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from orch.errors import BadData

EXAMPLE = "write five fields in quotes (minute hour day-of-month month day-of-week), such as '30 7 * * mon-fri', or a name such as @daily"
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class Field(NamedTuple):
    name: str
    low: int
    high: int
    names: Mapping[str, int] = {}


MONTHS = {name: at for at, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
DAYS = {name: at for at, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of week", 0, 7, DAYS),
)
SIZES = (60, 24, 31, 12, 7)


class Spec(NamedTuple):
    """An expression that was read."""

    sets: tuple[frozenset[int], ...]  # the values of each field; Sunday is 0
    either: bool  # both days are restricted: one that matches is enough
    fixed: bool  # it names times of the day: neither minute nor hour begins with `*`


def parse(expr: str) -> Spec:
    """Read an expression. raises BadData, which says what is wrong with which field"""
    text = expr.strip().lower()
    words = ALIASES.get(text, text).split()
    try:
        if text.startswith("@") and text not in ALIASES:
            raise ValueError(f"the names are {' '.join(ALIASES)}")
        if len(words) != len(FIELDS):
            raise ValueError(f"expected 5 fields, got {len(words)}")
        sets = [_values(word, field) for word, field in zip(words, FIELDS, strict=True)]
    except ValueError as error:
        shown = expr if len(expr) <= 80 else expr[:80] + "…"
        raise BadData(f"not a cron expression: {shown!r}: {error}", EXAMPLE) from None
    sets[4] = {day % 7 for day in sets[4]}
    stars = [word.startswith("*") for word in words]
    return Spec(tuple(map(frozenset, sets)), either=not (stars[2] or stars[4]), fixed=not (stars[0] or stars[1]))


def _values(word: str, field: Field) -> set[int]:
    """The values that one field names. raises ValueError"""
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        if slash and (not _digits(step) or int(step) == 0):
            raise ValueError(f"{field.name}: in {part[:40]!r} the step is not a number above 0")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = field.low, field.high
        else:
            low = _value(first, part, field)
            high = _value(last, part, field) if dash else field.high if slash else low
        if dash and last == "sun" and low:
            high = 7
        if high < low:
            raise ValueError(f"{field.name}: {part[:40]!r} runs backwards")
        found.update(range(low, high + 1, int(step or 1)))
    return found


def _value(text: str, part: str, field: Field) -> int:
    if text in field.names:
        return field.names[text]
    if not _digits(text):
        raise ValueError(f"{field.name}: {part[:40]!r} is not a number{' or a name' if field.names else ''}")
    if not field.low <= int(text) <= field.high:
        raise ValueError(f"{field.name}: {text} is not between {field.low} and {field.high}")
    return int(text)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def holds(spec: Spec, wall: datetime) -> bool:
    """Whether the fields name this minute of a wall clock."""
    minute, hour, day, month, weekday = spec.sets
    if wall.minute not in minute or wall.hour not in hour or wall.month not in month:
        return False
    by_day, by_weekday = wall.day in day, wall.isoweekday() % 7 in weekday
    return by_day or by_weekday if spec.either else by_day and by_weekday


def plain(spec: Spec) -> str:
    """The same expression as bare lists of numbers, which leave nothing to interpret; a field without limits is `*`."""
    sets = list(spec.sets)
    full = [len(values) == size for values, size in zip(sets, SIZES, strict=True)]
    if spec.either and (full[2] or full[4]):  # one of the days is always right, so neither limits
        full[2] = full[4] = True
    return " ".join("*" if all_of_it else ",".join(map(str, sorted(values))) for values, all_of_it in zip(sets, full, strict=True))
