"""A shepherd as a plain background process: a session of its own, no terminal, what it says itself in DIR/shepherd.log."""
from __future__ import annotations

import os

from orch import executors
from orch.errors import Unavailable
from orch.host import files, output, spawn
from orch.host.world import World
from orch.records import Spec


def start(world: World, folder: str, spec: Spec, starter: int) -> bool:
    import subprocess

    path = os.path.join(folder, "shepherd.log")
    argv = executors.command(folder)
    try:
        log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise files.failure(error, path) from None
    try:
        # never waited for here: subprocess takes an ended one out of the process table when it starts the next
        subprocess.Popen(
            argv, env=executors.environment(world), cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, pass_fds=(starter,),
        )
    except OSError as error:
        raise spawn.refusal(error, argv, "/") from None
    finally:
        os.close(log)
    return False


def attach(world: World, spec: Spec) -> None:
    raise Unavailable(
        f"{spec['project']}#{spec['task']}: its attempt has no terminal to attach to", f"`orch stream {spec['task']}` shows its output"
    )


def capture(world: World, folder: str, spec: Spec) -> str:
    return output.read(folder, "stdout", 8000).decode(errors="replace")
