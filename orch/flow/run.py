"""Start a work attempt for a routed task: its spec and prompts, the claim, the shepherd."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orch import agents, executors
from orch.core import names
from orch.core import task as life
from orch.core.task import Change
from orch.errors import NotAllowed, NotFound, OrchError, TryLater, Unavailable
from orch.flow import config as configs
from orch.flow import environ, fail, launch, mirror, route, standing
from orch.flow import project as projects
from orch.flow.launch import Place, Started
from orch.host import paths
from orch.host.world import World
from orch.records import Limits, Project, Spec, Task
from orch.stores import local

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orch.core.prompt import Facts


def start(world: World, slug: str, id: str, children: Iterable[Task] = ()) -> Started:
    """Start the next attempt of a task that is routed and whose time has come. The answer says why when it was not started.

    children  the open tasks whose parent this one is: one may have been made since it was routed
    """
    task = local.get(world, slug, id)
    early = _early(world, task)
    if early:
        return Started(task, None, early)
    held = standing.of(world, task, children)
    if held.broken or held.waits:
        return Started(route.hold(world, task, held), None, held.why())
    task = route.anew(world, task)
    early = _early(world, task)
    if early:
        return Started(task, None, early)
    project, config = projects.get(world, slug), configs.load(world, slug)
    try:
        agent = agents.entry(config, task.get("agent") or "")
    except (NotFound, Unavailable) as error:
        return Started(_route_again(world, task, error), None, error.message, code=error.code)
    try:
        agents.check_installed(agent, environ.path(world, config))
        if agent.local_only and task["source"] == "github":
            raise NotAllowed(f"agent {agent.name} runs what the task says, so only tasks that were made on this machine")
        return launch.launch(
            world, task, "work", config,
            lambda place: _prepare(world, project, task, config, agent, place),
            lambda place: {
                "status": "in_progress", "attempts": int(task.get("attempts") or 0) + 1, "not_before": None, "branch": branch(task),
                "candidate": None, "onto": None, "queued_at": None, "verified": None, "why": f"{agent.name} works on it",
            },
        )
    except TryLater:
        raise
    except OrchError as error:
        words = error.message + (f" ({error.hint})" if error.hint else "")
        return Started(fail.record(world, task, _kind(error), words), None, error.message, code=error.code)


def _early(world: World, task: Task) -> str:
    """Why a task cannot start yet; empty when its time has come."""
    if task["status"] != "routed":
        return f"it is {task['status']}, not routed"
    moment = life.waits_until(task, world.now_text())
    return f"not before {moment}" if moment else ""


def _kind(error: OrchError) -> str:
    """The class of a failure before there is an attempt."""
    if isinstance(error, agents.TooLarge):
        return "context_overflow"
    if isinstance(error, Unavailable):
        return "tool_missing"
    return "permission_denied" if isinstance(error, NotAllowed) else "setup_failed"


def _route_again(world: World, task: Task, error: OrchError) -> Task:
    """The agent that routing chose is not configured any more."""

    def decide(fresh: Task) -> Change | None:
        return Change({"status": "new", "agent": None, "model": None}, "status", error.message) if fresh["seq"] == task["seq"] else None

    return local.change(world, task["project"], task["id"], decide)


def branch(task: Task) -> str:
    return task.get("branch") or names.branch(task["id"], task["title"])


def _prepare(
    world: World, project: Project, task: Task, config: dict[str, Any], agent: agents.Agent, place: Place
) -> tuple[Spec, dict[str, bytes]]:
    spec: Spec = {
        **common(world, project, task, config, place, "work"), "agent": agent.name, "model": task.get("model"),
        "try_": int(task.get("attempts") or 0) + 1, "fetch": True, "start": task.get("head"),
    }
    spec["env"] = environ.build(world, config, agent, spec, place.folder)
    spec["handed"] = environ.handed(agent)
    spec["limits"] = limits(task, config, agent)
    extra: dict[str, bytes] = {}
    words = dict.fromkeys(("prompt", "prompt_file", "system_file", "script"), "")
    if agent.prompt == "script":
        extra["script"] = (task.get("body") or "").encode()
        words["script"] = f"{place.folder}/script"
    else:
        from orch.flow import prompt as prompts  # an agent that takes a script has none

        system, message = prompts.build(world, project["slug"], task, config, _facts(task, config, spec, place))
        extra = {"system.md": system.encode(), "prompt.md": message.encode()}
        given = "prompt.md"
        if not agents.takes_system(agent):  # no agent may work without the rules
            given = "whole.md"
            extra[given] = f"{system}\n\n{message}".encode()
        words.update(prompt=extra[given].decode(), system_file=f"{place.folder}/system.md", prompt_file=f"{place.folder}/{given}")
        spec["stdin"] = given if agent.prompt == "stdin" else None
    spec["argv"] = agents.command_line(agent, {
        **words, "model": task.get("model") or "", "checkout": spec["checkout"], "task": f"{project['slug']}#{task['id']}",
        "attempt": place.folder, "result": paths.report(place.folder),
    })
    spec["usage"] = agent.usage
    return spec, extra


def _facts(task: Task, config: dict[str, Any], spec: Spec, place: Place) -> Facts:
    from orch.core import prompt

    failures = task.get("failures") or []
    last = failures[-1] if failures else None
    return prompt.Facts(
        n=spec["try_"], max=config["workflow"]["max_attempts"], checkout=spec["checkout"], branch=spec["branch"],
        base=task.get("base"), head=task.get("head"), result=paths.report(place.folder), verify=commands(task, config),
        last_failure=last, conflict=bool(last and last["kind"] == "conflict" and last.get("files")),  # else merging does not help
        files=tuple((last or {}).get("files") or ()), setup=tuple(spec["setup"]), copy=tuple(spec["copy"]),
    )


def commands(task: Task, config: dict[str, Any]) -> list[str]:
    """The verify commands of a task: its own, else the project's."""
    own = (task.get("options") or {}).get("verify")
    return list(own if own is not None else config["workflow"]["verify"])


