"""Tokens and cost, read from an agent's output while it runs. A Meter takes bytes as they come and keeps no more than one line.

claude    `result` lines; while there is none, what each message began with (its output is not known before the end)
codex     `turn.completed` lines, whose input includes what was cached; a running total
opencode  `step_finish` lines, one for each step
lines     {"type": "usage", "tokens": 1200, "cost": 0.01} on a line of its own, as often as you like: they add up

Costs are USD as the agent says them; an agent that says none costs nothing here.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

LINE_LIMIT = 1 << 20  # bytes; a longer line is passed over


class Meter:
    def __init__(self, parser: str | None) -> None:
        self.tokens = 0
        self.cost = 0.0
        self._take = PARSERS.get(parser or "")
        self._rest = b""
        self._skipping = False
        self.begun: dict[str, int] = {}  # claude: message -> tokens that it began with
        self.reported = 0  # claude: tokens of all results

    def feed(self, data: bytes) -> None:
        if self._take is None:
            return
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if not self._skipping:
                self._line(line)
            self._skipping = False
        if len(self._rest) > LINE_LIMIT:
            self._rest, self._skipping = b"", True

    def end(self) -> None:
        """Take a last line that has no newline."""
        if self._take and self._rest and not self._skipping:
            self._line(self._rest)
        self._rest = b""

    def _line(self, line: bytes) -> None:
        if b'"usage"' not in line and b'"tokens"' not in line:
            return
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict) and self._take:
            self._take(self, value)


def _claude(meter: Meter, value: dict[str, Any]) -> None:
    if value.get("type") == "assistant":
        message = _map(value.get("message"))
        meter.begun[str(message.get("id"))] = _sum(message.get("usage"), *_CLAUDE)
    elif value.get("type") == "result":
        meter.reported += _sum(value.get("usage"), *_CLAUDE)
        meter.cost = max(meter.cost, _number(value.get("total_cost_usd")))  # it grows over the results of a session
    meter.tokens = max(meter.reported, sum(meter.begun.values()))  # results leave out what sub-agents used


_CLAUDE = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")


def _codex(meter: Meter, value: dict[str, Any]) -> None:
    if value.get("type") == "turn.completed":
        meter.tokens = max(meter.tokens, _sum(value.get("usage"), "input_tokens", "output_tokens"))


def _opencode(meter: Meter, value: dict[str, Any]) -> None:
    if value.get("type") == "step_finish":
        part = _map(value.get("part"))
        tokens = _map(part.get("tokens"))
        meter.tokens += _sum(tokens, "total") or _sum(tokens, "input", "output", "reasoning") + _sum(tokens.get("cache"), "read", "write")
        meter.cost += _number(part.get("cost"))


def _lines(meter: Meter, value: dict[str, Any]) -> None:
    if value.get("type") == "usage":
        meter.tokens += _sum(value, "tokens")
        meter.cost += _number(value.get("cost"))


PARSERS: dict[str, Callable[[Meter, dict[str, Any]], None]] = {
    "claude": _claude, "codex": _codex, "opencode": _opencode, "lines": _lines,
}


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sum(value: Any, *names: str) -> int:
    return sum(int(_number(_map(value).get(name))) for name in names)


def _number(value: Any) -> float:
    """A count or an amount; anything else, negative and infinite ones too, is 0."""
    right = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e15
    return float(value) if right else 0.0
