"""core/sweep: which checkouts may go."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orch.core import clock, names, sweep
from orch.core.sweep import Found

NOW = datetime(2026, 1, 20, tzinfo=UTC)


def found(name: str, size: int = 1, days: float | None = 1, busy: bool = False) -> Found:
    return Found(name, "int-1", size, None if days is None else clock.text(NOW - timedelta(days=days)), busy)


def chosen(them: list[Found], days: float = 14, most: int = 0) -> list[str]:
    return [each.place for each, _ in sweep.choose(them, NOW, days, most)]


def test_age_counts_from_the_end_of_the_task() -> None:
    assert chosen([found("old", days=15), found("new", days=13), found("open", days=None), found("busy", days=99, busy=True)]) == ["old"]
    assert chosen([found("old", days=9999)], days=0) == []


def test_room_is_made_oldest_first_until_there_is_enough() -> None:
    them = [found("c", 10, 1), found("a", 10, 3), found("b", 10, 2), found("open", 100, None)]
    assert chosen(them, most=130) == []
    assert chosen(them, most=129) == ["a"]
    assert chosen(them, most=110) == ["a", "b"]
    assert chosen(them, most=1) == ["a", "b", "c"]


@given(st.integers(1, 10**17), st.booleans(), st.text(max_size=30))
def test_the_task_is_found_in_the_name_of_its_branch(number: int, local: bool, title: str) -> None:
    task = f"int-{number}" if local else str(number)
    branch = names.branch(task, title)
    moved = [f".{branch}.2.gone", f".{branch}.verify-3.12-34.new", f".{branch}.12-34.new"]
    for name in (branch, f"{branch}.verify-3", f"{branch}.bad-2026", *moved):
        assert sweep.task_of(name) == task
    assert sweep.original(f".{branch}.2.gone") == branch
    assert (sweep.throw_away(f"{branch}.verify-3"), sweep.throw_away(branch)) == (3, None)


def test_other_names_are_nobodys() -> None:
    for name in ("main", "task-5-x", "task-int-0-x", "task-int-5x", "gh-task-x", "my-task-int-5", ".git", "..", "gh-task-05"):
        assert sweep.task_of(name) is None
