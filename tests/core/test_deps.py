"""Who waits for whom."""
from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import deps
from orch.core import task as life
from orch.records import Task


def made(id: str, **fields: Any) -> Task:
    task: Any = life.new({"title": id}, id, "o/r", "2026-11-20T23:00:00.000Z")
    return {**task, **fields}  # type: ignore[typeddict-item]


def nobody(id: str) -> Task | None:
    return None


@pytest.mark.parametrize("other, waits, broken", [
    ({"status": "new"}, ("int-2",), ()), ({"status": "needs_review"}, ("int-2",), ()), ({"status": "in_review"}, ("int-2",), ()),
    ({"status": "done", "resolution": "completed"}, (), ()), ({"status": "done", "resolution": "no_change"}, (), ()),
    ({"status": "done", "resolution": "duplicate"}, (), ()),
    ({"status": "done", "resolution": "cancelled"}, (), ("int-2, which it depends on, was cancelled",)),
    (None, (), ("int-2, which it depends on, is gone",)),
])
def test_a_dependency(other: dict[str, Any] | None, waits: tuple[str, ...], broken: tuple[str, ...]) -> None:
    found = {"int-2": made("int-2", **other)} if other else {}
    standing = deps.standing(made("int-1", depends_on=["int-2"]), lambda id: found.get(id))
    assert standing == (waits, broken)
    assert bool(standing.why()) == bool(waits or broken)


def test_children_hold_back_until_they_are_done_however_they_end() -> None:
    children = [made("int-2", parent="int-1"), made("int-3", parent="int-1", status="done", resolution="cancelled")]
    assert deps.standing(made("int-1"), nobody, children) == (("int-2",), ())
    assert deps.standing(made("int-1"), nobody, children[1:]).why() == ""
    assert deps.children(children) == {"int-1": children}


def test_a_cycle_is_named_in_its_order() -> None:
    tasks = [made("int-1", depends_on=["int-2"]), made("int-2", depends_on=["int-3"]), made("int-3", depends_on=["int-2"])]
    assert deps.cycle(deps.edges(tasks), ["int-1"]) == ["int-2", "int-3", "int-2"]
    assert deps.cycle({"a": ["a"]}, ["a"]) == ["a", "a"]


def test_a_child_that_waits_for_its_parent_is_a_cycle() -> None:
    graph = deps.edges([made("int-1"), made("int-2", parent="int-1", depends_on=["int-1"])])
    assert deps.cycle(graph, ["int-2"]) == ["int-2", "int-1", "int-2"]


def test_a_long_chain_costs_no_recursion() -> None:
    chain = {str(number): [str(number + 1)] for number in range(50_000)}
    assert deps.cycle(chain, ["0"]) == []
    assert len(deps.cycle({**chain, "50000": ["49999"]}, ["0"])) == 3


def reaches_itself(graph: dict[str, list[str]], start: str) -> bool:
    """Some node that can be reached from start can be reached from itself; by plain search."""
    def below(node: str) -> set[str]:
        seen: set[str] = set()
        rest = list(graph.get(node, ()))
        while rest:
            each = rest.pop()
            if each not in seen:
                seen.add(each)
                rest += graph.get(each, ())
        return seen

    return any(node in below(node) for node in {start} | below(start))


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefg"), max_size=3)), st.sampled_from("abcdefg"))
def test_a_cycle_is_found_when_there_is_one_and_is_one(graph: dict[str, list[str]], start: str) -> None:
    found = deps.cycle(graph, [start])
    assert bool(found) == reaches_itself(graph, start)
    if found:
        assert found[0] == found[-1]
        assert all(after in graph[before] for before, after in pairwise(found))
