"""A shepherd in a tmux session of its own, so that a person can watch it and attach to it."""
from __future__ import annotations

from orch import executors
from orch.host import tmux
from orch.host.world import World
from orch.records import Spec


def start(world: World, folder: str, spec: Spec, starter: int) -> bool:
    tmux.new(world, spec["session"], executors.command(folder), executors.environment(world))
    return True  # tmux's server starts it, and that has none of our descriptors


def attach(world: World, spec: Spec) -> None:
    tmux.attach(world, spec["session"])


def capture(world: World, folder: str, spec: Spec) -> str:
    return tmux.capture(world, spec["session"])
