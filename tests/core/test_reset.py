"""When an agent may be asked again: in the words of real messages, and in any others."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import clock, reset

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "words"), [
    ("You've hit your 5-hour limit - resets 10:53pm (UTC)", "10:53pm (UTC)"),
    ("Weekly limit reached · resets Nov 24, 4pm (Europe/Berlin)", "Nov 24, 4pm (Europe/Berlin)"),
    ("You've hit your usage limit. Upgrade to Pro or try again at 11:04 PM.", "11:04 PM"),
    ("Try again at Nov 24th, 2026 4:03 PM.", "Nov 24th, 2026 4:03 PM"),
    ("try again in 2 days 3 hours 5 minutes.", "2 days 3 hours 5 minutes"), ("Retry after 30s", "30s"),
    ("Please try again in 6m0s. Visit", "6m0s"), ("Please try again in 1.898s.", "1.898s"), ("try again in 20ms", "20ms"),
    ("resets in 2h 30m", "2h 30m"), ("in 3 days", None), ("try again in 3 days", "3 days"), ("try again in 5 min, 3 times", "5 min"),
    ("resets at 2026-11-21T10:00:00-08:00", "2026-11-21T10:00:00-08:00"), ("resets at 2026-11-21T10:00:00.", "2026-11-21T10:00:00"),
    ("resets 2026-11-21 10:00:00.5 UTC, sorry", "2026-11-21 10:00:00.5 UTC"), ("resets at: 1795200000.", "1795200000"),
    ("resets 4pm UTC", "4pm UTC"), ("try again later", None), ("retry 3 times", None), ("", None),
])
def test_words_in_a_message(text: str, words: str | None) -> None:
    found = reset.words_in(text)
    assert (found.strip() if found else None) == words
    assert words is None or reset.moment(words, NOW)


@pytest.mark.parametrize(("words", "wanted"), [
    ("10:53pm (UTC)", "2026-11-20T22:53:00.000Z"), ("11 AM", "2026-11-21T11:00:00.000Z"), ("4pm UTC", "2026-11-20T16:00:00.000Z"),
    ("1pm (Europe/Berlin)", "2026-11-20T12:00:00.000Z"), ("12:59pm (Europe/Berlin)", "2026-11-20T12:00:00.000Z"),
    ("12:57pm (Europe/Berlin)", "2026-11-21T11:57:00.000Z"), ("Nov 24, 4pm (UTC)", "2026-11-24T16:00:00.000Z"),
    ("Nov 24th, 2026 4:03 PM", "2026-11-24T16:03:00.000Z"), ("Nov 20 at 11am", "2026-11-20T12:00:00.000Z"), ("Feb 30, 4pm", None),
    ("1790000000", "2026-11-20T12:00:00.000Z"), ("1795200000", "2026-11-20T18:40:00.000Z"),
    ("2026-11-20T13:00:00Z", "2026-11-20T13:00:00.000Z"), ("2026-11-20T13:00:00", "2026-11-20T13:00:00.000Z"),
    ("2026-11-21T10:00:00-08:00", "2026-11-21T18:00:00.000Z"), ("2026-11-21 10:00:00.5 UTC", "2026-11-21T10:00:00.500Z"),
    ("5 min", "2026-11-20T12:05:00.000Z"), ("30s", "2026-11-20T12:00:30.000Z"), ("2 hours", "2026-11-20T14:00:00.000Z"),
    ("2h 30m", "2026-11-20T14:30:00.000Z"), ("6m0s", "2026-11-20T12:06:00.000Z"), ("3 days", "2026-11-23T12:00:00.000Z"),
    ("2 days, 3 hours and 5 minutes", "2026-11-22T15:05:00.000Z"), ("1.5s", "2026-11-20T12:00:01.500Z"),
    ("20ms", "2026-11-20T12:00:00.020Z"),
    ("99pm", None), ("1:99pm", None), ("1pm (Nowhere/Land)", None), ("soon", None), ("", None), ("2027-01-01T00:00:00Z", None),
    ("1pm (America)", None), ("9" * 20 + " h", None), ("9" * 5000 + "s", None), ("999999999 days", None),
])
def test_moments(words: str, wanted: str | None) -> None:
    found = reset.moment(words, NOW)
    assert (clock.text(found) if found else None) == wanted


def test_a_time_of_day_is_meant_in_the_zone_of_whoever_said_it() -> None:
    said = datetime(2026, 11, 20, 21, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert reset.moment("11:04 PM", said) == datetime(2026, 11, 21, 7, 4, tzinfo=UTC)
    assert reset.moment("8 PM", said) == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert reset.moment("Jan 2, 4pm (UTC)", datetime(2026, 12, 30, tzinfo=UTC)) == datetime(2027, 1, 2, 16, 0, tzinfo=UTC)


@given(st.text() | st.from_regex(reset._CLOCK, fullmatch=True) | st.from_regex(reset._SPAN, fullmatch=True),
       st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_no_words_raise_or_mean_the_past(words: str, zone: str) -> None:
    said = NOW.astimezone(ZoneInfo(zone))
    found = reset.moment(words, said)
    assert found is None or NOW <= found <= NOW + reset.FAR + timedelta(hours=1)
    reset.words_in(f"try again at {words}")
