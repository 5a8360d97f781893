"""shepherd one attempt (started by run)

Usage: orch attempt DIR

Brings the attempt whose directory is DIR from its spec.json to its exit.json: checkout, set-up, agent (or verify commands), the end of
every process that it started, auto-commit; then takes in the result, as `orch reap` does. `orch run` starts it, in tmux or as a
background process. An attempt that has exit.json is over: nothing is done. While it runs, a file DIR/cancel or the signal TERM ends it
as cancelled.

Exit status: 0 when the attempt has ended, however (DIR/exit.json says it); 66 no such attempt; 75 another shepherd has it.
"""
from __future__ import annotations

import contextlib
import os

from orch.errors import NotFound, Usage
from orch.host.world import World


def main(argv: list[str], world: World) -> int:
    from orch.flow import attempt

    if len(argv) != 1 or argv[0].startswith("-"):
        raise Usage("one attempt directory is needed", "write: orch attempt DIR")
    folder = os.path.abspath(os.path.join(world.cwd, argv[0]))
    if not os.path.isdir(folder):
        raise NotFound(f"{folder}: no such attempt directory", f"they lie in {world.home.attempts('OWNER/REPO', 'TASK')}")
    for fd in os.listdir("/dev/fd"):  # what `run` gave us (DIR/starter) is ours for life, and nobody else's
        if fd.isdigit() and int(fd) > 2:
            with contextlib.suppress(OSError):
                os.set_inheritable(int(fd), False)
    lived = attempt.shepherd(world, folder)
    if lived is None or world.env.get("ORCH_TEST_NO_REAP"):
        return 0
    attempt.leave(lived)
    from orch.cmd import out
    from orch.flow import reap

    out.json_line(reap.reap(world, lived.spec["project"], lived.spec["task"], reap.HANDOVER))
    return 0
