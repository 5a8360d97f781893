from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core.money import LINE_LIMIT, PARSERS, Meter


def spent(parser: str | None, *values: Any) -> tuple[int, float]:
    meter = Meter(parser)
    for value in values:
        meter.feed((value if isinstance(value, str) else json.dumps(value)).encode() + b"\n")
    return meter.tokens, round(meter.cost, 6)


def message(name: str, tokens: int) -> dict[str, Any]:
    usage = {"input_tokens": tokens, "cache_read_input_tokens": 5, "output_tokens": 1}
    return {"type": "assistant", "message": {"id": name, "usage": usage}}


def result(tokens: int, cost: float) -> dict[str, Any]:
    usage = {"input_tokens": tokens, "cache_creation_input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3}
    return {"type": "result", "subtype": "success", "total_cost_usd": cost, "usage": {**usage, "cache_creation": {"ephemeral": 7}}}


def test_claude_before_and_after_its_result() -> None:
    assert spent("claude", message("a", 100), message("a", 100), message("b", 50)) == (162, 0)
    assert spent("claude", message("a", 100), result(194, 0.5)) == (200, 0.5)
    assert spent("claude", result(94, 0.5), result(44, 0.7)) == (150, 0.7)  # the cost is the session's, the tokens are not
    assert spent("claude", message("a", 100), message("sub-agent", 100), result(94, 0.1)) == (212, 0.1)


def test_codex_tells_a_running_total() -> None:
    usage = {"input_tokens": 2700, "cached_input_tokens": 1500, "output_tokens": 120, "reasoning_output_tokens": 9}
    turn = {"type": "turn.completed", "usage": usage}
    assert spent("codex", {"type": "turn.started"}, turn, turn) == (2820, 0)


def test_opencode_tells_each_step() -> None:
    step = {"type": "step_finish", "part": {"tokens": {"total": 1280, "input": 900}, "cost": 0.004}}
    tokens = {"input": 9, "output": 8, "reasoning": 1, "cache": {"write": 1, "read": 3}}
    bare = {"type": "step_finish", "part": {"tokens": tokens, "cost": 0}}
    assert spent("opencode", step, step, bare) == (2582, 0.008)


def test_plain_lines_add_up() -> None:
    one = {"type": "usage", "tokens": 10, "cost": 0.1}
    assert spent("lines", "hello", one, {"type": "usage", "tokens": 5}, {"type": "other", "tokens": 100}) == (15, 0.1)


def test_no_parser_reads_nothing() -> None:
    assert spent(None, {"type": "usage", "tokens": 10}) == (0, 0)


@pytest.mark.parametrize("parser", sorted(PARSERS))
@pytest.mark.parametrize(
    "value",
    [
        '{"usage": ', '["usage"]', '{"type": "result", "usage": null, "tokens": 1}', '{"type": "assistant", "message": 3, "usage": 1}',
        '{"type": "turn.completed", "usage": {"input_tokens": "many"}}',
        '{"type": "step_finish", "part": {"tokens": {"total": -5}, "cost": 1e400}}',
        '{"type": "usage", "tokens": true, "cost": "NaN"}', '{"usage": ' + "[" * 100_000,
    ],
)
def test_nonsense_counts_for_nothing(parser: str, value: str) -> None:
    assert spent(parser, value) == (0, 0)


@given(st.data())
def test_pieces_of_any_size_are_the_same(data: st.DataObject) -> None:
    values = [{"type": "usage", "tokens": n, "cost": 0.5, "say": "ü"} for n in range(5)]
    lines = b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=8)))
    meter = Meter("lines")
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        meter.feed(lines[start:end])
    assert (meter.tokens, meter.cost) == (10, 2.5)


def test_a_line_that_is_too_long_is_passed_over_and_the_next_one_counts() -> None:
    meter = Meter("lines")
    meter.feed(b'{"type": "usage", "tokens": 1, "x": "')
    for _ in range(5):
        meter.feed(b"y" * (LINE_LIMIT // 2))
    meter.feed(b'"}\n{"type": "usage", "tokens": 2}\n{"type": "usage", "tokens": 4}')
    assert meter.tokens == 2
    meter.end()
    assert meter.tokens == 6