def finish(task: Task, config: dict[str, Any]) -> str:
    return str((task.get("options") or {}).get("finish") or config["workflow"]["finish"])


def limits(task: Task, config: dict[str, Any], agent: agents.Agent | None) -> Limits:
    """Seconds, bytes, tokens, USD. The wall clock: the task's own, else the agent's, else by complexity, else the project's."""
    flow = config["workflow"]
    by_size = flow["timeout_by_complexity"].get(task.get("complexity") or "medium")
    wall = (task.get("options") or {}).get("timeout") or (agent.timeout if agent else 0) or by_size or flow["timeout_seconds"]
    return {"wall": int(wall), "idle": flow["idle_seconds"], "setup": flow["setup_seconds"], "output": flow["output_bytes"],
            "tokens": flow["max_tokens"], "cost": flow["max_cost"]}


def common(world: World, project: Project, task: Task, config: dict[str, Any], place: Place, kind: str) -> Spec:
    """What the spec of an attempt of any kind holds."""
    slug, flow = project["slug"], config["workflow"]
    return {
        "v": 1, "project": slug, "task": task["id"], "attempt": place.name, "kind": kind, "try_": int(task.get("attempts") or 0),
        "title": task["title"], "agent": task.get("agent"), "model": task.get("model"), "token": place.token, "slot": place.slot,
        "created_at": world.now_text(), "executor": executors.choose(world, config), "session": names.session(slug, task["id"]),
        "mirror": mirror.path(world, slug), "checkout": world.home.checkout(slug, branch(task)), "branch": branch(task),
        "base": task.get("base"), "source": project.get("path"), "copy": flow["copy"], "setup": flow["setup"],
        "known": world.home.verified(slug), "big": flow["big_file_bytes"], "fetch": False, "stdin": None,
    }
