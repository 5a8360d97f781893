"""Expressions as crontab(5) reads them, and what is said of those that it does not know."""
from __future__ import annotations

from datetime import datetime

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from orch.core import cron_fields
from orch.core.cron_fields import FIELDS, holds, parse, plain
from orch.errors import BadData

EVERY = ([*range(60)], [*range(24)], [*range(1, 32)], [*range(1, 13)], [*range(7)])


@pytest.mark.parametrize(
    ("expr", "field", "values"),
    [
        ("* * * * *", 0, EVERY[0]),
        ("5 * * * *", 0, [5]),
        ("1,2,40 * * * *", 0, [1, 2, 40]),
        ("*/20 * * * *", 0, [0, 20, 40]),
        ("10-12 * * * *", 0, [10, 11, 12]),
        ("10-20/5 * * * *", 0, [10, 15, 20]),
        ("50/5 * * * *", 0, [50, 55]),
        ("7-7 * * * *", 0, [7]),
        ("007 * * * *", 0, [7]),
        ("0 */8,22 * * *", 1, [0, 8, 16, 22]),
        ("0 0 1 JAN-mar,Dec *", 3, [1, 2, 3, 12]),
        ("0 0 * * 7", 4, [0]),
        ("0 0 * * 0", 4, [0]),
        ("0 0 * * 5-7", 4, [0, 5, 6]),
        ("0 0 * * fri-sun", 4, [0, 5, 6]),
        ("0 0 * * Sun-Tue", 4, [0, 1, 2]),
        ("0 0 * * mon,wed", 4, [1, 3]),
        ("0 0 * * */2", 4, [0, 2, 4, 6]),
        ("\t 0  0 1 1   * \n", 2, [1]),
        ("@hourly", 1, EVERY[1]),
        ("@daily", 1, [0]),
        ("@midnight", 0, [0]),
        ("@weekly", 4, [0]),
        ("@monthly", 2, [1]),
        ("@Yearly", 3, [1]),
        ("@annually", 2, [1]),
    ],
)
def test_values(expr: str, field: int, values: list[int]) -> None:
    assert sorted(parse(expr).sets[field]) == values


@pytest.mark.parametrize(
    ("expr", "says"),
    [
        ("", "expected 5 fields, got 0"),
        ("x", "expected 5 fields, got 1"),
        ("* * * *", "expected 5 fields, got 4"),
        ("* * * * * *", "expected 5 fields, got 6"),
        ("60 * * * *", "minute: 60 is not between 0 and 59"),
        ("* 24 * * *", "hour: 24 is not between 0 and 23"),
        ("* * 0 * *", "day of month: 0 is not between 1 and 31"),
        ("* * * 13 *", "month: 13 is not between 1 and 12"),
        ("* * * * 8", "day of week: 8 is not between 0 and 7"),
        ("a * * * *", "minute: 'a' is not a number"),
        ("* * * * funday", "day of week: 'funday' is not a number or a name"),
        ("mon * * * *", "minute: 'mon' is not a number"),
        ("*/0 * * * *", "minute: in '*/0' the step is not a number above 0"),
        ("*/ * * * *", "minute: in '*/' the step"),
        ("*/-5 * * * *", "minute: in '*/-5' the step"),
        ("5/x * * * *", "minute: in '5/x' the step"),
        ("40-10 * * * *", "minute: '40-10' runs backwards"),
        ("* * * * fri-mon", "day of week: 'fri-mon' runs backwards"),
        ("1,,2 * * * *", "minute: '' is not a number"),
        ("-5 * * * *", "minute: '-5' is not a number"),
        ("1.5 * * * *", "minute: '1.5' is not a number"),
        ("٣ * * * *", "minute: '٣' is not a number"),
        ("** * * * *", "minute: '**' is not a number"),
        ("* * L * *", "day of month: 'l' is not a number"),
        ("* * * * 1#2", "day of week: '1#2'"),
        ("r * * * *", "minute: 'r'"),
        ("* * ? * *", "day of month: '?'"),
        ("@reboot", "the names are @hourly"),
        ("@every 5m", "the names are @hourly"),
        ("9" * 5000 + " * * * *", "minute: '9999"),
    ],
)
def test_what_is_no_expression(expr: str, says: str) -> None:
    with pytest.raises(BadData) as caught:
        parse(expr)
    assert caught.value.message.startswith("not a cron expression: ")
    assert says in caught.value.message
    assert "\n" not in caught.value.message and len(caught.value.message) < 300
    assert "30 7 * * mon-fri" in caught.value.hint


@given(st.text(max_size=60) | st.lists(st.sampled_from("*/-,019 monjanL#?R@"), max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        spec = parse(text)
    except BadData:
        return
    for values, field in zip(spec.sets, FIELDS, strict=True):
        assert values and min(values) >= field.low and max(values) <= field.high
    assert croniter.is_valid(plain(spec))


@pytest.mark.parametrize(
    ("expr", "day", "yes"),
    [
        ("0 0 13 * fri", datetime(2026, 11, 13), True),  # a Friday, the 13th
        ("0 0 13 * fri", datetime(2026, 11, 20), True),  # a Friday
        ("0 0 13 * fri", datetime(2026, 12, 13), True),  # the 13th
        ("0 0 13 * fri", datetime(2026, 12, 14), False),
        ("0 0 */2 * fri", datetime(2026, 11, 13), True),  # a field that begins with * restricts as well: both must match
        ("0 0 */2 * fri", datetime(2026, 11, 20), False),
        ("0 0 13 * *", datetime(2026, 11, 13), True),
        ("0 0 13 * *", datetime(2026, 11, 14), False),
        ("0 0 * * fri", datetime(2026, 11, 20), True),
        ("0 0 * * fri", datetime(2026, 11, 21), False),
        ("0 0 1-31 * fri", datetime(2026, 11, 21), True),
        ("0 0 29 2 *", datetime(2028, 2, 29), True),
    ],
)
def test_either_day_is_enough_when_both_are_given(expr: str, day: datetime, yes: bool) -> None:
    assert holds(parse(expr), day) is yes


def fields() -> st.SearchStrategy[str]:
    def part(low: int, high: int) -> st.SearchStrategy[str]:
        number = st.integers(low, high)
        step = st.integers(1, 40)
        span = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
        return st.one_of(
            st.just("*"), number.map(str), span,
            step.map(lambda n: f"*/{n}"), st.tuples(number, step).map(lambda p: f"{p[0]}/{p[1]}"),
            st.tuples(span, step).map(lambda p: f"{p[0]}/{p[1]}"),
        )

    each = [st.lists(part(field.low, field.high), min_size=1, max_size=3).map(",".join) for field in cron_fields.FIELDS]
    return st.tuples(*each).map(" ".join)


@given(fields(), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
def test_the_plain_form_means_the_same(expr: str, wall: datetime) -> None:
    spec = parse(expr)
    again = parse(plain(spec))
    minute = wall.replace(second=0, microsecond=0)
    if spec.either == again.either:
        assert holds(spec, minute) == holds(again, minute)
    assert croniter.match(plain(spec), minute, day_or=spec.either) == holds(spec, minute)
