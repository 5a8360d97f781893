"""`orch task attach`: the terminal of an attempt that runs in tmux."""
from __future__ import annotations

import os
from typing import cast

import click

from orch import executors
from orch.errors import Usage
from orch.flow import live
from orch.host import files
from orch.host.world import World
from orch.records import Spec


@click.command(short_help="attach to the terminal of a running attempt")
@click.argument("ref", metavar="TASK")
@click.option("--project", "-p", metavar="O/R", help="The project that the id belongs to.")
@click.pass_obj
def command(world: World, ref: str, project: str | None) -> None:
    """Attach this terminal to the tmux session in which the attempt of TASK runs.

    C-b d leaves it and lets the attempt go on; C-c ends the attempt, which then counts as cancelled. An attempt that does not run in
    tmux has no terminal: `orch stream TASK` shows its output, and so it does for every other.
    """
    task, folder = live.folder(world, ref, project)
    spec = cast(Spec, files.read_json(os.path.join(folder, "spec.json")))
    if spec.get("executor") != "process" and not (os.isatty(0) and os.isatty(1)):
        raise Usage("standard input and output must be a terminal", f"`orch stream {task['id']}` shows the output anywhere")
    executors.attach(world, spec)
