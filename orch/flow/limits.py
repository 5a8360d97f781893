"""limits/<agent>.json: until when an agent must not be asked, and why. Shared by all tasks; a person may remove the file."""
from __future__ import annotations

import contextlib
from collections.abc import Iterable

from orch.core import clock
from orch.errors import BadData
from orch.host import files
from orch.host.world import World


def note(world: World, agent: str, not_before: str, why: str) -> None:
    """Keep all tasks off an agent until a time; a later time that is known already stays."""
    path = world.home.limits(agent)
    known, now = files.spare_json(path), world.now_text()
    if str(known.get("not_before") or "") < not_before or str(known.get("at") or "") > now:
        files.replace_json(path, {"v": 1, "agent": agent, "not_before": not_before, "why": why, "at": now})


def current(world: World, agents: Iterable[str]) -> dict[str, str]:
    """agent -> not_before, for those whose time has not come. What is no time, or was noted by a clock that was wrong, keeps nobody off."""
    now = world.now_text()
    found = {}
    for agent in agents:
        known = files.spare_json(world.home.limits(agent))
        moment = known.get("not_before")
        with contextlib.suppress(BadData):
            if moment and clock.text(clock.parse(moment)) > now >= str(known.get("at") or ""):
                found[agent] = moment
    return found
