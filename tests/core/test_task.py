"""The life of a task: the moves, the record after a change, the reset, and the record from its history."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import task as life
from orch.core.task import Change
from orch.errors import BadData, NotAllowed
from orch.records import RESOLUTIONS, STATUSES, Event, Task

NOW, LATER = "2026-11-20T23:00:00.000Z", "2026-11-20T23:01:00.000Z"


def made(**fields: Any) -> Task:
    task: Any = life.new({"title": "a task"}, "int-5", "o/r", NOW)
    return {**task, **fields}  # type: ignore[typeddict-item]


def test_a_new_task_asks_for_nothing() -> None:
    task = made()
    assert (task["body"], task["labels"], task["options"], task["depends_on"], task["status"]) == ("", [], {}, [], "new")
    assert [task[key] for key in ("agent", "model", "complexity", "route", "not_before")] == [None] * 5
    assert life.problem(task, "int-5") == ""


def test_the_moves_of_the_design() -> None:
    assert {(old, new) for old in STATUSES for new in life.TRANSITIONS[old]} == {
        ("new", "routed"), ("new", "blocked"), ("new", "needs_review"), ("new", "done"),
        ("routed", "in_progress"), ("routed", "blocked"), ("routed", "new"), ("routed", "needs_review"), ("routed", "done"),
        ("in_progress", "in_review"), ("in_progress", "done"), ("in_progress", "needs_review"), ("in_progress", "routed"),
        ("in_progress", "blocked"),
        ("in_review", "done"), ("in_review", "routed"), ("in_review", "needs_review"),
        ("blocked", "new"), ("blocked", "done"), ("blocked", "needs_review"),
        ("needs_review", "new"), ("needs_review", "in_progress"), ("needs_review", "done"),
        ("done", "new"),
    }


@pytest.mark.parametrize("old", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_a_move_that_the_table_does_not_have_is_refused_by_name(old: str, new: str) -> None:
    if old == new or new in life.TRANSITIONS[old]:
        life.check_move(old, new)
        return
    with pytest.raises(NotAllowed) as caught:
        life.check_move(old, new, "o/r#int-5")
    assert old in caught.value.message and new in caught.value.message and "o/r#int-5" in caught.value.message


def test_no_such_status() -> None:
    with pytest.raises(BadData, match="no such status"):
        life.check_move("new", "finished")


def test_done_has_a_time_and_a_resolution() -> None:
    with pytest.raises(BadData, match="resolution"):
        life.apply(made(), Change({"status": "done"}), LATER)
    after, event = life.apply(made(), Change({"status": "done", "resolution": "cancelled"}, "status", "cancelled by a person"), LATER)
    assert (after["done_at"], after["why"], after["seq"], after["updated_at"]) == (LATER, "cancelled by a person", 2, LATER)
    assert event["set"] == {"status": "done", "resolution": "cancelled", "why": "cancelled by a person", "done_at": LATER}
    again, _ = life.apply(after, Change(life.reset(after), "reset"), LATER)
    assert (again["status"], again["resolution"], again["done_at"], again["why"]) == ("new", None, None, "")


@pytest.mark.parametrize("field", life.FIXED)
def test_what_no_change_may_name(field: str) -> None:
    with pytest.raises(BadData, match=field):
        life.apply(made(), Change({field: "x"}), LATER)


def test_a_change_keeps_unknown_fields_and_says_only_what_moved() -> None:
    task = made(notes={"mine": 1})
    after, event = life.apply(task, Change({"priority": 3, "title": "a task"}), LATER)
    assert after["notes"] == {"mine": 1}  # type: ignore[typeddict-item]
    assert event["set"] == {"priority": 3}
    assert task["priority"] == 0, "the record that went in is as it was"


def test_the_reset_forgets_the_route_and_the_failures_and_keeps_the_work() -> None:
    task = made(
        status="needs_review", agent="codex", model="m", complexity="simple", route="default", chain=["codex"], attempts=5,
        failures=[{"kind": "timeout"}], not_before=LATER, candidate="c", onto="o", queued_at=LATER, verified="v", published="p",
        summary="s", why="w",
        branch="task-int-5", base="b", head="h", attempt="5-work", settled="5-work", learnings=["l"], options={"agent": "codex"},
    )
    after, _ = life.apply(task, Change(life.reset(task), "reset"), LATER)
    forgotten: dict[str, Any] = {**dict.fromkeys(
        ("resolution", "agent", "model", "complexity", "route", "not_before", "candidate", "onto", "queued_at", "verified", "published",
         "summary", "done_at")
    ), "chain": [], "failures": [], "attempts": 0, "why": "", "status": "new", "seq": 2, "updated_at": LATER}
    assert after == {**task, **forgotten}


FIELDS = st.dictionaries(st.sampled_from(["priority", "notes", "attempts"]), st.integers())


@given(st.lists(st.tuples(st.sampled_from(STATUSES), FIELDS), max_size=12))
def test_the_history_tells_the_record(steps: list[tuple[str, dict[str, int]]]) -> None:
    task = made()
    events: list[Event] = [life.born(task)]
    for status, fields in steps:
        ended = {"resolution": RESOLUTIONS[0]} if status == "done" else {}
        try:
            task, event = life.apply(task, Change({**fields, "status": status, **ended}), LATER)
        except NotAllowed:
            continue
        events.append(event)
    assert life.fold(events) == task
    assert life.problem(task, "int-5") == ""


def test_a_history_that_does_not_begin_tells_nothing() -> None:
    assert life.fold([]) is None
    assert life.fold([{"seq": 2, "at": NOW, "set": {"status": "new"}}]) is None


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_what_a_record_may_hold() -> None:
    fault = {"kind": "conflict", "text": "x", "files": ["a"], "print": "p", "more": 1}
    task = made(failures=[fault], branch="task-int-5-fix-it", mine=nested(life.DEEP), options={"agent": None, "verify": ["a"], "own": 5})
    assert life.problem(task, "int-5") == ""


def test_what_no_record_may_hold_is_left_out_of_its_history() -> None:
    """`sidecar set` took such values once, and a hand may write them still: nobody loses a task over them."""
    task = made()
    events: list[Event] = [life.born(task)]
    for fields in ({"learnings": ["kept"]}, {"learnings": [1], "priority": 3}, {"failures": [1]}, {"priority": 4}):
        task, event = life.apply(task, Change(fields), LATER)
        events.append(event)
    assert life.problem(task, "int-5")
    assert life.fold(events) == {**task, "learnings": ["kept"], "failures": [], "priority": 4}


@pytest.mark.parametrize("record, said", [
    ({}, "no version"), ({"v": 0}, "no version"), ({"v": "1"}, "no version"), ({"v": 2}, "newer orch"),
    ({"v": 1, "id": "int-6"}, "int-6"), ({"v": 1, "id": "int-5", "status": "gone"}, "gone"),
    ({"v": 1, "id": "int-5", "status": "new", "title": "", "project": "o/r"}, "seq is missing"),
    ({**made(), "seq": "1"}, "seq is not a whole number"), ({**made(), "seq": True}, "seq is not a whole number"),
    ({**made(), "priority": "high"}, "priority is not a whole number"), ({**made(), "labels": "a"}, "labels is not a list"),
    ({**made(), "depends_on": [5]}, "depends_on is not a list of texts"), ({**made(), "options": []}, "options is not an object"),
    ({**made(), "chain": [None]}, "chain is not a list of texts"), ({**made(), "learnings": [1]}, "learnings is not a list of texts"),
    ({**made(), "failures": [1]}, "failures is not a list of objects"), ({**made(), "failures": [{"kind": "idle"}]}, "with kind and text"),
    ({**made(), "failures": [{"kind": "conflict", "text": "x", "files": "a"}]}, "failures is not a list of objects"),
    ({**made(), "options": {"agent": 5}}, "options.agent is not text"),
    ({**made(), "options": {"timeout": "1h"}}, "options.timeout is not"),
    ({**made(), "options": {"verify": "make"}}, "options.verify is not a list"),
    ({**made(), "options": {"verify": [5]}}, "options.verify is not a list of texts"),
    ({**made(), "branch": "../../../evil"}, "no branch of this task"), ({**made(), "branch": "task-int-50"}, "no branch of this task"),
    ({**made(), "mine": nested(life.DEEP + 1)}, "mine has more than 100"),
    ({**made(), "options": {"x": nested(200)}}, "options.x has more than"),
    ({**made(), "agent": {}}, "agent is not text"), ({**made(), "attempt": "../../int-6/attempts/1-work"}, "not the name of a directory"),
])
def test_what_is_no_record(record: dict[str, Any], said: str) -> None:
    assert said in life.problem(record, "int-5")


@pytest.mark.parametrize("status, not_before, updated_at, waits", [
    ("routed", None, NOW, False), ("routed", "2026-11-20T23:00:00.000Z", NOW, False), ("routed", "2026-11-21T01:00:00.000Z", NOW, True),
    ("routed", "2031-01-01T00:00:00.000Z", NOW, True), ("routed", "2031-01-01T00:01:00.000Z", "2031-01-01T00:00:00.000Z", False),
    ("in_progress", "2026-11-21T01:00:00.000Z", NOW, True), ("in_progress", "2031-01-01T00:00:00.000Z", NOW, False),
])
def test_a_time_counts_when_it_is_to_come_and_was_set_by_a_clock_that_was_right(
    status: str, not_before: str | None, updated_at: str, waits: bool
) -> None:
    record = made(status=status, not_before=not_before, updated_at=updated_at)
    assert life.waits_until(record, "2026-11-21T00:00:00.000Z") == (not_before if waits else "")
