"""Run the project's own checks on what is to be published, as an attempt of kind `verify`, and take in its verdict."""
from __future__ import annotations

import os
from typing import Any, cast

from orch.core import failure
from orch.core.task import Change
from orch.errors import OrchError
from orch.flow import config as configs
from orch.flow import environ, fail, launch, run
from orch.flow import project as projects
from orch.flow.launch import Place
from orch.host import files
from orch.host.world import World
from orch.records import Exit, Project, Spec, Task, Verify
from orch.stores import local


def needed(task: Task, config: dict[str, Any]) -> bool:
    return bool(run.commands(task, config)) and task.get("verified") != task.get("candidate")


def start(world: World, task: Task, config: dict[str, Any]) -> Task:
    """Start the verify attempt for the candidate; the same record when no slot is free."""
    try:
        project = projects.get(world, task["project"])
        started = launch.launch(
            world, task, "verify", config,
            lambda place: (_spec(world, project, task, config, place), {}),
            lambda place: {"why": f"checking {str(task.get('candidate'))[:10]}"},
        )
    except OrchError as error:
        if error.retry:
            raise
        return fail.record(world, task, "setup_failed", f"verification could not be started: {error.message}", stay=True)
    launch.wait([started])
    return started.task


def _spec(world: World, project: Project, task: Task, config: dict[str, Any], place: Place) -> Spec:
    spec = run.common(world, project, task, config, place, "verify")
    spec["sha"] = task.get("candidate")
    spec["base"] = task.get("onto") or task.get("base")
    spec["commands"] = run.commands(task, config)
    spec["strict"] = (task.get("options") or {}).get("verify") is not None
    spec["checkout"] = f"{spec['checkout']}.verify-{place.number}"
    spec["env"] = environ.build(world, config, None, spec, place.folder)
    spec["limits"] = {**run.limits(task, config, None), "wall": config["workflow"]["verify_seconds"], "idle": 0}
    return spec


def take_in(world: World, task: Task, folder: str, spec: Spec, exit: Exit) -> Task:
    """Record the verdict of an ended verify attempt."""
    verdict = cast(Verify, files.spare_json(os.path.join(folder, "verify.json")))
    fields: dict[str, Any] = {"settled": spec["attempt"]}
    if "passed" not in verdict or exit.get("reason") != "exited":
        kind = exit.get("kind") or ("lost" if exit.get("reason") in ("lost", "cancelled") else "crashed")
        kind = kind if kind in failure.TABLE else "crashed"
        text = f"verification ended without a verdict: {exit.get('text') or exit.get('reason')}"
        return fail.record(world, task, str(kind), text, fields=fields, stay=True)
    if not verdict["passed"]:
        kind = "tool_missing" if verdict.get("unusable") else "verify_failed"  # no agent can mend that
        return fail.record(world, task, kind, verdict["text"], fields=fields)
    more = set(run.commands(task, configs.load(world, task["project"]))) - set(spec.get("commands") or ())
    excused = verdict.get("excused") or []
    text = f"verified {str(verdict['sha'])[:10]}" + (f" (fails on the base as well: {', '.join(excused)})" if excused else "")
    if more:  # what passed is remembered and does not run again
        text = f"to be checked once more, for there are other checks now: {', '.join(sorted(more))}"

    def decide(fresh: Task) -> Change | None:
        if fresh["seq"] != task["seq"]:
            return None
        return Change({**fields, "verified": None if more else verdict["sha"], "why": text}, "verified", text)

    return local.change(world, task["project"], task["id"], decide)


def recheck(world: World, task: Task, config: dict[str, Any]) -> list[dict[str, Any]]:
    """What is remembered, on disk, of the checks on a task's published, candidate or last commit: one record per command.

    A command without a remembered result has `code` null and `reason` unknown.
    """
    sha = task.get("published") or task.get("candidate") or task.get("head") or ""
    from orch.flow import checks

    found = []
    for command in run.commands(task, config):
        known = checks.remembered(world.home.verified(task["project"]), sha, command)
        found.append(dict(known) if known else {"v": 1, "sha": sha, "command": command, "code": None, "reason": "unknown"})
    return found
