"""Times and durations as text: one form, UTC, and an error for everything else."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import clock
from orch.errors import BadData

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)


@given(MOMENTS, MOMENTS)
def test_the_order_of_texts_is_that_of_times(one: datetime, other: datetime) -> None:
    one, other = (each.replace(microsecond=each.microsecond // 1000 * 1000) for each in (one, other))
    assert (clock.text(one) < clock.text(other)) == (one < other)
    assert clock.parse(clock.text(one)) == one and clock.text(clock.parse(clock.text(one))) == clock.text(one)


@pytest.mark.parametrize("value, text", [
    ("2026-11-20T23:01:38Z", "2026-11-20T23:01:38.000Z"), ("2026-11-21T00:01:38.5+01:00", "2026-11-20T23:01:38.500Z"),
    ("2026-11-20T20:01:38-03:00", "2026-11-20T23:01:38.000Z"), ("2026-11-21T04:46:38+05:45", "2026-11-20T23:01:38.000Z"),
])
def test_any_zone_becomes_utc(value: str, text: str) -> None:
    assert clock.text(clock.parse(value)) == text


@pytest.mark.parametrize("value", ["", "soon", "0", "1790000000", "2026-11-20", "2026-11-20T23:01:38", "2026-13-01T00:00:00Z", None, 5])
def test_what_is_no_time_is_an_error_and_never_a_time(value: str) -> None:
    with pytest.raises(BadData, match="time"):
        clock.parse(value)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-00:01"])
def test_what_is_no_time_in_utc_is_an_error_of_the_same_kind(value: str) -> None:
    with pytest.raises(BadData, match="before the year 1 or after 9999"):
        clock.parse(value)


@pytest.mark.parametrize("value, seconds", [
    ("90", 90), (90, 90), ("90s", 90), (" 5m ", 300), ("2h", 7200), ("1d", 86400), ("1w", 604800), ("0", 0), ("365250d", clock.MILLENNIUM),
])
def test_durations(value: str | int, seconds: int) -> None:
    assert clock.seconds(value) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5h", "5 m", "m5", "5y", "9" * 10, "52179w", "999999999w"])
def test_what_is_no_duration(value: str) -> None:
    with pytest.raises(BadData, match="not a duration"):
        clock.seconds(value)


@pytest.mark.parametrize("seconds, shown", [
    (0, "0s"), (45, "45s"), (59.9, "59s"), (60, "1m"), (125, "2m 5s"), (3600, "1h"), (3660, "1h 1m"), (3661, "1h 1m"), (86400, "1d"),
    (183600, "2d 3h"), (-7, "0s"),
])
def test_durations_for_people(seconds: float, shown: str) -> None:
    assert clock.span(seconds) == shown


@given(st.integers(0, 10**8))
def test_a_duration_for_people_is_short_and_near(seconds: int) -> None:
    shown = clock.span(seconds)
    assert len(shown) <= 10 and seconds - sum(map(clock.seconds, shown.split())) < 3600


def test_later() -> None:
    assert clock.later(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), 1.5) == "2027-01-01T00:00:00.500Z"


@pytest.mark.parametrize("by, text", [
    (1e30, "9999-12-31T23:59:59.999Z"), (2.6e11, "9999-12-31T23:59:59.999Z"),
    (-1e30, "0001-01-01T00:00:00.000Z"), (-7e10, "0001-01-01T00:00:00.000Z"),
])
def test_the_calendar_has_two_ends(by: float, text: str) -> None:
    assert clock.later(datetime(2026, 11, 20, tzinfo=UTC), by) == text
