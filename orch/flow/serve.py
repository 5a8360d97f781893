"""`orch serve`: the plain loop around a tick. It holds a lock so that there is one, and nothing else; agents outlive it.

Between ticks it sleeps until the interval is over or somebody rings: what adds or changes a task, and `orch reap` when an attempt has
ended. A ring during a tick makes another one, so a burst of them makes two. SIGTERM and SIGINT end it between two ticks: it finishes the
running one, and leaves every agent running. It ends too when orch was installed anew: the attempts that it starts are of the new one.
"""
from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable

from orch.core.config import DEFAULTS
from orch.errors import BadConfig, OrchError, TryLater
from orch.flow import config as configs
from orch.flow import tick
from orch.host import lock, share, wake
from orch.host.world import World

LEAST = 0.005  # seconds between two ticks, whatever the interval
LONGEST = 86400.0  # seconds of one sleep, whatever the interval: macOS refuses more than three years
AGAIN = 0.05  # seconds until the next try when another tick runs: it may have looked before what rang was there
SETTLED = 5.0  # seconds without a change after which an installation is taken to be complete


def serve(world: World, report: Callable[[tick.Report], None], rounds: int = 0) -> bool:
    """Tick until SIGTERM or SIGINT, or `rounds` times. Returns whether it ended because another orch is installed where this one was.

    raises TryLater when another server runs
    """
    held = lock.take(world.home.state("serve.lock"))
    if held is None:
        raise TryLater("another `orch serve` runs here", "stop that one first, or leave it to do the work")
    world.memory["records"] = {}  # see stores/local.list_open
    bell = wake.listen(world.home)
    ended, told = os.pipe()
    os.set_blocking(told, False)  # not with pipe2, which macOS does not have
    stop, interval = False, DEFAULTS["engine"]["tick_interval"]
    own: tuple[int, ...] = ()

    def on_signal(number: int, frame: object) -> None:
        nonlocal stop
        stop = True
        os.write(told, b"!")

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        while not stop:
            if rounds <= 0 and replaced(own):
                return True
            started = time.monotonic()
            wake.drain(bell)  # what rings from now on gets a tick of its own
            try:
                report(tick.tick(world))
            except TryLater:  # a tick from cron is at it
                select.select([ended], [], [], AGAIN)
                continue
            except OrchError as error:  # say, a disk that is read-only for a while
                report(tick.Report([], [error]))
            rounds -= 1
            if rounds == 0 or stop:
                break
            warm()
            own = own or share.stamp()
            with contextlib.suppress(BadConfig):  # somebody edits it just now; the ticks say so
                interval = configs.shared(world)["engine"]["tick_interval"]
            select.select([bell, ended], [], [], min(LONGEST, max(LEAST, interval - (time.monotonic() - started))))
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for fd in (bell, ended, told, held):
            os.close(fd)
    return False


def replaced(own: tuple[int, ...]) -> bool:
    """Whether the package on disk is whole and not the one that had this stamp; no to an empty one."""
    now = share.stamp() if own else own
    return now not in ((), own) and time.time() - max(now) / 1e9 > SETTLED


def warm() -> None:
    """Import every step of a tick, and what the first attempt needs: nobody waits for that now, and an orch that is installed while
    this one runs must not mix in."""
    from orch.executors import process, tmux  # noqa: F401
    from orch.flow import inbox, intake, launch, outbox, prompt, reap, recover, route, run, sweep  # noqa: F401
    from orch.host import spawn, template

    spawn.warm()
    template.warm()
