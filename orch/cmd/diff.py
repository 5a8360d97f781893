"""`orch diff`: what a task changed."""
from __future__ import annotations

import sys

import click

from orch.cmd import out
from orch.flow import diff, tasks
from orch.host import git, objects
from orch.host.become import become
from orch.host.world import World


@click.command(short_help="show what a task changed")
@click.argument("ref", metavar="TASK")
@click.option("--project", "-p", metavar="O/R", help="The project that the id belongs to.")
@click.option("--stat", is_flag=True, help="Only how many lines of which files.")
@click.option("--attempt", "-a", type=click.IntRange(1), metavar="N", help="What attempt N left, instead of the task's last commit.")
@click.pass_obj
def command(world: World, ref: str, project: str | None, stat: bool, attempt: int | None) -> int:
    """Show the difference between where TASK began and what it committed, from the mirror: its checkout may be gone.

    On a terminal in colour and through your pager. Commits of an attempt that still runs are not there yet.
    """
    slug, task = tasks.find(world, ref, project)
    found = diff.find(world, task, attempt)
    if found is None or objects.rev_object(git.Git.of(world.env), found.mirror, found.head + "^{tree}") == objects.rev_object(
        git.Git.of(world.env), found.mirror, found.base + "^{tree}"
    ):
        what = "no commits yet" if found is None else "its commits change nothing"
        out.say(f"{slug}#{task['id']}: {what}")
        return 0
    terminal = sys.stdout.isatty()
    argv = diff.words(found, stat=stat, terminal=terminal, plain="NO_COLOR" in world.env)
    become(argv, diff.environment(world, terminal))
