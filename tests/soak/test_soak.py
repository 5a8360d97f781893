"""Many tasks, several projects, four ticks at once: each attempt runs once, no branch is lost, nobody's checkout is touched.

`make soak` takes 200 tasks; the fast suite a few. The agents themselves write down that they ran, and the remotes say what arrived.
"""
from __future__ import annotations

import json
import os
import subprocess

from tests import life
from tests.sandbox import ORCH, Sandbox

TASKS = int(os.environ.get("SOAK") or 12)
LOOP = "while [ ! -e {stop} ]; do {orch} tick >>{log} 2>&1; done"


def test_four_loops_do_every_task_once(sandbox: Sandbox) -> None:
    names = ("one", "two", "three")
    paths = [life.project(sandbox, name) for name in names]
    life.configure(sandbox, router__default_agent="shell", engine__max_parallel=6, engine__archive_after="1h", engine__executor="process")
    before = [life.fingerprint(path) for path in paths]
    lines = [
        json.dumps({"title": f"Task {number}", "project": f"local/{names[number % 3]}",
                    "body": f"echo $ORCH_TASK $ORCH_ATTEMPT $ORCH_SLOT >> {sandbox.root}/ran\necho {number} > file-{number}.txt\n"})
        for number in range(TASKS)
    ]
    sandbox.orch("task", "add", "--from", "-", input="\n".join(lines))
    stop = f"{sandbox.root}/stop"
    loops = [
        subprocess.Popen(["/bin/sh", "-c", LOOP.format(stop=stop, orch=ORCH, log=f"{sandbox.root}/log-{number}")], env=sandbox.env, cwd="/")
        for number in range(4)
    ]
    try:
        sandbox.wait_for(lambda: all(task["status"] in ("done", "needs_review") for task in life.tasks(sandbox).values()), 60 + 4 * TASKS)
    finally:
        sandbox.write("stop", "")
        for loop in loops:
            loop.wait(60)
    tasks = life.tasks(sandbox)
    assert {task["status"] for task in tasks.values()} == {"done"}
    assert len(tasks) == TASKS
    ran = [line.split() for line in sandbox.read("ran").splitlines()]
    assert len(ran) == TASKS and len({token for _, token, _ in ran}) == TASKS and len({ref for ref, _, _ in ran}) == TASKS
    assert {int(slot) for _, _, slot in ran} <= set(range(6))
    for task in tasks.values():
        name = task["project"].split("/")[1]
        assert life.branches(sandbox, name)[task["branch"]] == task["published"]
        assert task["attempts"] == 1 and life.attempts(sandbox, task["id"], task["project"]) == ["1-work"]
    assert [life.fingerprint(path) for path in paths] == before
    said = "".join(sandbox.read(f"log-{number}") for number in range(4))
    assert "bug in orch" not in said and "Traceback" not in said
