"""Fields of a record by dotted path."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import sidecar
from orch.core import task as life
from orch.errors import BadData, NotAllowed, NotFound

TASK = life.new({"title": "t", "options": {"agent": "codex"}, "labels": ["a", "b"]}, "int-5", "o/r", "now")


@pytest.mark.parametrize("path, value", [
    ("title", "t"), ("options.agent", "codex"), ("labels.1", "b"), ("labels.-1", "b"), ("priority", 0), ("chain", []),
])
def test_get(path: str, value: Any) -> None:
    assert sidecar.get(TASK, path) == value


@pytest.mark.parametrize("path", ["nothing", "options.model", "labels.2", "labels.x", "title.x", "agent", "", "..", "options.agent.x"])
def test_get_of_what_is_not_there(path: str) -> None:
    with pytest.raises(NotFound, match="o/r#int-5 has no"):
        sidecar.get(TASK, path)


@pytest.mark.parametrize("written, value", [
    ("5", 5), ("true", True), ("null", None), ('{"a": 1}', {"a": 1}), ("five", "five"), ('"5"', "5"), ("[", "["), ("", ""),
])
def test_values_are_json_or_text(written: str, value: Any) -> None:
    assert sidecar.value(written) == value


def test_a_value_without_measure_is_refused() -> None:
    with pytest.raises(BadData, match="more than 100"):
        sidecar.value("[" * 50_000 + "]" * 50_000)
    with pytest.raises(BadData, match="more than 100"):
        sidecar.put(TASK, {"x": sidecar.value("[" * 101 + "]" * 101)})
    assert sidecar.put(TASK, {"x": sidecar.value("[" * 100 + "]" * 100)})


def test_put_makes_the_way_and_leaves_the_record_alone() -> None:
    fields = sidecar.put(TASK, {"notes.review.by": "ada", "notes.review.ok": True, "options.model": "m", "priority": 5, "parent": None})
    review = {"by": "ada", "ok": True}
    assert fields == {"notes": {"review": review}, "options": {"agent": "codex", "model": "m"}, "priority": 5, "parent": None}
    assert TASK["options"] == {"agent": "codex"}
    assert sidecar.put(TASK, {"options.agent": None}) == {"options": {}}


@pytest.mark.parametrize("path", [*sidecar.PROTECTED, "status.x"])
def test_what_only_commands_change(path: str) -> None:
    with pytest.raises(NotAllowed):
        sidecar.put(TASK, {path: "x"})


@pytest.mark.parametrize("path, value", [
    ("title", ""), ("title", 5), ("labels", {"a": 1}), ("priority", "high"), ("options", 5), ("options.timeout", "soon"),
    ("attempts", -1), ("failures", {}), ("agent", 5), ("resolution", "cancelled"),
    ("title.x", 1), ("a..b", 1), (".", 1), ("labels.0", "x"), ("branch", []), ("not_before", "soon"), ("not_before", 5),
    ("attempt", "../../int-6/attempts/1-work"), ("failures", [1]), ("learnings", [1]), ("chain", [{}]), ("branch", "../../../evil"),
    ("agent", "../evil"), ("model", "two words"), ("complexity", "odd"),
    ("x", "\ud800"), ("x", {"\udcff": 1}), ("\udcff", 1), ("options.x", "\ud800"), ("x", float("nan")), ("x.y", [float("inf")]),
    (".".join("x" * 101), 1), ("options." + ".".join("x" * 101), 1), ("labels", ["\ud800"]),
])
def test_values_that_would_break_a_reader(path: str, value: Any) -> None:
    with pytest.raises(BadData):
        sidecar.put(TASK, {path: value})


def test_a_time_is_brought_into_its_one_form() -> None:
    assert sidecar.put(TASK, {"not_before": "2026-11-21T12:00:00+01:00"}) == {"not_before": "2026-11-21T11:00:00.000Z"}
    assert sidecar.put(TASK, {"not_before": None}) == {"not_before": None}


@given(st.dictionaries(st.text(alphabet="ab.", max_size=6), st.integers() | st.none() | st.text() | st.lists(st.integers()), max_size=4))
def test_what_was_put_is_got(wanted: dict[str, Any]) -> None:
    try:
        fields = sidecar.put(TASK, wanted)
    except BadData:
        return
    after: Any = {**TASK, **fields}
    for path, value in wanted.items():
        below = [other for other in wanted if other != path and (other.startswith(path + ".") or path.startswith(other + "."))]
        if value is not None and not below:
            assert sidecar.get(after, path) == value
