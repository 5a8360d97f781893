"""hold a lock while a command runs

Usage: orch lock [--wait SECONDS] FILE -- COMMAND [ARGUMENT ...]

Takes the kernel's lock on FILE (made when it is not there, never removed) and becomes COMMAND. The lock lasts until COMMAND and
every descendant that inherited it has ended, however they end. Exit status: that of COMMAND; 75 when somebody else holds the lock
and, with --wait, SECONDS (or 5m, 2h) have passed; 69 when COMMAND cannot be run.
"""
from __future__ import annotations

import os

from orch.core import clock
from orch.errors import BadData, TryLater, Usage
from orch.host import lock
from orch.host.become import become
from orch.host.world import World

HINT = "write: orch lock [--wait SECONDS] FILE -- COMMAND [ARGUMENT ...]"


def main(args: list[str], world: World) -> int:
    wait, file, command = parse(args)
    path = os.path.join(world.cwd, file)
    if lock.take(path, inherit=True, patience=wait) is None:
        raise TryLater(f"{file}: somebody else holds it", "wait for it with --wait SECONDS; `fuser` tells who")
    become(command)


def parse(args: list[str]) -> tuple[float, str, list[str]]:
    """Returns (seconds to wait, lock file, command). raises Usage"""
    head, wait = list(args), 0.0
    if head and (head[0] == "--wait" or head[0].startswith("--wait=")):
        _, given, value = head.pop(0).partition("=")
        if not given and not head:
            raise Usage("--wait needs seconds", HINT)
        try:
            wait = float(clock.seconds(value if given else head.pop(0)))
        except BadData as error:
            raise Usage(f"--wait: {error.message}", error.hint) from None
    if not head or head[0].startswith("-"):
        raise Usage(f"no such option: {head[0]}" if head and head[0] != "--" else "no lock file is named", HINT)
    file, *command = head
    if command[:1] == ["--"]:
        del command[0]
    if not file or not command:
        raise Usage("no command is named", HINT)
    return wait, file, command
