"""When a cron expression is due: does it match now, when next, when last.

A slot is a minute in which the expression is due; slots are given as UTC times. The zone is asked one thing only: how far its wall
clock is from UTC at a moment. Where that changes, the rule is cron's own:

- an expression whose minute or hour begins with `*` follows the wall clock: an hour that is skipped has no slots, an hour that comes
  twice has them twice;
- any other names times of the day, and each is due once a day: one that is skipped is due in the first minute after the gap (many
  skipped ones make one slot), one that comes twice is due the first time.

croniter walks the calendar, on wall-clock times without a zone. It takes longer to import than all of the rest, so a minute, or a few
hours of them, are looked at without a walk.
"""
from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from orch.core import cron_fields
from orch.core.cron_fields import Spec

UTC = timezone.utc
MINUTE, DAY, ZERO = timedelta(minutes=1), timedelta(days=1), timedelta()
SHORT = timedelta(hours=6)


def match(expr: str, now: datetime, zone: tzinfo) -> bool:
    """Whether the minute of now is a slot. raises BadData when expr is no cron expression"""
    return _is_slot(cron_fields.parse(expr), _floor(now), zone)


def due(expr: str, since: datetime, now: datetime, zone: tzinfo) -> bool:
    """Whether a slot began after since and by now. raises BadData"""
    if now - since > SHORT:
        found = previous(expr, now, zone)
        return found is not None and found > since
    spec, last = cron_fields.parse(expr), _floor(now)
    minutes = (last - MINUTE * ago for ago in range(SHORT // MINUTE + 1))
    return any(_is_slot(spec, minute, zone) for minute in minutes if minute > since)


def next_after(expr: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The first slot that begins after now; None when there is none within fifty years. raises BadData"""
    return _search(cron_fields.parse(expr), now.astimezone(UTC), zone, forward=True)


def previous(expr: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The last slot that has begun by now; None when there is none within fifty years. raises BadData"""
    return _search(cron_fields.parse(expr), now.astimezone(UTC), zone, forward=False)


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _is_slot(spec: Spec, slot: datetime, zone: tzinfo) -> bool:
    offset = _offset(slot, zone)
    if not spec.fixed:
        return cron_fields.holds(spec, slot + offset)
    if cron_fields.holds(spec, slot + offset) and _moment(slot + offset, zone) == slot:
        return True
    skipped = offset - _offset(slot - MINUTE, zone)  # above zero: slot is the first minute after a gap of that length
    return any(cron_fields.holds(spec, slot + offset - MINUTE * ago) for ago in range(1, skipped // MINUTE + 1))


def _search(spec: Spec, now: datetime, zone: tzinfo, forward: bool) -> datetime | None:
    try:
        return (_fixed if spec.fixed else _by_the_clock)(spec, now, zone, forward)
    except OverflowError:  # before the year 1 or after 9999
        return None


def _fixed(spec: Spec, now: datetime, zone: tzinfo, forward: bool) -> datetime | None:
    """Each wall-clock time stands for one moment, and later times never for an earlier one: walk until the moment is on the right side.

    The walk starts at the time that the clock shows or, for the way back, the highest it has shown within a day, as it may have been
    set back since.
    """
    start = now + (_offset(now, zone) if forward else max(_offset(now, zone), _offset(now - DAY, zone)))
    wall = _walk(spec, start, forward)
    while wall is not None:
        slot = _moment(wall, zone)
        if slot > now if forward else slot <= now:
            return slot
        wall = _walk(spec, wall if forward else wall - MINUTE, forward)
    return None


def _by_the_clock(spec: Spec, now: datetime, zone: tzinfo, forward: bool) -> datetime | None:
    """Between two changes of the clock wall time and UTC run in step: look for a slot, as far as the next change; then go on there."""
    at = now
    while True:
        offset = _offset(at, zone)
        wall = _walk(spec, at + offset, forward)
        if wall is None:
            return None
        slot = wall - offset
        change = _change(at, slot, zone)
        if change is None:
            return slot
        if forward and cron_fields.holds(spec, change + _offset(change, zone)):
            return change
        at = change if forward else change - timedelta(microseconds=1)


def _walk(spec: Spec, wall: datetime, forward: bool) -> datetime | None:
    """The first time after wall, or the last up to it, that the fields name; without a zone."""
    from croniter import croniter

    start = wall.replace(tzinfo=None)
    try:
        walker = croniter(cron_fields.plain(spec), start, ret_type=datetime, day_or=spec.either)
        found: datetime = walker.get_next() if forward else walker.get_prev(start_time=start + timedelta(microseconds=1))
    except ValueError:  # croniter found no date, or left the years that there are
        return None
    return found.replace(tzinfo=UTC)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or ZERO


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    """When the clock shows wall for the first time or, if it skips that, the end of the gap. wall is written as if it were UTC."""
    before, after = _offset(wall - DAY, zone), _offset(wall + DAY, zone)
    for offset in (before, after):
        if _offset(wall - offset, zone) == offset:
            return wall - offset
    return _change(wall - DAY, wall + DAY, zone) or wall - after


def _change(a: datetime, b: datetime, zone: tzinfo) -> datetime | None:
    """The change of the clock that comes first on the way from a to b: the moment from which on the new offset holds."""
    step = DAY if a <= b else -DAY
    here = _offset(a, zone)
    while a != b:
        stop = min(a + step, b) if a <= b else max(a + step, b)
        if _offset(stop, zone) != here:
            break
        a = stop
    else:
        return None
    early, late = min(a, stop), max(a, stop)
    first = _offset(early, zone)
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        early, late = (middle, late) if _offset(middle, zone) == first else (early, middle)
    return late.replace(microsecond=0)  # zones change at whole seconds, and this is the only one left
