"""limits/<agent>.json: until when an agent must not be asked, and why. Shared by all tasks; a person may remove the file."""
from __future__ import annotations

from collections.abc import Iterable

from orch.core import clock
from orch.host import files
from orch.host.world import World


def note(world: World, agent: str, not_before: str, why: str) -> None:
    """Keep all tasks off an agent until a time; a later time that is known already stays."""
    path = world.home.limits(agent)
    known = files.find_json(path) or {}
    if str(known.get("not_before") or "") < not_before:
        files.replace_json(path, {"v": 1, "agent": agent, "not_before": not_before, "why": why, "at": world.now_text()})


def current(world: World, agents: Iterable[str]) -> dict[str, str]:
    """agent -> not_before, for those whose time has not come."""
    now = world.now_text()
    found = {}
    for agent in agents:
        limit = files.find_json(world.home.limits(agent)) or {}
        moment = limit.get("not_before")
        if moment and clock.text(clock.parse(moment)) > now:
            found[agent] = moment
    return found
