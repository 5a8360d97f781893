"""A tick in which nothing is due: as a process, and one of many in `orch serve`."""
from __future__ import annotations

from collections.abc import Iterator

from orch.flow.serve import LEAST
from tests.bench import timing
from tests.bench.bench import ARCHIVED, CLICK, OPEN, Bench, click, orch
from tests.bench.stats import Found, Row, about, at_most, beyond, ratio, scaled
from tests.sandbox import ORCH, Sandbox

TICKS = 500


def rows(bench: Bench) -> Iterator[Row]:
    boxes = {name: bench.home(name) for name in ("nothing", "open", "archive", "open + archive")}
    names = {
        "nothing": "orch tick: nothing open", "open": f"orch tick: {OPEN} open", "archive": f"orch tick: {ARCHIVED} archived",
        "open + archive": f"orch tick: {OPEN} open, {ARCHIVED} archived",
    }
    ways = {name: orch(box, "tick") for name, box in boxes.items()}
    samples = timing.interleave({CLICK: click(boxes["open"]), **ways}, bench.rounds(40))
    for name in names:
        yield Row("a quiet tick", names[name], "x", ratio(samples[name], samples[CLICK]), at_most(2))
    for with_, without in (("archive", "nothing"), ("open + archive", "open")):
        yield Row("a quiet tick", f"{names[with_]}, to none archived", "x", ratio(samples[with_], samples[without]), about(1, 0.1))
    found = in_serve(bench, boxes["open + archive"])
    yield Row("a quiet tick", f"in orch serve: {OPEN} open, {ARCHIVED} archived", "ms", scaled(found, 1000), at_most(2))


def in_serve(bench: Bench, box: Sandbox, ticks: int = TICKS) -> Found:
    """Seconds per tick: a server of many ticks less a server of one, by how many more it has done, without the least pause between two."""
    env = {**box.env, "ORCH_ENGINE_TICK_INTERVAL": "0"}
    few, many = (timing.process([ORCH, "serve", "--ticks", str(count)], env) for count in (1, 1 + ticks))
    samples = timing.interleave({"few": few, "many": many}, bench.rounds(12))
    each = scaled(beyond(samples["many"], samples["few"]), 1 / ticks)
    return each._replace(value=each.value - LEAST, low=each.low - LEAST, high=each.high - LEAST)
