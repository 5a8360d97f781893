"""`orch serve`: the plain loop around a tick. It holds a lock so that there is one, and nothing else; agents outlive it.

Between ticks it sleeps until the interval is over or somebody rings (flow/add after adding, a shepherd after reaping). SIGTERM and
SIGINT end it between two steps of a tick: it finishes the running tick, and leaves every agent running.
"""
from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable

from orch.errors import TryLater
from orch.flow import config as configs
from orch.flow import tick
from orch.host import lock, wake
from orch.host.world import World

HUSH = 0.02  # seconds after a ring, so that a burst of them makes one tick


def serve(world: World, report: Callable[[tick.Report], None], rounds: int = 0) -> None:
    """Tick until SIGTERM or SIGINT, or `rounds` times. raises TryLater when another server runs"""
    held = lock.take(world.home.state("serve.lock"))
    if held is None:
        raise TryLater("another `orch serve` runs here", "stop that one first, or leave it to do the work")
    world.memory["records"] = {}  # see stores/local.list_open
    bell = wake.listen(world.home)
    ended, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    stop = False

    def on_signal(number: int, frame: object) -> None:
        nonlocal stop
        stop = True
        os.write(told, b"!")

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        while not stop:
            started = time.monotonic()
            with contextlib.suppress(TryLater):  # a tick from cron is at it
                report(tick.tick(world))
            rounds -= 1
            if rounds == 0 or stop:
                break
            interval = configs.shared(world)["engine"]["tick_interval"]
            ready = select.select([bell, ended], [], [], max(0.0, interval - (time.monotonic() - started)))[0]
            if bell in ready and not stop:
                select.select([ended], [], [], HUSH)
                wake.drain(bell)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for fd in (bell, ended, told, held):
            os.close(fd)
