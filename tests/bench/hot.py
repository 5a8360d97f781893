"""Commands that people and scripts call all the time, in a home of three tasks; and `task add`."""
from __future__ import annotations

from collections.abc import Iterator

from tests.bench import timing
from tests.bench.bench import CLICK, Bench, click, orch
from tests.bench.stats import Row, at_most, middle, ratio, scaled


def rows(bench: Bench) -> Iterator[Row]:
    box = bench.home("3 tasks")
    reply = box.write("reply.json", '{"status": "done", "summary": "it is done", "files_changed": ["a", "b"]}')
    hot = {
        "orch --version": orch(box, "--version"),
        "orch --help": orch(box, "--help"),
        "orch cron '* * * * *'": orch(box, "cron", "* * * * *"),
        "orch cron next '30 7 * * mon'": orch(box, "cron", "next", "30 7 * * mon"),
        "orch config engine.max_parallel": orch(box, "config", "engine.max_parallel"),
        "orch sidecar get int-1 status": orch(box, "sidecar", "get", "int-1", "status"),
        "orch task get int-1": orch(box, "task", "get", "int-1"),
        "orch task list": orch(box, "task", "list"),
        "orch parse reply.json": orch(box, "parse", reply),
    }
    add = {"orch task add TITLE": orch(box, "task", "add", "one more")}
    samples = timing.interleave({CLICK: click(box), **hot, **add}, bench.rounds(40))
    yield Row("a command", CLICK, "ms", scaled(middle(samples[CLICK]), 1000), note="what the others are compared with")
    for name in hot:
        yield Row("a command", name, "x", ratio(samples[name], samples[CLICK]), at_most(1.5))
    for name in add:
        yield Row("a command", name, "x", ratio(samples[name], samples[CLICK]), at_most(2))
