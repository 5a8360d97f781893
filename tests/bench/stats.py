"""Samples to a number with a verdict. Pure.

A machine that does other work as well is slow for a while and then quick again, for everybody. So two ways of doing something are run
in turns, and what is compared is the two times of one turn: the result is the median of these ratios, with their quartiles.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Bounds(NamedTuple):
    """What a value must lie between to meet its target; None: no bound on that side."""

    low: float | None
    high: float | None

    def text(self, unit: str) -> str:
        if self.low is not None and self.high is not None:
            return f"{shown(self.low)} .. {shown(self.high)} {unit}"
        return f"<= {shown(self.high)} {unit}" if self.high is not None else f">= {shown(self.low or 0)} {unit}"


class Found(NamedTuple):
    """A median with its quartiles, and how many samples it is made of."""

    value: float
    low: float
    high: float
    runs: int


class Row(NamedTuple):
    group: str
    name: str
    unit: str  # x (a ratio), ms, s, MB
    found: Found | None  # None: it was not measured, and `note` says why
    target: Bounds | None = None
    note: str = ""

    def verdict(self) -> str:
        """`ok`, `MISSED`, `absent`, or `-` where there is nothing to meet."""
        if self.found is None:
            return "absent"
        return "-" if self.target is None else "ok" if within(self.found.value, self.target) else "MISSED"


def at_most(limit: float) -> Bounds:
    return Bounds(None, limit)


def about(value: float, part: float) -> Bounds:
    """value, give or take a part of it: about(1, 0.1) is 0.9 .. 1.1"""
    return Bounds(value * (1 - part), value * (1 + part))


def within(value: float, bounds: Bounds) -> bool:
    return (bounds.low is None or value >= bounds.low) and (bounds.high is None or value <= bounds.high)


def quantile(values: Sequence[float], part: float) -> float:
    """part 0.5 is the median; between two samples it is interpolated. raises ValueError for no samples"""
    if not values:
        raise ValueError("no samples")
    ordered = sorted(values)
    at = part * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def middle(values: Sequence[float]) -> Found:
    return Found(quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75), len(values))


def ratio(values: Sequence[float], base: Sequence[float]) -> Found:
    """The ratios of samples that were taken in the same turns."""
    return middle([value / other for value, other in zip(values, base, strict=True)])


def beyond(values: Sequence[float], base: Sequence[float]) -> Found:
    """The differences of samples that were taken in the same turns."""
    return middle([value - other for value, other in zip(values, base, strict=True)])


def scaled(found: Found, by: float) -> Found:
    return Found(found.value * by, found.low * by, found.high * by, found.runs)


def turns(count: int, rounds: int) -> list[list[int]]:
    """In which order `count` ways are run in each round: every one comes first, and follows every other, equally often."""
    order = list(range(count))
    return [(order[at % count:] + order[: at % count])[:: -1 if at // count % 2 else 1] for at in range(rounds)] if count else []


def shown(value: float) -> str:
    """Three digits that matter: 0.84, 1.27, 15.3, 214."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
