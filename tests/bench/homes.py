"""Homes to measure in: real projects, and as many tasks as are wanted, written straight to the disk as the store would write them."""
from __future__ import annotations

import json
import os
from typing import Any, cast

from orch.core import task as life
from orch.host import files
from orch.records import Task
from tests.sandbox import CHECKOUT, Sandbox

SLUG = "bench/app"
# Of 100 open tasks in which nothing is due: how many wait for a slot, for another task, for a person, for the archive.
MIX = {"routed": 26, "blocked": 30, "needs_review": 34, "done": 10}
RUNNING = 4  # engine.max_parallel of these homes; so many agents sleep in them


def python() -> str:
    """The interpreter that bin/orch takes."""
    own = os.path.join(CHECKOUT, ".venv", "bin", "python")
    return own if os.access(own, os.X_OK) else "python3"


def make(files_: dict[str, str] | None = None, **settings: Any) -> Sandbox:
    """A sandbox with one project whose agent is the shell, and no task. settings: `engine__executor="process"`"""
    box = Sandbox()
    box.orch("project", "add", box.repo("app", files_), "--name", SLUG)
    wanted = {
        "engine__executor": "process", "router__default_agent": "shell", "engine__max_parallel": RUNNING, "workflow__timeout_seconds": 0,
        **settings,
    }
    box.orch("config", "set", *[f"{key.replace('__', '.')}={value}" for key, value in wanted.items()])
    return box


def plant(box: Sandbox, counts: dict[str, int], slug: str = SLUG, *, archived: bool = False) -> None:
    """Write so many tasks of each status."""
    world = box.world()
    root = world.home.archive(slug) if archived else world.home.tasks(slug)
    os.makedirs(root, exist_ok=True)
    counter = world.home.state("next")
    number = int(files.read_text(counter)) if os.path.exists(counter) else 1
    person = f"int-{number}"  # the first of the mix waits for a person, and the blocked ones wait for it
    for status in sorted(counts, key=lambda each: each != "needs_review"):
        for _ in range(counts[status]):
            _write(root, _task(f"int-{number}", slug, status, person, world.now_text()))
            number += 1
    files.replace_text(counter, f"{number}\n")


def _task(id: str, slug: str, status: str, person: str, now: str) -> Task:
    draft = {"title": f"change number {id[4:]} of a larger whole", "body": "Make it so, and say why.\n" * 4, "labels": ["bench"]}
    task = life.new(draft, id, slug, now)
    more: dict[str, Any] = {"status": status, "agent": "shell", "complexity": "medium", "why": "as planted", "seq": 2}
    if status == "blocked":
        more["depends_on"] = [person]
    if status == "done":
        more.update(resolution="completed", done_at=now, attempts=1, attempt="1-work", settled="1-work", branch=f"task-{id}", base="0" * 40)
    return cast(Task, {**task, **more})


def _write(root: str, task: Task) -> None:
    folder = os.path.join(root, task["id"])
    os.mkdir(folder)
    events = [life.born(task), {**life.born(task, "planted"), "seq": task["seq"], "set": {"status": task["status"]}}]
    for name, content in (("events.jsonl", "".join(json.dumps(each) + "\n" for each in events)), ("task.json", files.dump(task))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)


def quiet(open_tasks: int, archive: Sandbox | int = 0, waiting: int = 0) -> Sandbox:
    """A home in which nothing is due: open tasks in the proportions of MIX, RUNNING of them with an agent that sleeps.

    archive  how many archived tasks, or a home whose archive is shown here as well
    waiting  or so many tasks that only wait for a person
    """
    box = make()
    if waiting:
        plant(box, {"needs_review": waiting})
    if open_tasks:
        ids = [box.orch("task", "add", f"sleep {number}", "--body", "exec sleep 100000").out.strip() for number in range(RUNNING)]
        box.orch("tick")
        box.wait_for(lambda: all(_sleeps(box, id) for id in ids))
        plant(box, {status: count * open_tasks // 100 - RUNNING * (status == "needs_review") for status, count in MIX.items()})
    if isinstance(archive, Sandbox):
        os.symlink(archive.world().home.archive(SLUG), box.world().home.archive(SLUG))
    elif archive:
        plant(box, {"done": archive}, archived=True)
    for _ in range(2):  # the first may find something that the second leaves alone
        done = box.orch("tick", check=False)
    if done.code or done.out or done.err:
        raise RuntimeError(f"this tick is not quiet: {done}")
    return box


def _sleeps(box: Sandbox, id: str) -> bool:
    """Whether the agent of a task has been started."""
    known = files.find_json(os.path.join(box.world().home.attempt(SLUG, id, "1-work"), "proc.json"))
    return bool(known and known.get("agent"))


def status(box: Sandbox, id: str) -> str:
    return str(files.read_json(box.world().home.record(SLUG, id))["status"])
