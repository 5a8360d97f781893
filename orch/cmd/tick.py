"""`orch tick`: do everything that is due, once. Nothing due: nothing printed, nothing written, no process started."""
from __future__ import annotations

import click

from orch.cmd import out
from orch.errors import OrchError
from orch.flow import tick
from orch.host.world import World


def show(world: World, report: tick.Report) -> int:
    """Print what changed and tell what went wrong; returns the status of the first problem."""
    status = 0
    said: set[str] = set()
    for task in report.changed:
        out.json_line(task)
    for problem in report.problems:
        if isinstance(problem, OrchError):
            line = f"orch tick: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
            if line not in said:  # a full disk or a broken config.yml stops every task with the same words
                out.say(line)
            said.add(line)
            status = status or problem.code
        else:
            from orch.cmd import bugs

            status = bugs.tell(world, problem, "orch tick", [])
    return status


@click.command(short_help="do everything that is due, once")
@click.pass_obj
def command(world: World) -> int:
    """Do everything that is due, once, in all projects: take in what ended, verify, publish, unblock, route, start.

    For crontab. Prints each task that changed as one line of JSON, and nothing when nothing is due. Status 75: another tick runs.
    """
    return show(world, tick.tick(world))
