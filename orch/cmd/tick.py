"""do everything that is due, once

Usage: orch tick

In all projects: takes in what ended, verifies, publishes, unblocks, routes, starts. For crontab. Prints each task that changed as one
line of JSON, on a terminal as a sentence. When nothing is due nothing is printed, nothing written and no process started. Status 75:
another tick runs.
"""
from __future__ import annotations

import sys

from orch.cmd import out, words
from orch.errors import OrchError, Usage
from orch.flow import tick
from orch.host.world import World

HINT = "write: orch tick"


def show(world: World, report: tick.Report) -> int:
    """Print what changed and tell what went wrong; returns the status of the first problem."""
    status = 0
    said: set[tuple[str, str]] = set()
    if report.changed:
        from orch.cmd import each
    for task in report.changed:
        each.show(world, task)
    for problem in report.problems:
        if isinstance(problem, OrchError):
            if (problem.message, problem.hint) not in said:  # a full disk or a broken config.yml stops every task with the same words
                out.problem("orch tick", problem)
            said.add((problem.message, problem.hint))
            status = status or problem.code
        else:
            from orch.cmd import bugs

            status = bugs.tell(world, problem, "orch tick", [])
    return status


def main(args: list[str], world: World) -> int:
    if words.split(args, (), (), HINT)[1]:
        raise Usage("there are no arguments", HINT)
    report = tick.tick(world)
    if not report.changed and not report.problems and sys.stderr.isatty():
        from orch.flow import project

        if not project.slugs(world):
            out.say("orch tick: there is no project yet (`orch init` in a checkout makes one)")
    return show(world, report)
