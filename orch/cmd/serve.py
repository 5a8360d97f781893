"""`orch serve`: tick in a loop until SIGTERM."""
from __future__ import annotations

import os
import sys

import click

from orch.cmd import out, tick
from orch.errors import IOFailed
from orch.flow import serve
from orch.flow.tick import Report
from orch.host import share
from orch.host.become import become
from orch.host.world import World


@click.command(short_help="tick in a loop")
@click.option("--ticks", "-n", type=click.IntRange(1), default=None, metavar="N", help="End after N ticks.")
@click.pass_obj
def command(world: World, ticks: int | None) -> int:
    """Tick every engine.tick_interval seconds, and at once when a task is added or an attempt ends.

    SIGTERM or Ctrl-C ends it after the running tick; agents go on, and the next tick takes in their results. When orch is installed
    anew, it goes on with the new one.
    """
    status = 0

    told = False

    def report(found: Report) -> None:
        """A log on a full disk does not stop the work; a reader that went away is main's business."""
        nonlocal status, told
        try:
            status = tick.show(world, found)
            out.flush()
        except BrokenPipeError:
            raise
        except (IOFailed, OSError) as error:
            status = IOFailed.code
            drop()
            if not told:
                out.say(f"orch serve: what happens is not shown: {getattr(error, 'strerror', None) or error}")
            told = True

    if serve.serve(world, report, ticks or 0):
        out.say("orch serve: another orch is installed here now; going on with that one")
        become([*share.program(), "serve"])
    return status


def drop() -> None:
    """Forget what waits to be printed, so that the next line can be, once there is room."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        sys.stdout.flush()
        os.dup2(kept, 1)
    finally:
        os.close(kept)
        os.close(nowhere)
