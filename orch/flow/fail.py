"""Record a failure and what follows from it: core.retry decides, this reads what it needs and writes the answer down."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orch.core import clock, failure, retry, route
from orch.core.task import Change
from orch.errors import NotFound
from orch.flow import config as configs
from orch.flow import limits
from orch.flow import route as routing
from orch.host.world import World
from orch.records import Failure, Task
from orch.stores import local

KEPT = 20  # failures that a record remembers
BREAKER = 3600  # seconds that other tasks keep off an agent whose login or account is broken


def record(
    world: World, task: Task, kind: str, text: str, *, reset: datetime | None = None, fields: Mapping[str, Any] | None = None,
    stay: bool = False, paths: Sequence[str] = (), aside: str = "",
) -> Task:
    """Record that a task's attempt failed. The task goes to routed or needs_review, unless it has changed since it was read.

    reset   when the agent may be asked again, as it said
    fields  what else to record in the same step
    paths   the files that it is about, as far as they are known
    aside   what a person has to know besides, put behind the reason when one is asked
    stay    a step after the work failed (verification was lost): keep the status while trying again makes sense
    """
    fault = describe(world, kind, text, task.get("attempt"), paths)
    config = configs.load(world, task["project"])
    wanted = route.wish(task)[0]
    others = [] if wanted else _others(world, task, config)
    then = retry.decide(
        task, fault, limit=config["workflow"]["max_attempts"], others=others, now=world.now(),
        base=config["workflow"]["retry_seconds"], reset=reset,
    )
    agent = task.get("agent")
    if failure.TABLE[kind].breaker and agent:
        until = max(clock.text(reset) if reset else "", then.not_before or "") or clock.later(world.now(), BREAKER)
        limits.note(world, agent, until, f"{kind}: {text}")
    status = task["status"] if stay and then.status == "routed" else then.status
    why = then.why + (aside if then.status == "needs_review" else "")
    changed: dict[str, Any] = {
        **(fields or {}), "status": status, "why": why, "not_before": then.not_before,
        "failures": [*(task.get("failures") or []), fault][-KEPT:],
    }
    if agent and not stay:
        changed["chain"] = list(dict.fromkeys([*(task.get("chain") or []), agent]))
    if then.status == "routed" and wanted and wanted != agent and not stay:  # asked for while the other one was at work
        changed.update(_next_agent(world, task, config, [wanted]))
    elif then.other_agent and not stay:
        changed.update(_next_agent(world, {**task, "chain": changed.get("chain", [])}, config, others))
    elif then.status == "routed" and agent and not stay:
        changed["model"] = route.model(task, agent, config)  # another may be asked for now

    def decide(fresh: Task) -> Change | None:
        return Change(changed, "failed", then.why) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)


def describe(world: World, kind: str, text: str, attempt: str | None, paths: Sequence[str] = ()) -> Failure:
    line = failure.one_line(text)
    fault: Failure = {"kind": kind, "text": line, "attempt": attempt or "", "at": world.now_text(), "print": failure.print_of(kind, line)}
    return {**fault, "files": list(paths)} if paths else fault


def _others(world: World, task: Task, config: dict[str, Any]) -> list[str]:
    tried = {*(task.get("chain") or []), task.get("agent")}
    return [name for name in routing.available(world, config) if name not in tried]


def _next_agent(world: World, task: Task, config: dict[str, Any], others: list[str]) -> dict[str, Any]:
    chosen = route.choose(task, others, config, 0, limits.current(world, others), world.now())
    if chosen is None:
        raise NotFound("no agent is left")
    return {"agent": chosen.agent, "model": chosen.model, "route": chosen.why, "not_before": chosen.not_before}
