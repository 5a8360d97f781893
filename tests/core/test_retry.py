"""What follows a failure: a table of cases, and what must hold for all of them."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import clock, failure, retry
from orch.records import Failure, Task

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def fault(kind: str, text: str = "so") -> Failure:
    return {"kind": kind, "text": text, "print": failure.print_of(kind, text)}


def after(kind: str, text: str = "so", *, attempts: int = 1, before: tuple[Failure, ...] = (), **more: Any) -> retry.Next:
    task: Task = {"id": "int-1", "attempts": attempts, "failures": list(before)}
    return retry.decide(task, fault(kind, text), **{"limit": 5, "others": (), "now": NOW, **more})


def test_what_a_person_must_see() -> None:
    for kind in ("context_overflow", "permission_denied", "tool_missing", "budget", "refused", "waiting_for_input"):
        assert after(kind).status == "needs_review"


def test_what_is_tried_again_at_once() -> None:
    for kind in ("verify_failed", "conflict", "no_evidence", "garbage_reply", "lost", "timeout"):
        then = after(kind)
        assert (then.status, then.not_before) == ("routed", None)


def test_what_waits() -> None:
    then = after("agent_failed")
    assert then.status == "routed" and then.not_before is not None
    assert timedelta(seconds=60) <= clock.parse(then.not_before) - NOW <= timedelta(seconds=66)


def test_the_next_agent_takes_over_at_once() -> None:
    then = after("usage_limit", others=("codex",))
    assert (then.status, then.other_agent, then.not_before) == ("routed", True, None)


def test_a_limit_waits_for_the_reset_that_was_named() -> None:
    assert after("usage_limit", reset="4pm (UTC)").not_before == "2026-11-20T16:00:00.000Z"


def test_attempts_are_used_up() -> None:
    assert after("verify_failed", attempts=5).status == "needs_review"
    assert after("verify_failed", attempts=4).status == "routed"


def test_three_times_the_same() -> None:
    twice = (fault("verify_failed"), fault("verify_failed"))
    assert after("verify_failed", before=twice, attempts=3).status == "needs_review"
    other = (fault("verify_failed"), fault("verify_failed", "something else entirely"))
    assert after("verify_failed", before=other, attempts=3).status == "routed"


def test_an_outage_uses_up_no_attempts_but_has_an_end() -> None:
    night = tuple(fault("network") for _ in range(8))
    assert after("network", before=night, attempts=9).status == "routed"
    assert after("network", before=tuple(fault("network") for _ in range(19)), attempts=20).status == "needs_review"


@given(st.text(max_size=20), st.integers(1, 100), st.integers(1, 600))
def test_backoff_grows_to_an_hour_and_is_stable(key: str, streak: int, base: int) -> None:
    wait = retry.backoff(key, streak, base)
    assert wait == retry.backoff(key, streak, base)
    assert min(3600, base * 2 ** min(streak - 1, 16)) <= wait <= 3960 + 1


@pytest.mark.parametrize(("words", "wanted"), [
    ("10:53pm (UTC)", "2026-11-20T22:53:00.000Z"), ("11 AM", "2026-11-21T11:00:00.000Z"),
    ("1pm (Europe/Berlin)", "2026-11-21T12:00:00.000Z"),
    ("1790000000", None), ("1795200000", "2026-11-20T18:40:00.000Z"), ("2026-11-20T13:00:00Z", "2026-11-20T13:00:00.000Z"),
    ("5 min", "2026-11-20T12:05:00.000Z"), ("30s", "2026-11-20T12:00:30.000Z"), ("2 hours", "2026-11-20T14:00:00.000Z"),
    ("99pm", None), ("1pm (Nowhere/Land)", None), ("soon", None), ("", None), ("2027-01-01T00:00:00Z", None),
    ("1pm (America)", None), ("9" * 20 + " h", None), ("9" * 9 + " h", None), ("0001-01-01T00:00:00+14:00", "2026-11-20T12:00:01.000Z"),
    ("9999-12-31T23:59:59-14:00", None), ("9" * 5000 + "s", None),
])
def test_reset_times(words: str, wanted: str | None) -> None:
    found = retry.reset_time(words, NOW)
    if words == "1790000000":  # long past: at once
        assert found == NOW + timedelta(seconds=1)
    else:
        assert (clock.text(found) if found else None) == wanted


@given(st.text())
def test_reset_times_never_raise_and_never_lie_in_the_past(words: str) -> None:
    found = retry.reset_time(words, NOW)
    assert found is None or found > NOW
