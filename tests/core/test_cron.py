"""When expressions are due, through changes of the clock in three zones, and against a search that looks at every minute."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orch.core import cron, cron_fields
from orch.errors import BadData
from tests.core.test_cron_fields import fields

UTC = timezone.utc
BERLIN, SAO_PAULO, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu")
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def slots(expr: str, zone: tzinfo, start: str, end: str) -> list[str]:
    """Every slot in (start, end], as the zone's clock shows it: found forwards, and the same backwards, and the same minute by minute."""
    found: list[datetime] = []
    moment = cron.next_after(expr, at(start), zone)
    while moment is not None and moment <= at(end):
        found.append(moment)
        moment = cron.next_after(expr, moment, zone)
    back: list[datetime] = []
    moment = cron.previous(expr, at(end), zone)
    while moment is not None and moment > at(start):
        back.append(moment)
        moment = cron.previous(expr, moment - timedelta(seconds=1), zone)
    assert back[::-1] == found
    assert found == every_minute(expr, zone, at(start), at(end))
    return [each.astimezone(zone).strftime("%d %H:%M%z") for each in found]


def every_minute(expr: str, zone: tzinfo, start: datetime, end: datetime) -> list[datetime]:
    minute = start.replace(second=0, microsecond=0) + MINUTE
    found = []
    while minute <= end:
        if cron.match(expr, minute, zone):
            found.append(minute)
        minute += MINUTE
    return found


# zone, expression, from, to, what is due
CHANGES = [
    # Berlin, 29 March 2026: 01:59 +01:00 is followed by 03:00 +02:00
    (BERLIN, "30 2 * * *", "2026-03-28T12:00Z", "2026-03-30T12:00Z", ["29 03:00+0200", "30 02:30+0200"]),
    (BERLIN, "0,15,30,45 2 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 03:00+0200"]),
    (BERLIN, "0 3 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 03:00+0200"]),
    (BERLIN, "0 2,3 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 03:00+0200"]),
    (BERLIN, "5 2,3 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 03:00+0200", "29 03:05+0200"]),
    (BERLIN, "59 1 * * *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 01:59+0100"]),
    (BERLIN, "30 2 29 3 *", "2026-03-28T12:00Z", "2026-03-29T12:00Z", ["29 03:00+0200"]),
    (BERLIN, "*/30 2 * * *", "2026-03-28T12:00Z", "2026-03-30T12:00Z", ["30 02:00+0200", "30 02:30+0200"]),
    (BERLIN, "*/30 * * * *", "2026-03-29T00:00Z", "2026-03-29T02:00Z",
     ["29 01:30+0100", "29 03:00+0200", "29 03:30+0200", "29 04:00+0200"]),
    (BERLIN, "@hourly", "2026-03-28T23:30Z", "2026-03-29T02:00Z", ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"]),
    # Berlin, 25 October 2026: 02:59 +02:00 is followed by 02:00 +01:00
    (BERLIN, "30 2 * * *", "2026-10-24T12:00Z", "2026-10-26T12:00Z", ["25 02:30+0200", "26 02:30+0100"]),
    (BERLIN, "0,30 2,3 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z",
     ["25 02:00+0200", "25 02:30+0200", "25 03:00+0100", "25 03:30+0100"]),
    (BERLIN, "*/30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T12:00Z",
     ["25 02:00+0200", "25 02:30+0200", "25 02:00+0100", "25 02:30+0100"]),
    (BERLIN, "30 * * * *", "2026-10-24T23:00Z", "2026-10-25T02:00Z", ["25 01:30+0200", "25 02:30+0200", "25 02:30+0100"]),
    # Sao Paulo, 4 November 2018: 23:59 -03:00 is followed by 01:00 -02:00; 18 February 2018: 23:59 -02:00 by 23:00 -03:00
    (SAO_PAULO, "@daily", "2018-11-03T12:00Z", "2018-11-05T12:00Z", ["04 01:00-0200", "05 00:00-0200"]),
    (SAO_PAULO, "@hourly", "2018-11-04T01:30Z", "2018-11-04T04:30Z", ["03 23:00-0300", "04 01:00-0200", "04 02:00-0200"]),
    (SAO_PAULO, "30 23 17 2 *", "2018-02-17T12:00Z", "2018-02-19T12:00Z", ["17 23:30-0200"]),
    (SAO_PAULO, "*/30 23 * * *", "2018-02-17T12:00Z", "2018-02-18T12:00Z",
     ["17 23:00-0200", "17 23:30-0200", "17 23:00-0300", "17 23:30-0300"]),
    (SAO_PAULO, "@daily", "2018-02-17T12:00Z", "2018-02-19T12:00Z", ["18 00:00-0300", "19 00:00-0300"]),
    (SAO_PAULO, "0 0 * * sun", "2026-11-01T12:00Z", "2026-11-16T00:00Z", ["08 00:00-0300", "15 00:00-0300"]),  # no change since 2019
    # Kathmandu: 05:45 from UTC, and no change
    (KATHMANDU, "0 6 * * *", "2026-11-20T00:00Z", "2026-11-22T00:00Z", ["20 06:00+0545", "21 06:00+0545"]),
    (KATHMANDU, "*/20 * * * *", "2026-11-20T00:00Z", "2026-11-20T01:00Z", ["20 06:00+0545", "20 06:20+0545", "20 06:40+0545"]),
]


