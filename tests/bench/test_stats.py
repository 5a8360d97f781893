"""The arithmetic of the bench; the bench itself is run by hand."""
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import stats, table
from tests.bench.stats import Row, about, at_most, middle

SAMPLES = st.lists(st.floats(0.001, 1000), min_size=1, max_size=30)


@given(SAMPLES)
def test_a_quantile_lies_among_the_samples(values: list[float]) -> None:
    found = middle(values)
    assert min(values) <= found.low <= found.value <= found.high <= max(values)
    assert (stats.quantile(values, 0), stats.quantile(values, 1)) == (min(values), max(values))


def test_quantile() -> None:
    assert stats.quantile([3, 1, 2], 0.5) == 2
    assert stats.quantile([1, 2, 3, 4], 0.5) == 2.5
    with pytest.raises(ValueError, match="no samples"):
        stats.quantile([], 0.5)


@given(SAMPLES, st.floats(0.1, 10))
def test_a_machine_that_changes_its_speed_changes_no_ratio(base: list[float], factor: float) -> None:
    assert stats.ratio([each * factor for each in base], base).value == pytest.approx(factor)


def test_beyond() -> None:
    assert stats.beyond([5, 7, 9], [1, 2, 3]).value == 5


@given(st.integers(1, 8), st.integers(0, 40))
def test_turns_are_fair(count: int, rounds: int) -> None:
    order = stats.turns(count, rounds)
    assert len(order) == rounds
    assert all(sorted(each) == list(range(count)) for each in order)
    firsts = [each[0] for each in order]
    assert not rounds or max(map(firsts.count, firsts)) - min(map(firsts.count, range(count))) <= 2


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [
        (1.5, at_most(1.5), "ok"), (1.51, at_most(1.5), "MISSED"), (0.95, about(1, 0.1), "ok"), (1.2, about(1, 0.1), "MISSED"),
        (0.8, about(1, 0.1), "MISSED"), (7, None, "-"), (None, at_most(1), "absent"),
    ],
)
def test_verdict(value: float | None, target: stats.Bounds | None, verdict: str) -> None:
    assert Row("g", "n", "x", None if value is None else middle([value]), target).verdict() == verdict


def test_table_and_record_say_the_same() -> None:
    rows = [Row("g", "one", "x", middle([1.0, 1.2, 1.4]), at_most(1.5)), Row("g", "two", "ms", None, at_most(2), "no such program")]
    shown = table.line(rows[0])
    assert "1.20 x" in shown and "1.10 .. 1.30" in shown and "<= 1.50 x" in shown and shown.endswith("ok")
    assert table.line(rows[1]).endswith("absent   no such program")
    document = json.loads(json.dumps(table.document(rows, {"python": "3"})))
    assert [each["verdict"] for each in document["rows"]] == ["ok", "absent"]
    assert document["rows"][0]["value"] == 1.2 and document["rows"][0]["target"] == [None, 1.5]
    assert table.summary(rows) == "1 met, 0 missed, 1 not measured"
