"""Why a task is where it is: one condition for each state, and what a person can do."""
from __future__ import annotations

from typing import Any

import pytest

from orch.core import why
from orch.core.deps import Standing
from orch.records import Task

NOW, SOON = "2026-11-20T12:00:00.000Z", "2026-11-20T12:01:30.000Z"
RUN = {"status": "in_progress", "attempt": "1-work"}
ON_2, ALONE = {"depends_on": ["int-2"]}, "`orch task set int-1 depends_on=`"


def explain(task: dict[str, Any], **more: Any) -> why.Because:
    facts: dict[str, Any] = {"now": NOW, "standing": Standing((), ()), "free": 4, "slots": 4, "ahead": 0, "attempt": None, "elapsed": None,
                             "interval": None, **more}
    whole: Task = {"id": "int-1", "agent": "shell", **task}  # type: ignore[typeddict-item]
    return why.explain(whole, why.Facts(**facts))


@pytest.mark.parametrize(("task", "facts", "holds", "next", "hint"), [
    ({"status": "new"}, {}, "", "routed at the next `orch tick`", "orch tick"),
    ({"status": "new"}, {"interval": 10}, "", "by `orch serve`, within 10 s", ""),
    ({"status": "blocked", **ON_2}, {"standing": Standing(("int-2",), ())}, "waits for int-2", "looked at again", ALONE),
    ({"status": "blocked"}, {"standing": Standing(("int-3",), ())}, "waits for int-3", "looked at again", ""),  # a child
    ({"status": "routed", **ON_2}, {"standing": Standing(("int-2",), ())}, "waits for int-2", "looked at again", ALONE),
    ({"status": "new", **ON_2}, {"standing": Standing((), ("int-2 is gone",))}, "int-2 is gone", "looked at again", ALONE),
    ({"status": "needs_review", "why": "int-2 is gone", **ON_2}, {"standing": Standing((), ("int-2 is gone",))}, "int-2 is gone", "person",
     f"{ALONE} makes it wait for none; then `orch task retry int-1`"),
    ({"status": "routed"}, {"trouble": ("bad configuration: x", "run it")}, "bad configuration: x", "looked at again", "run it"),
    ({**RUN, "settled": "1-work", "why": "checked"}, {"attempt": "ended", "checks": True, "free": 0, "slots": 1}, "1 of 1 slots are taken",
     "its work is checked when a slot is free", "max_parallel"),
    ({"status": "blocked"}, {}, "", "made new again", ""),
    ({"status": "routed", "not_before": SOON, "why": "network: down"}, {}, f"network: down; not before {SOON}", "in 1m 30s", "task retry"),
    ({"status": "routed", "not_before": SOON, "why": "a limit"}, {"limit": "l/shell.json"}, "a limit", "in 1m 30s", "without l/shell"),
    ({"status": "routed", "not_before": "2026-11-20T11:00:00.000Z"}, {}, "", "started with shell", "orch tick"),
    ({"status": "routed"}, {"free": 0}, "4 of 4 slots are taken", "when a slot is free", "max_parallel"),
    ({"status": "routed"}, {"free": 2, "ahead": 3}, "2 of 4 slots are taken, and 3 due tasks come first", "slot", "max_parallel"),
    (RUN, {"attempt": "running", "elapsed": 61.0}, "1-work runs for 1m 1s", "as soon as it ends", "orch stream int-1"),
    (RUN, {"attempt": "lost"}, "was lost and is not taken in", "next `orch tick`", "orch reap int-1"),
    (RUN, {"attempt": "ended"}, "ended and is not taken in", "next `orch tick`", "orch reap int-1"),
    (RUN, {"attempt": "unknown"}, "cannot be told", "looked at again", "orch-attempt(5)"),
    ({**RUN, "settled": "1-work", "why": "checked"}, {"attempt": "ended"}, "checked", "goes on", "reap"),
    ({**RUN, "settled": "1-work", "why": "not published: down", "not_before": SOON, "candidate": "a" * 40}, {"attempt": "ended"},
     f"not published: down; not before {SOON}", "in 1m 30s", "`orch task kill int-1` hands it to a person, and `orch publish --accept"),
    ({**RUN, "settled": "1-work", "candidate": "c", "queued_at": NOW, "why": "waits until int-2 is merged"}, {"attempt": "ended", "free": 0,
     "checks": True}, "waits until int-2 is merged", "by itself", ""),
    ({"status": "needs_review", "why": "which one?"}, {}, "which one?", "until a person decides", "task retry int-1"),
    ({"status": "needs_review", "why": "look", "head": "a" * 40}, {}, "look", "person", "publish --accept int-1"),
    ({"status": "in_review"}, {}, "somebody outside", "tick", ""),
    ({"status": "done", "resolution": "completed"}, {}, "", "done (completed)", ""),
    ({"status": "done", "resolution": "completed", "why": "published as b", "published": "a"}, {}, "", "): published as b", "orch diff"),
])
def test_each_state(task: dict[str, Any], facts: dict[str, Any], holds: str, next: str, hint: str) -> None:
    because = explain(task, **facts)
    assert holds in because.holds and bool(holds) == bool(because.holds)
    assert next in because.next
    assert hint in because.hint


@pytest.mark.parametrize("status", ["new", "in_progress"])
def test_retry_is_named_only_where_it_is_allowed(status: str) -> None:
    assert "retry" not in explain({"status": status, "attempt": "1-work", "settled": "1-work", "not_before": SOON}).hint


def test_a_time_is_said_once() -> None:
    because = explain({"status": "routed", "not_before": SOON, "why": f"x; trying again at {SOON}"})
    assert because.holds.count(SOON) == 1
