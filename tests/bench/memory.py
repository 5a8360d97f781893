"""Resident memory of the processes that stay: a shepherd while its agent runs, and the server, also after ten thousand ticks."""
from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

from orch.host import files
from tests.bench import homes
from tests.bench.bench import LINUX, OPEN, Bench, rss
from tests.bench.stats import Row, about, at_most, middle
from tests.sandbox import ORCH, Sandbox

TICKS = 10_000


def rows(bench: Bench) -> Iterator[Row]:
    group = "memory"
    if not LINUX:
        yield Row(group, "resident memory", "MB", None, at_most(40), "only /proc tells it")
        return
    box = bench.home("open")
    pids = [shepherd(box, f"int-{number}") for number in range(1, homes.RUNNING + 1)]
    yield Row(group, "a shepherd while its agent runs", "MB", middle([rss(pid) for pid in pids]), at_most(20))
    yield Row(group, "a shepherd, at most so far", "MB", middle([rss(pid, "VmHWM") for pid in pids]))
    ticks = TICKS // 10 if bench.quick else TICKS
    sizes = _sizes(box, ticks)
    early, late = sizes[len(sizes) // 10: len(sizes) // 5], sizes[-len(sizes) // 10:]
    yield Row(group, f"orch serve, {OPEN} open", "MB", middle(late), at_most(40))
    growth = middle([middle(late).value / middle(early).value])
    yield Row(group, f"orch serve after {ticks} ticks, to a tenth of them", "x", growth, about(1, 0.03))


def shepherd(box: Sandbox, id: str) -> int:
    return int(files.read_json(os.path.join(box.world().home.attempt(homes.SLUG, id, "1-work"), "proc.json"))["pid"])


def _sizes(box: Sandbox, ticks: int) -> list[float]:
    """Megabytes of a server, at equal distances of time while it ticks as fast as it can."""
    env = {**box.env, "ORCH_ENGINE_TICK_INTERVAL": "0"}
    child = subprocess.Popen([ORCH, "serve", "--ticks", str(ticks)], env=env, cwd="/", stdin=-3, stdout=-3, stderr=-3)
    sizes = []
    while child.poll() is None:
        try:
            sizes.append(rss(child.pid))
        except OSError:  # it has just ended
            continue
        time.sleep(0.02)
    if child.returncode or len(sizes) < 20:
        raise RuntimeError(f"orch serve: status {child.returncode} after {len(sizes)} looks")
    return sizes