@pytest.mark.parametrize(("zone", "expr", "start", "end", "due"), CHANGES)
def test_a_change_of_the_clock(zone: tzinfo, expr: str, start: str, end: str, due: list[str]) -> None:
    assert slots(expr, zone, start, end) == due


ZONES = (
    "UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll",
    "Africa/Cairo",
)
# Days around a change in one of those zones, Samoa's missing Friday among them.
DAYS = (
    "2026-03-29", "2026-10-25", "2018-11-04", "2018-02-18", "2026-10-04", "2026-04-05", "2011-12-30", "2026-04-24", "2026-10-30",
    "2024-02-29",
)


@settings(max_examples=30)
@given(fields(), st.sampled_from(ZONES), st.sampled_from(DAYS), st.integers(-1500, 1500), st.integers(0, 59))
def test_the_walk_finds_what_looking_at_every_minute_finds(expr: str, zone: str, day: str, off: int, second: int) -> None:
    place = ZoneInfo(zone)
    now = at(f"{day}T00:00Z") + off * MINUTE + timedelta(seconds=second)
    far = timedelta(hours=26)
    after = every_minute(expr, place, now, now + far)
    found = cron.next_after(expr, now, place)
    if after:
        assert found == after[0]
    else:
        assert found is None or found > now + far
    before = every_minute(expr, place, now - far, now)
    found = cron.previous(expr, now, place)
    if before:
        assert found == before[-1]
    else:
        assert found is None or found <= now - far
    assert cron.due(expr, now - far, now, place) == bool(before)
    short = now - timedelta(hours=2, seconds=7)
    assert cron.due(expr, short, now, place) == any(slot > short for slot in before)


def test_due_is_after_since_and_up_to_now() -> None:
    slot = at("2026-11-20T07:30Z")
    for far in (timedelta(hours=1), timedelta(days=100)):
        assert cron.due("30 7 20 11 *", slot - far, slot, UTC)
    assert not cron.due("30 7 20 11 *", slot - MINUTE, slot - timedelta(seconds=1), UTC)
    assert not cron.due("30 7 20 11 *", slot, slot + timedelta(days=100), UTC)
    assert not cron.due("* * * * *", slot + timedelta(hours=1), slot, UTC)  # the clock was set back


def test_a_match_holds_for_its_whole_minute() -> None:
    assert cron.match("30 7 * * *", at("2026-11-20T07:30:00Z"), UTC)
    assert cron.match("30 7 * * *", at("2026-11-20T07:30:59.999Z"), UTC)
    assert not cron.match("30 7 * * *", at("2026-11-20T07:31:00Z"), UTC)
    assert cron.match("30 7 * * *", datetime.fromisoformat("2026-11-20T08:30:00+01:00"), UTC)


def test_what_never_comes_is_none() -> None:
    for expr in ("0 0 31 2 *", "* * 31 2,4 *"):
        assert cron.next_after(expr, at("2026-11-20T00:00Z"), BERLIN) is None
        assert cron.previous(expr, at("2026-11-20T00:00Z"), BERLIN) is None
        assert not cron.due(expr, at("2000-11-20T00:00Z"), at("2026-11-20T00:00Z"), BERLIN)
    assert cron.next_after("0 0 31 2 mon", at("2026-11-20T00:00Z"), UTC) == at("2027-02-01T00:00Z")  # the other day still counts


def test_the_rim_of_the_calendar() -> None:
    assert cron.next_after("0 0 1 1 *", at("9999-12-31T00:00Z"), UTC) is None
    assert cron.previous("0 0 1 1 *", at("0001-01-01T00:00:00Z"), UTC) in (None, at("0001-01-01T00:00Z"))
    assert cron.match("* * * * *", at("9999-12-31T23:59:00Z"), UTC)


@pytest.mark.parametrize("ask", [cron.match, cron.next_after, cron.previous])
def test_no_expression_is_an_error_everywhere(ask) -> None:
    with pytest.raises(BadData):
        ask("* * *", at("2026-11-20T00:00Z"), UTC)


def test_leap_days() -> None:
    assert slots("0 0 29 2 *", UTC, "2028-02-28T12:00Z", "2028-03-01T00:00Z") == ["29 00:00+0000"]
    assert cron.next_after("0 0 29 2 *", at("2096-03-01T00:00Z"), UTC) == at("2104-02-29T00:00Z")  # 2100 has none
    assert cron_fields.parse("0 0 29 2 *").fixed
