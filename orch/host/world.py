"""The World: what one process knows of its surroundings. Built once in `main` and handed down; there is no other global state.

`now()` is the only place that reads the clock for records, and ORCH_TEST_NOW (an ISO time) the only way to set it. Limits and
time-outs use the monotonic clock instead, so a clock that is set back harms no running attempt.
"""
from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from orch.core import clock
from orch.host.paths import Home


class World(NamedTuple):
    env: Mapping[str, str]
    cwd: str
    home: Home
    memory: dict[str, Any]  # what a long-lived process may remember between ticks (stamped caches); empty in a one-shot command

    def now(self) -> datetime:
        frozen = self.env.get("ORCH_TEST_NOW")
        return clock.parse(frozen) if frozen else datetime.now(UTC)

    def now_text(self) -> str:
        return clock.text(self.now())


def build(env: Mapping[str, str], cwd: str) -> World:
    """Find $ORCH_HOME: as set, else ~/.orch, else ~/.orchestrator when only that exists (main warns once)."""
    person = env.get("HOME") or os.path.expanduser("~")
    root = env.get("ORCH_HOME") or os.path.join(person, ".orch")
    old = os.path.join(person, ".orchestrator")
    if not env.get("ORCH_HOME") and not os.path.isdir(root) and os.path.isdir(old):
        root = old
    root = os.path.abspath(os.path.join(cwd, root))
    worktrees = os.path.abspath(os.path.join(cwd, env.get("ORCH_WORKTREES") or os.path.join(root, "worktrees")))
    return World(env, cwd, Home(root, worktrees), {})
