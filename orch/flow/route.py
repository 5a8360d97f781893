"""Choose an agent for a task that is new: read what may be chosen, ask core.route, record the decision."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orch import agents
from orch.core import deps, route
from orch.core import task as life
from orch.core.task import Change
from orch.errors import NotFound, OrchError, Unavailable
from orch.flow import config as configs
from orch.flow import environ, limits, standing
from orch.host import files, lock
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def available(world: World, config: dict[str, Any]) -> list[str]:
    """The agents that routing may choose, if they are installed and enabled: the default one, then router.agents.

    A round robin has only the latter. With neither, the known ones and those that the configuration adds; never `shell` or `rehearsal`
    """
    router = config["router"]
    first = [router["default_agent"]] if router["default_agent"] else []
    named = router["agents"] or first if router["mode"] == "round_robin" else [*first, *router["agents"]]
    path = environ.path(world, config)
    known = [name for name in agents.names(config) if name not in agents.SCRIPTED]
    return [name for name in dict.fromkeys(named or known) if _usable(config, name, path)]


def _usable(config: dict[str, Any], name: str, path: str) -> bool:
    if name not in agents.names(config):
        return False
    try:
        agents.check_installed(agents.entry(config, name), path)
    except OrchError:
        return False
    return True


def decision(world: World, task: Task, config: dict[str, Any], *, peek: bool = False) -> route.Decision:
    """What routing would choose now, without recording it; peek leaves the round robin's turn as it is. raises NotFound, Unavailable"""
    names = available(world, config)
    wanted, _ = route.wish(task)
    if wanted:
        agents.entry(config, wanted)  # raises NotFound with the nearest name
    turn = _turn(world, peek) if config["router"]["mode"] == "round_robin" and not wanted and len(names) > 1 else 0
    asked = [*names, *([wanted] if wanted else [])]
    chosen = route.choose(task, names, config, turn, limits.current(world, asked), world.now())
    if chosen is None:
        hint = "see `orch agents`, and set router.default_agent or router.agents"
        raise NotFound(f"no agent can be chosen: {_reasons(world, config)}", hint)
    return chosen


def _reasons(world: World, config: dict[str, Any]) -> str:
    """Why none of the configured agents can be used, or that none is configured."""
    router = config["router"]
    said = []
    for name in dict.fromkeys([router["default_agent"], *router["agents"]]):
        if name:
            try:
                agents.check_installed(agents.entry(config, name), environ.path(world, config))
            except OrchError as error:
                said.append(error.message)
    return "; ".join(said) or "none is configured, and none of the known ones is installed"


def _turn(world: World, peek: bool) -> int:
    """The next number of the round robin; kept in a file so that every process continues the same round."""
    path = world.home.state("robin.json")
    with lock.hold(world.home.state("robin.lock")):
        turn = int(files.spare_json(path).get("turn") or 0)
        if not peek:
            files.replace_json(path, {"v": 1, "turn": turn + 1}, durable=False)
    return turn


def apply(world: World, slug: str, id: str, children: Iterable[Task] = ()) -> Task:
    """Route one task: new -> routed, or blocked when something that it waits for is open. Other statuses are left as they are.

    children  the open tasks whose parent this one is
    """
    task = local.get(world, slug, id)
    if task["status"] != "new":
        return task
    held = standing.of(world, task, children)
    return hold(world, task, held) if held.broken or held.waits else _choose(world, task)


def anew(world: World, task: Task) -> Task:
    """Route a routed task once more when its agent is at a limit meanwhile: to one that is free, or until one is. Else the same record."""
    return _choose(world, task) if task.get("agent") and limits.current(world, [str(task["agent"])]) else task


def _choose(world: World, task: Task) -> Task:
    config = configs.load(world, task["project"])
    try:
        chosen = decision(world, task, config)
    except (NotFound, Unavailable) as error:  # Unavailable: the agent that the task asks for is switched off
        return _move(world, task, "needs_review", error.message + (f" ({error.hint})" if error.hint else ""))
    waits = f"{chosen.agent} is at a limit until {chosen.not_before}" if chosen.not_before else ""
    text = f"routed to {chosen.agent}: {chosen.why}"
    fields = {
        "status": "routed", "agent": chosen.agent, "model": chosen.model, "complexity": chosen.complexity,
        "route": chosen.why, "not_before": chosen.not_before, "why": waits or text,
    }
    said = f"{text}; {waits}" if waits else text

    def decide(fresh: Task) -> Change | None:
        return Change(fields, "status", said) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)


def unblock(world: World, slug: str, task: Task, children: Iterable[Task] = ()) -> Task:
    """blocked -> new when nothing that the task waits for is open any more; needs_review when it waits for what will never be done."""
    if task["status"] != "blocked":
        return task
    if life.waits_until(task, world.now_text()):
        return task
    held = standing.of(world, task, children)
    if held.broken:
        return hold(world, task, held)
    if held.waits:
        return task if task.get("why") == held.why() else hold(world, task, held)
    return _move(world, task, "new", "nothing holds it back any more")


def hold(world: World, task: Task, held: deps.Standing) -> Task:
    """Keep a task back: blocked while it waits, needs_review when it waits for what will never be done."""
    return _move(world, task, "needs_review" if held.broken else "blocked", held.why())


def _move(world: World, task: Task, status: str, why: str) -> Task:
    """Nothing happens when the record has changed since it was read."""

    def decide(fresh: Task) -> Change | None:
        if fresh["seq"] != task["seq"]:
            return None
        return Change({"status": status, "why": why, "not_before": None}, "status", why)

    return local.change(world, task["project"], task["id"], decide)
