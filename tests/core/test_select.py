"""Which tasks are meant."""
from __future__ import annotations

from typing import Any

import pytest

from orch.core import select
from orch.core import task as life
from orch.core.select import Wanted
from orch.records import Task


def made(number: int, **fields: Any) -> Task:
    task: Any = life.new({"title": f"t{number}"}, f"int-{number}", "o/r", f"2026-11-20T23:00:0{number}.000Z")
    return {**task, **fields}  # type: ignore[typeddict-item]


TASKS = [
    made(1, labels=["a", "b"], priority=5),
    made(2, status="done", agent="codex"),
    made(3, options={"agent": "kimi"}, labels=["a"], source="inbox"),
]


@pytest.mark.parametrize("wanted, ids", [
    (Wanted(), [1, 2, 3]), (Wanted(statuses=("done",)), [2]), (Wanted(statuses=("done", "new")), [1, 2, 3]),
    (Wanted(labels=("a",)), [1, 3]), (Wanted(labels=("a", "b")), [1]), (Wanted(agents=("kimi", "codex")), [2, 3]),
    (Wanted(sources=("inbox",)), [3]), (Wanted(priorities=(5,)), [1]),
    (Wanted(priorities=(0,), labels=("a",)), [3]),
])
def test_match(wanted: Wanted, ids: list[int]) -> None:
    assert [task["id"] for task in TASKS if select.match(task, wanted)] == [f"int-{number}" for number in ids]
    assert wanted.anything() == (wanted == Wanted())


@pytest.mark.parametrize("key, ids", [
    ("id", [1, 2, 3]), ("priority", [1, 2, 3]), ("status", [2, 1, 3]), ("agent", [1, 2, 3]), ("created", [3, 2, 1]), ("title", [1, 2, 3]),
])
def test_order(key: str, ids: list[int]) -> None:
    assert [task["id"] for task in select.order(TASKS, key)] == [f"int-{number}" for number in ids]


def test_ids_are_ordered_by_number() -> None:
    assert [task["id"] for task in select.order([made(1, id="int-10"), made(1, id="int-9"), made(1, id="42")])] == ["42", "int-9", "int-10"]
