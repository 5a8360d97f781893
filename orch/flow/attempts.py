"""What is known of a task's attempts, from the files in their directories."""
from __future__ import annotations

import os
from typing import Any

from orch.core import clock, names
from orch.errors import BadData, OrchError
from orch.flow import claim
from orch.host import files
from orch.host.world import World
from orch.records import Task
from orch.stores import local

_TAIL = 8192  # bytes in which the last line of an output is looked for


def runs(world: World, task: Task) -> list[dict[str, Any]]:
    """Every attempt, oldest first: attempt, kind, state, agent, model, started_at, ended_at, seconds, reason, code, result, text,
    tokens, cost, commits. What is not known is absent."""
    root = os.path.join(local.where(world, task["project"], task["id"]), "attempts")
    found = []
    for name in files.names(root):
        try:
            found.append((names.number(name), name))
        except BadData:
            continue  # not an attempt's directory
    return [run(world, os.path.join(root, name), name) for _, name in sorted(found)]


def run(world: World, folder: str, name: str) -> dict[str, Any]:
    spec, exit, reply, evidence, verify = (_read(folder, part) for part in ("spec", "exit", "reply", "evidence", "verify"))
    found = {"attempt": name, "kind": names.kind(name), "state": claim.state(folder), **_pick(spec, "agent", "model", "slot")}
    started, ended = exit.get("started_at") or began(folder), exit.get("ended_at")
    found.update(started_at=started, ended_at=ended, seconds=_seconds(started, ended or world.now_text()))
    found.update(_pick(exit, "reason", "code", "signal", "tokens", "cost"), commits=evidence.get("new_commits"))
    if verify:
        found.update(result="passed" if verify.get("passed") else "failed", text=verify.get("text"))
    else:
        found.update(result=reply.get("class") or reply.get("concluded") or exit.get("kind"), text=reply.get("text") or exit.get("text"))
    return {key: value for key, value in found.items() if value not in (None, "")}


def began(folder: str) -> str | None:
    """When the attempt's shepherd came to life, else when it was claimed."""
    return _read(folder, "proc").get("at") or _read(folder, "spec").get("created_at")


def last_line(folder: str) -> str:
    """The last line that the agent printed; empty when there is none."""
    for name in ("stdout.tail", "stdout", "stderr.tail", "stderr"):
        try:
            with open(os.path.join(folder, name), "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().decode(errors="replace").split("\n")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise files.failure(error, os.path.join(folder, name)) from None
        said = [line.strip() for line in lines if line.strip()]
        if said:
            return said[-1]
    return ""


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
