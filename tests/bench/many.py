"""Ten thousand open tasks. The limits are in seconds, so the same is also said as a ratio, which holds on any machine."""
from __future__ import annotations

from collections.abc import Iterator

from tests.bench import timing
from tests.bench.bench import CLICK, MANY, Bench, click, orch
from tests.bench.quiet import in_serve
from tests.bench.stats import Row, at_most, middle, ratio, scaled


def rows(bench: Bench) -> Iterator[Row]:
    box = bench.home("many")
    ways = {"orch task list": (orch(box, "task", "list"), 0.5), "orch tick": (orch(box, "tick"), 1.0)}
    samples = timing.interleave({CLICK: click(box), **{name: way for name, (way, _) in ways.items()}}, bench.rounds(15))
    group = f"{MANY} open tasks"
    for name, (_, limit) in ways.items():
        yield Row(group, name, "s", middle(samples[name]), at_most(limit))
        yield Row(group, f"{name}, to import click", "x", ratio(samples[name], samples[CLICK]))
    yield Row(group, "a tick in orch serve", "ms", scaled(in_serve(bench, box, ticks=20), 1000))
