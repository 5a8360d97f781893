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


def fault(kind: str, text: str = "so", attempt: str = "1-work") -> Failure:
    return {"kind": kind, "text": text, "print": failure.print_of(kind, text), "attempt": attempt}


def works(*kinds: str) -> tuple[Failure, ...]:
    """A failure of one work attempt after the other, each in its own words."""
    return tuple(fault(kind, "so" + "o" * number, f"{number}-work") for number, kind in enumerate(kinds, 1))


def after(
    kind: str, text: str = "so", *, attempts: int = 1, before: tuple[Failure, ...] = (), attempt: str = "", **more: Any
) -> retry.Next:
    task: Task = {"id": "int-1", "attempts": attempts, "failures": list(before)}
    return retry.decide(task, fault(kind, text, attempt or f"{attempts}-work"), **{"limit": 5, "others": (), "now": NOW, **more})


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
    assert after("usage_limit", reset=NOW + timedelta(hours=4)).not_before == "2026-11-20T16:00:00.000Z"


def test_a_reset_that_comes_too_soon_each_time_is_believed_once() -> None:
    soon = NOW + timedelta(seconds=1)
    assert after("rate_limit", reset=soon).not_before == clock.text(soon)
    assert waits(after("rate_limit", reset=soon, before=works("rate_limit"), attempts=2)) >= 120
    late = NOW + timedelta(hours=4)
    assert after("rate_limit", reset=late, before=works("rate_limit"), attempts=2).not_before == clock.text(late)


def waits(then: retry.Next) -> float:
    assert then.status == "routed" and then.not_before
    return (clock.parse(then.not_before) - NOW).total_seconds()


def test_the_pause_grows_with_the_failures_in_a_row_that_call_for_one() -> None:
    assert waits(after("network", before=works("verify_failed", "conflict", "lost", "garbage_reply"), attempts=5)) <= 66
    assert waits(after("network", before=works("network", "lost", "agent_failed"), attempts=4, limit=9)) <= 132
    assert waits(after("network", before=works("network", "agent_failed", "network"), attempts=4, limit=9)) >= 480


def test_attempts_are_used_up() -> None:
    assert after("verify_failed", attempts=5).status == "needs_review"
    assert after("verify_failed", attempts=4).status == "routed"


def test_three_times_the_same() -> None:
    twice = (fault("verify_failed"), fault("verify_failed"))
    assert after("verify_failed", before=twice, attempts=3).status == "needs_review"
    other = (fault("verify_failed"), fault("verify_failed", "something else entirely"))
    assert after("verify_failed", before=other, attempts=3).status == "routed"


@pytest.mark.parametrize("kind", ["conflict", "lost"])
def test_what_is_alike_in_words_only_may_come_again_within_the_limit(kind: str) -> None:
    """Each conflict is with another target, each loss another crash."""
    before = works(kind, kind, kind)
    assert after(kind, before=before, attempts=4).status == "routed"
    assert after(kind, before=before, attempts=5).status == "needs_review"


def test_an_outage_uses_up_no_attempts_but_has_an_end() -> None:
    assert after("network", before=works(*["network"] * 8), attempts=9).status == "routed"
    assert after("network", before=works(*["network"] * 19), attempts=20).status == "needs_review"


def test_an_outage_during_verification_gives_no_attempts_away() -> None:
    night = tuple(fault("network", attempt=f"{number}-verify") for number in range(2, 6))
    assert after("agent_failed", before=night, attempts=5, attempt="9-work").status == "needs_review"
    assert after("agent_failed", before=night, attempts=4, attempt="9-work").status == "routed"


@pytest.mark.parametrize("name", ["1-work", "{}-verify"])
def test_what_fails_after_the_work_is_not_tried_for_ever(name: str) -> None:
    """A verification that never gets to its checks raises no attempts, and its words may differ each time."""
    def row(count: int) -> tuple[Failure, ...]:
        return tuple(fault("setup_failed", "o" * number, name.format(number)) for number in range(1, count + 1))

    assert after("setup_failed", before=row(3), attempt=name.format(9)).status == "routed"
    then = after("setup_failed", before=(*row(2), fault("network"), *row(3)), attempt=name.format(9))
    assert then.status == "needs_review" and "without getting as far" in then.why
    assert after("agent_failed", before=row(4), attempts=2).status == "routed"  # the next work attempt begins anew
    assert after("network", before=row(4), attempt="9-verify").status == "routed"


@given(st.text(max_size=20), st.integers(1, 100), st.integers(1, 600))
def test_backoff_grows_to_an_hour_and_is_stable(key: str, streak: int, base: int) -> None:
    wait = retry.backoff(key, streak, base)
    assert wait == retry.backoff(key, streak, base)
    assert min(3600, base * 2 ** min(streak - 1, 16)) <= wait <= 3960 + 1
