"""Attempts whose shepherd is gone or stuck: end what is left of them and write the exit record that they could not write.

A lost attempt is one that nobody holds and that has no exit record. Its agent's processes may still run: they are found by the token
in their environment or by the checkout that they work in, ended, and only when none is left the record says `lost`. An attempt far
beyond its limits has a shepherd that does not work (stopped, or a machine that slept): it is killed, and is then lost.
"""
from __future__ import annotations

import os
import signal
from typing import Any, cast

from orch.flow import claim, due
from orch.host import files, kin, lock, tree
from orch.host.world import World
from orch.records import Exit

GRACE = 2.0  # seconds between TERM and KILL for orphans


def lost(world: World, folder: str) -> bool:
    """Bury a lost attempt; False when somebody holds it after all, or when its processes could not be ended."""
    fd = lock.take(os.path.join(folder, "lock"))
    if fd is None:
        return False
    try:
        if os.path.exists(os.path.join(folder, "exit.json")):
            return True
        spec = files.spare_json(os.path.join(folder, "spec.json"))
        token = str(spec.get("token") or "")
        proc = files.spare_json(os.path.join(folder, "proc.json"))
        since = str(proc.get("start") or "") if proc.get("boot") == kin.boot() else ""
        if token and not tree.end_tree(token, (), GRACE, place=str(spec.get("checkout") or ""), since=since):
            return False
        text = "its shepherd was killed or the machine went down" if proc else "its shepherd never came to life"
        record: Exit = {"v": 1, "reason": "lost", "code": None, "signal": None, "text": text, "kind": "lost",
                        "started_at": str(proc.get("at") or world.now_text()), "ended_at": world.now_text()}
        files.replace_json(os.path.join(folder, "exit.json"), cast(dict[str, Any], record))
        return True
    finally:
        os.close(fd)


def overdue(folder: str) -> bool:
    """Kill the shepherd of a running attempt that is far beyond its limits; its pid is believed only with start time and boot id."""
    proc = files.spare_json(os.path.join(folder, "proc.json"))
    if not due.overdue(folder) or kin.alive(proc["pid"], proc["start"], proc["boot"]) != "yes":
        return False
    os.kill(proc["pid"], signal.SIGKILL)
    return True


def slots(world: World) -> list[str]:
    """Bury the lost attempts that slots name, whatever became of their tasks; returns their directories."""
    return [folder for folder in claim.taken(world) if claim.state(folder) == "lost" and lost(world, folder)]
