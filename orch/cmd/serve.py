"""`orch serve`: tick in a loop until SIGTERM."""
from __future__ import annotations

import click

from orch.cmd import out, tick
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

    def report(found: Report) -> None:
        nonlocal status
        status = tick.show(world, found)
        out.flush()

    if serve.serve(world, report, ticks or 0):
        out.say("orch serve: another orch is installed here now; going on with that one")
        become([*share.program(), "serve"])
    return status
