"""Which agent, model and complexity a task gets, and why. Pure: the turn of the round robin is an argument."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orch.core import clock
from orch.records import COMPLEXITIES, Task


class Decision(NamedTuple):
    agent: str
    model: str | None
    complexity: str
    why: str
    not_before: str | None = None  # every agent that may take it is at a limit until then


def label(task: Task, prefix: str) -> str | None:
    """The value of the first label `prefix:value`."""
    for each in task.get("labels") or []:
        if each.startswith(prefix + ":") and each != prefix + ":":
            return each[len(prefix) + 1 :]
    return None


def wish(task: Task) -> tuple[str | None, str]:
    """The agent that the task itself names, and where it says so."""
    named = (task.get("options") or {}).get("agent")
    if named:
        return named, "asked for by the task"
    named = label(task, "agent")
    return (named, f"label agent:{named}") if named else (None, "")


def complexity(task: Task) -> str:
    wanted = (task.get("options") or {}).get("complexity") or label(task, "complexity")
    return wanted if wanted in COMPLEXITIES else "medium"


def model(task: Task, agent: str, config: Mapping[str, Any]) -> str | None:
    wanted = (task.get("options") or {}).get("model") or label(task, "model")
    mapped = (config.get("model_map") or {}).get(complexity(task)) or {}
    return wanted or mapped.get(agent) or None


def choose(
    task: Task, agents: Sequence[str], config: Mapping[str, Any], turn: int, limits: Mapping[str, str], now: datetime
) -> Decision | None:
    """Choose for one task; None when no agent is left.

    agents  those that may be chosen, in the order of preference (router.agents, or the default agent)
    turn    counts up with every round-robin choice
    limits  agent -> time before which it must not be asked
    """
    size = complexity(task)
    named, why = wish(task)
    if named:
        return Decision(named, model(task, named, config), size, why, _later(limits.get(named), now))
    chain = task.get("chain") or []
    left = [each for each in agents if each not in chain] or list(agents)
    if not left:
        return None
    free = [each for each in left if not _later(limits.get(each), now)]
    if not free:
        first = min(left, key=lambda each: limits[each])
        return Decision(first, model(task, first, config), size, f"every agent is at a limit; {first} is free first", limits[first])
    if (config.get("router") or {}).get("mode") == "round_robin" and len(agents) > 1:
        agent = free[turn % len(free)]
        why = f"round robin, turn {turn} of {', '.join(free)}"
    else:
        agent = free[0]
        why = "the default agent" if agent == agents[0] else f"the first agent left of {', '.join(agents)}"
    if len(left) < len(agents):
        why += f"; {', '.join(dict.fromkeys(chain))} failed it"
    return Decision(agent, model(task, agent, config), size, why)


def _later(moment: str | None, now: datetime) -> str | None:
    return moment if moment and clock.parse(moment) > now else None
