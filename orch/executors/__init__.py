"""Where a shepherd runs. An executor starts `orch attempt DIR` detached from its starter and with orch's own environment.

auto      tmux where it is installed and works, else a plain process (a line in DIR/shepherd.log says why)
tmux      a session that people can attach to
process   a plain background process

Whether an attempt lives is never asked of an executor: the kernel's lock on DIR/lock tells it. A session is only a window on it.
To end an attempt is not its business either (flow/cancel). Each module exports start(world, folder, spec, starter) -> bool,
attach(world, spec) and capture(world, folder, spec).
"""
from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from orch.errors import OrchError
from orch.host import files, proc, share
from orch.host.world import World
from orch.records import Spec

BY_NAME = {"process": "orch.executors.process", "tmux": "orch.executors.tmux"}
# ours, or a terminal's, or what an agent that calls orch would hand on: a shepherd belongs to none of them
DROPPED = (
    *("TMUX", "TMUX_PANE", "ORCH_AGENT", "ORCH_MODEL", "ORCH_TASK", "ORCH_RESULT", "ORCH_SLOT", "ORCH_ATTEMPT", "ORCH_TRY"),
    *("CLAUDECODE", "OLDPWD", "PWD"),
)


def choose(world: World, config: Mapping[str, Any]) -> str:
    """What engine.executor asks for: `auto` (settled at the start, see `start`), `tmux` or `process`."""
    wanted = str(config["engine"]["executor"])
    return "process" if wanted == "auto" and not proc.which("tmux", world.env.get("PATH", "")) else wanted


def start(world: World, folder: str, spec: Spec, starter: int) -> bool:
    """Start the shepherd of an attempt directory.

    starter  descriptor that holds DIR/starter; a child inherits it
    returns  True when the shepherd cannot have it (another program starts it), so that the caller must keep it until DIR/lock is held
    """
    wanted = spec.get("executor") or "process"
    if wanted != "auto":
        return bool(module(wanted).start(world, folder, spec, starter))
    try:
        return bool(module("tmux").start(world, folder, spec, starter))
    except OrchError as error:
        # should the session have come to life all the same, the lock lets only one shepherd go on
        files.append(os.path.join(folder, "shepherd.log"), f"{error.message}; running as a plain process instead")
        return bool(module("process").start(world, folder, spec, starter))


def attach(world: World, spec: Spec) -> None:
    """Become a terminal on the running attempt. raises Unavailable when it has none"""
    _holder(world, spec).attach(world, spec)


def capture(world: World, folder: str, spec: Spec) -> str:
    """What a person would see of it now."""
    return str(_holder(world, spec).capture(world, folder, spec))


def environment(world: World) -> dict[str, str]:
    """orch's own environment, for the shepherd and for the reap that follows it."""
    return {name: value for name, value in world.env.items() if name not in DROPPED} | {
        "ORCH_HOME": world.home.root,
        "ORCH_WORKTREES": world.home.worktrees,
    }


def command(folder: str) -> list[str]:
    return [*share.program(), "attempt", folder]


def module(name: str) -> ModuleType:
    return importlib.import_module(BY_NAME[name])


def _holder(world: World, spec: Spec) -> ModuleType:
    """The executor that has it: tmux when there is such a session."""
    from orch.host import tmux

    there = spec.get("executor") != "process" and tmux.session_alive(world, spec["session"]) == "yes"
    return module("tmux" if there else "process")
