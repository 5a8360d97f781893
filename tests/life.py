"""Whole lives of tasks: a project with an agent, ticks until everything rests, and what is then on disk and in the remote."""
from __future__ import annotations

import glob
import os
import time
from typing import Any, cast

import yaml

from orch.flow import claim
from orch.flow import project as projects
from orch.flow import tasks as all_tasks
from orch.host import lock
from tests.sandbox import Sandbox

RESTING = ("done", "needs_review", "blocked")


def project(sandbox: Sandbox, name: str = "app", files: dict[str, str] | None = None, **settings: Any) -> str:
    """A registered project whose default agent is the rehearsal; settings: `workflow__verify=["make test"]`. Returns its path."""
    path = sandbox.repo(name, files)
    sandbox.register("init", "--no-trust", path=path)
    configure(sandbox, **{"router__default_agent": "rehearsal", "engine__executor": "process", "workflow__retry_seconds": 0, **settings})
    return path


def configure(sandbox: Sandbox, **settings: Any) -> None:
    """Write them into config.yml, as a person with an editor does: `orch config set` is tested by itself, and costs a process."""
    path = os.path.join(sandbox.orch_home, "config.yml")
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file) or {}
    for key, value in settings.items():
        *sections, last = key.split("__")
        inner = config
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[last] = value
    os.replace(sandbox.write(f"{path}.new", yaml.safe_dump(config), 0o600), path)


def add(sandbox: Sandbox, title: str, body: str = "", *options: str) -> str:
    return sandbox.orch("task", "add", title, "--body", body, *options).out.strip()


def tasks(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """All records, archived ones too, as they are now. Read here, as `task` does."""
    world = sandbox.world()
    return {each["id"]: cast(dict[str, Any], each) for each in all_tasks.open_tasks(world, projects.slugs(world), archived=True)[0]}


def task(sandbox: Sandbox, id: str) -> dict[str, Any]:
    """The record as it is now. Read here, not by `orch sidecar get`: what waits for a change asks often."""
    return cast(dict[str, Any], all_tasks.find(sandbox.world(), id)[1])


def rest(sandbox: Sandbox, seconds: float = 60) -> dict[str, dict[str, Any]]:
    """Tick until no task can go on by itself; returns all records. Blocked tasks that wait for resting ones rest too."""
    end = time.monotonic() + seconds
    while True:
        sandbox.orch("tick", check=False)
        quiet(sandbox)
        now = tasks(sandbox)
        moving = [each for each in now.values() if each["status"] not in RESTING]
        if not moving and not any(each["status"] == "blocked" and _may_go(each, now) for each in now.values()):
            return now
        if time.monotonic() > end:
            shown = "\n".join(f"{each['id']} {each['status']} {each.get('why')} {each.get('failures')}" for each in moving)
            raise AssertionError(f"these do not come to rest:\n{shown}")
        time.sleep(0.05)


def quiet(sandbox: Sandbox, seconds: float = 60) -> None:
    """Wait until no attempt runs and none is being taken in: then only a tick can move anything."""
    def busy(folder: str) -> bool:
        if lock.probe(os.path.join(folder, "settle.lock")) == "held":
            return True
        root = os.path.join(folder, "attempts")
        return any(claim.state(os.path.join(root, name)) == "running" for name in (os.listdir(root) if os.path.isdir(root) else ()))

    sandbox.wait_for(lambda: not any(map(busy, glob.glob(f"{sandbox.orch_home}/.orch/*/*/tasks/*"))), seconds)


def _may_go(one: dict[str, Any], all: dict[str, dict[str, Any]]) -> bool:
    return all_done(one.get("depends_on") or [], all)


def all_done(ids: list[str], all: dict[str, dict[str, Any]]) -> bool:
    return bool(ids) and {all[id]["status"] for id in ids} == {"done"}


def branches(sandbox: Sandbox, name: str = "app") -> dict[str, str]:
    """The remote's branches: name -> SHA."""
    listed = sandbox.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads", cwd=sandbox.remote(name))
    return dict(line.split() for line in listed.splitlines())


def attempts(sandbox: Sandbox, id: str, slug: str = "local/app") -> list[str]:
    root = os.path.join(sandbox.orch_home, ".orch", slug, "tasks", id, "attempts")
    there = [each for each in os.listdir(root) if not each.startswith(".")] if os.path.isdir(root) else []  # hidden: being made
    return sorted(there, key=lambda each: int(each.split("-")[0]))


def fingerprint(path: str) -> dict[str, tuple[Any, ...]]:
    """Every file below a directory, .git included: content and mode; to show that nothing was touched."""
    import hashlib

    found: dict[str, tuple[Any, ...]] = {}
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            info = os.lstat(full)
            content = os.readlink(full) if os.path.islink(full) else hashlib.sha256(open(full, "rb").read()).hexdigest()
            found[os.path.relpath(full, path)] = (info.st_mode, info.st_mtime_ns, content)
    return found
