"""Who is merged after whom."""
from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orch.core import task as life
from orch.core import turn
from orch.records import Task

NOW = "2026-11-20T23:00:00.000Z"


def made(number: int, **fields: Any) -> Task:
    task: Any = life.new({"title": "x"}, f"int-{number}", "o/r", NOW)
    return {**task, "status": "in_progress", "queued_at": NOW, "candidate": "c", "attempt": "1-work", "settled": "1-work", **fields}  # type: ignore[typeddict-item]


def ids(*tasks: Task, able: frozenset[str] | None = None) -> list[str]:
    return [each["id"] for each in turn.line(tasks, lambda each: able is None or each["id"] in able)]


def test_the_most_urgent_then_the_oldest_comes_first() -> None:
    assert ids(made(10), made(9), made(11, priority=1), made(2)) == ["int-11", "int-2", "int-9", "int-10"]
    assert turn.why(made(2)) == "waits until int-2 is merged"


def test_whoever_has_begun_is_not_overtaken() -> None:
    checked, aimed = made(8, attempt="2-verify", onto="o"), made(9, onto="o", priority=5)
    assert ids(made(1, priority=9), aimed, checked) == ["int-8", "int-9", "int-1"]


def test_who_does_not_go_on_holds_up_nobody() -> None:
    others = (made(1, status="needs_review"), made(2, candidate=None), made(3, queued_at=None), made(4, status="done"), made(5))
    assert ids(*others, made(6), able=frozenset({"int-6"})) == ["int-6"]


@given(st.permutations(range(1, 7)), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_everybody_who_looks_sees_the_same_line(order: list[int], priorities: list[int]) -> None:
    tasks = [made(number, priority=priorities[number - 1]) for number in range(1, 7)]
    assert ids(*(tasks[number - 1] for number in order)) == ids(*tasks)
