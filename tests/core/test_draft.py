"""What may be said of a task: good words get through as they are, and every bad one is named."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import draft
from orch.core import task as life

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5,
)
KEYS = st.sampled_from([*draft.FIELDS, *draft.ONCE, "titel"]) | st.text(max_size=8)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_anything_gives_a_draft_or_problems_with_the_fields_name(raw: dict[str, Any]) -> None:
    found, problems = draft.read(raw)
    assert all(problem.startswith(tuple(f"{key}: " for key in (*raw, "title"))) for problem in problems)
    if not problems:
        task = life.new(found, "int-1", "o/r", "2026-11-20T23:00:00.000Z")
        assert life.problem(task, "int-1") == ""
        assert draft.update(task, {key: value for key, value in raw.items() if key in draft.FIELDS})[1] == []


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=600))
def test_a_title_is_kept_as_it_is_or_refused(text: str) -> None:
    found, problems = draft.read({"title": text})
    good = 0 < len(text.strip()) <= 500 and len(text.strip().splitlines()) == 1
    assert bool(problems) != good
    if good:
        assert found["title"] == text.strip()


@pytest.mark.parametrize("title", [
    "😀", "../../etc/passwd", "-rf /", "{{ 7*7 }}", "$(reboot)", "x" * 500, "\x1b[31mred", "a\tb", "日本語", "\u202eevil",
])
def test_titles_that_are_only_text(title: str) -> None:
    found, problems = draft.read({"title": title, "body": "{{ body }}" + "x" * 2_000_000})
    assert problems == [] and found["title"] == title


@pytest.mark.parametrize("raw, problem", [
    ({}, "title: is missing"),
    ({"title": " \t "}, "title: is empty"),
    ({"title": "a\nb"}, "title: must be one line"),
    ({"title": "a\u2028b"}, "title: must be one line"),
    ({"title": "x" * 10_000}, "title: has 10000 characters; at most 500 are allowed"),
    ({"title": "a\0b"}, "title: contains a NUL character"),
    ({"title": "\udcff"}, "title: is not UTF-8"),
    ({"title": 5}, "title: expected text, got a number"),
    ({"body": "\0"}, "body: contains a NUL character"),
    ({"body": ["a"]}, "body: expected text, got a list"),
    ({"labels": ["a", 5]}, "labels: expected text, got a number"),
    ({"labels": "a,\x07"}, "labels: contains a control character: '\\x07'"),
    ({"labels": {"a": 1}}, "labels: expected a list, got an object"),
    ({"priority": "high"}, "priority: expected a whole number, got 'high'"),
    ({"priority": True}, "priority: expected a whole number, got True"),
    ({"priority": 10 ** 9}, "priority: 1000000000 is too large; at most 1000000"),
    ({"complexity": "hard"}, "complexity: expected simple, medium or complex, got 'hard'"),
    ({"finish": "pr"}, "finish: expected branch or merge, got 'pr'"),
    ({"timeout": "soon"}, "timeout: not a duration: 'soon'"),
    ({"timeout": 0}, "timeout: must be more than 0"),
    ({"verify": ["make", " "]}, "verify: an empty command"),
    ({"agent": "../x"}, "agent: no agent can be called '../x'"),
    ({"model": "two words"}, "model: contains a space or a control character: 'two words'"),
    ({"ref": "int-5"}, "ref: 'int-5' looks like a task; call it otherwise"),
    ({"titel": "x"}, "titel: no such field; did you mean title?"),
])
def test_bad_words_are_named(raw: dict[str, Any], problem: str) -> None:
    assert problem in draft.read({"title": "good", **raw} if raw else {})[1]


def test_all_problems_at_once() -> None:
    assert len(draft.read({"titel": "x", "priority": "x", "timeout": "x"})[1]) == 4


def test_lists_with_commas_and_durations() -> None:
    raw = {"title": " t ", "labels": ["a,b", " a ", "agent:codex"], "priority": "-3", "depends_on": "int-1, 42", "timeout": "5m"}
    assert draft.read(raw) == ({
        "title": "t", "labels": ["a", "b", "agent:codex"], "priority": -3, "depends_on": ["int-1", "42"], "options": {"timeout": 300},
        "source": "local",
    }, [])


def test_an_update_clears_with_empty_text() -> None:
    raw = {"title": "t", "options": {"agent": "codex", "model": "m"}, "parent": "int-1", "labels": ["a"]}
    task = life.new(raw, "int-5", "o/r", "now")
    fields, problems = draft.update(task, {"agent": "", "parent": "", "labels": "", "depends_on": "", "model": "n"})
    assert problems == []
    assert fields == {"options": {"model": "n"}, "parent": None, "labels": [], "depends_on": []}
    assert draft.update(task, {"title": "", "prio": "x"})[1] == ["title: is empty", "prio: no such field; did you mean priority?"]
