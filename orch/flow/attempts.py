"""What is known of a task's attempts, from the files in their directories."""
from __future__ import annotations

import os
from typing import Any

from orch.core import clock, names
from orch.errors import BadData, OrchError
from orch.flow import claim
from orch.host import files, output
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def runs(world: World, task: Task) -> list[dict[str, Any]]:
    """Every attempt, oldest first: attempt, kind, state, agent, model, started_at, ended_at, seconds, reason, code, result, text,
    tokens, cost, commits. What is not known is absent."""
    return [run(world, folder, os.path.basename(folder)) for folder in folders(world, task).values()]


def folders(world: World, task: Task) -> dict[int, str]:
    """The directories of the task's attempts by their numbers, oldest first."""
    root = os.path.join(local.where(world, task["project"], task["id"]), "attempts")
    found = {}
    for name in files.names(root):
        try:
            found[names.number(name)] = os.path.join(root, name)
        except BadData:
            continue  # not an attempt's directory
    return dict(sorted(found.items()))


def run(world: World, folder: str, name: str) -> dict[str, Any]:
    spec, exit, reply, evidence, verify = (_read(folder, part) for part in ("spec", "exit", "reply", "evidence", "verify"))
    found = {"attempt": name, "kind": names.kind(name), "state": claim.state(folder), **_pick(spec, "agent", "model", "slot")}
    started, ended = exit.get("started_at") or began(folder), exit.get("ended_at")
    found.update(started_at=started, ended_at=ended, seconds=_seconds(started, ended or world.now_text()))
    found.update(_pick(exit, "reason", "code", "signal", "tokens", "cost"), commits=evidence.get("new_commits"))
    if verify:
        base = f"fails on the base as well: {', '.join(verify['excused'])}" if verify.get("excused") else ""
        found.update(result="passed" if verify.get("passed") else "failed", text=verify.get("text") or base)
    else:
        found.update(result=reply.get("class") or reply.get("concluded") or exit.get("kind"), text=reply.get("text") or exit.get("text"))
    return {key: value for key, value in found.items() if value not in (None, "")}


def began(folder: str) -> str | None:
    """When the attempt's shepherd came to life, else when it was claimed."""
    return _read(folder, "proc").get("at") or _read(folder, "spec").get("created_at")


def ended(folder: str) -> str | None:
    """When it ended; None when it has not, or nobody wrote that down."""
    return _read(folder, "exit").get("ended_at")


def last_line(folder: str) -> str:
    """The last line that the agent printed; empty when there is none."""
    return output.last_line(folder, "stdout") or output.last_line(folder, "stderr")


def _read(folder: str, part: str) -> dict[str, Any]:
    """One file of an attempt; a broken one tells nothing, and whoever needs it says so."""
    try:
        return files.find_json(os.path.join(folder, f"{part}.json")) or {}
    except OrchError:
        return {}


def _pick(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: record.get(key) for key in keys}


def _seconds(begin: str | None, end: str | None) -> float | None:
    if not begin or not end:
        return None
    return max(0.0, round((clock.parse(end) - clock.parse(begin)).total_seconds(), 3))
