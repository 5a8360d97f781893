"""Routing: what a task asks for, the default, the round, limits and those that failed it."""
from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import route
from orch.records import Task

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER, BEFORE = "2026-11-20T13:00:00.000Z", "2026-11-20T11:00:00.000Z"
MAP = {"model_map": {"medium": {"a": "m-a"}, "complex": {"a": "big"}}}


def choose(task: Task, agents: tuple[str, ...] = ("a", "b", "c"), mode: str = "default", turn: int = 0, **limits: str) -> Any:
    return route.choose(task, agents, {"router": {"mode": mode}, **MAP}, turn, limits, NOW)


def test_what_the_task_asks_for_wins() -> None:
    assert choose({"options": {"agent": "z", "model": "q"}, "labels": ["agent:y"]})[:2] == ("z", "q")
    assert choose({"labels": ["bug", "agent:y"]}).why == "label agent:y"
    assert choose({"labels": ["complexity:complex"]})[:3] == ("a", "big", "complex")
    assert choose({"options": {"complexity": "simple"}, "labels": ["complexity:complex"]}).complexity == "simple"
    assert choose({"labels": ["complexity:huge", "agent:"]})[:3] == ("a", "m-a", "medium")


def test_the_default_is_the_first() -> None:
    assert choose({}).agent == "a" and choose({}).why == "the default agent"
    assert choose({}, ()) is None


def test_limits_and_failures_move_on() -> None:
    assert choose({}, a=LATER).agent == "b"
    assert choose({}, a=BEFORE).agent == "a"
    assert choose({"chain": ["a"]}).agent == "b"
    every = choose({}, a="2026-11-20T15:00:00.000Z", b=LATER, c="2026-11-20T14:00:00.000Z")
    assert (every.agent, every.not_before) == ("b", LATER)
    assert choose({"chain": ["a", "b", "c"]}).agent == "a"  # all have failed it: start over rather than stop
    assert choose({"options": {"agent": "a"}}, a=LATER).not_before == LATER


@pytest.mark.parametrize("chain, agents, next", [
    ([], "abc", "a"), (["a"], "abc", "b"), (["b"], "abc", "a"), (["c"], "abc", "a"), (["a", "b"], "abc", "c"), (["z"], "abc", "a"),
    (["z", "a"], "abc", "b"), (["a"], "a", "a"), (["c", "b", "a"], "abc", "a"),
])
def test_who_takes_over(chain: list[str], agents: str, next: str) -> None:
    """The first in the order of preference that has not failed the task yet."""
    found = choose({"chain": chain}, tuple(agents))
    assert found.agent == next and ("failed it" in found.why) == (bool(set(chain) & set(agents)) and not set(agents) <= set(chain))


def test_models_by_complexity() -> None:
    assert [choose({"complexity": None}).model, choose({"options": {"complexity": "simple"}}).model] == ["m-a", None]
    assert choose({"options": {"agent": "b"}}).model is None, "not in the map: the agent's own default"
    assert choose({"labels": ["model:any/name:1"]}).model == "any/name:1"
    assert route.choose({}, ("a",), {}, 0, {}, NOW)[:3] == ("a", None, "medium"), "no map at all"  # type: ignore[index]


@given(st.integers(3, 60))
def test_the_round_is_even(count: int) -> None:
    seen = Counter(choose({}, mode="round_robin", turn=turn).agent for turn in range(count))
    assert max(seen.values()) - min(seen.values()) <= 1
