"""Kill orch at each of its steps, once, and show that the next ticks bring every task to its end all the same.

A task with checks is merged, another is published as a branch; one process of them (the tick, a shepherd that also takes in the result,
`task add`) is killed by SIGKILL at step n. Then plain ticks run. `make crash` takes every step; the fast suite some of each.
"""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from orch.flow import claim
from tests import life
from tests.sandbox import CHECKOUT, Run, Sandbox

INJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inject")
MOST = {"tick": 90, "attempt": 135, "task": 18}  # steps of the longest process of each kind, and some to spare
STRIDE = int(os.environ.get("CRASH_STRIDE") or 0)  # 1: every step; 0: a sample for the fast suite


def plans() -> Iterator[str]:
    for word, most in MOST.items():
        for number in range(1, most + 1, STRIDE) if STRIDE else (most // 3, most // 2, most - most // 4):
            yield f"{word}:{number}"


@pytest.mark.parametrize("plan", list(plans()))
def test_killed_anywhere_nothing_is_lost_and_nothing_runs_twice(sandbox: Sandbox, plan: str) -> None:
    path = life.project(sandbox, workflow__verify=["test -e work.txt"], files={"work.txt": ""})
    before = life.fingerprint(path)
    marks = sandbox.write("crash/.keep", "").removesuffix("/.keep")
    wanted = 2
    for number, finish in enumerate(("branch", "merge")):
        # words of its own: in the same second the same change with the same words is the same commit, and done when it is merged
        body = f"run echo $ORCH_ATTEMPT >> {sandbox.root}/ran\nappend work.txt line {number}\ncommit line {number}\ndone\n"
        words = ("task", "add", f"Work {number}", "--body", body, "--finish", finish)
        made = crash(sandbox, plan, *words)
        if made.code != 0 and len(life.tasks(sandbox)) <= number:
            wanted -= 1  # killed before the task was there: nothing was promised
    for _ in range(6):
        crash(sandbox, plan, "tick")
        if os.path.exists(os.path.join(marks, "killed")):
            break
        settle(sandbox)
    end = life.rest(sandbox)
    assert len(end) >= wanted
    assert {task["status"] for task in end.values()} == {"done"}, [(task["why"], task["failures"]) for task in end.values()]
    ran = sandbox.read("ran").split()
    assert len(ran) == len(set(ran)), "an attempt ran twice"
    remote = life.branches(sandbox)
    for task in end.values():
        assert task["attempts"] <= 2, task["failures"]
        published = task["published"]
        if task["options"]["finish"] == "branch":
            assert remote[task["branch"]] == published
        else:
            sandbox.git("merge-base", "--is-ancestor", published, "main", cwd=sandbox.remote())
        folder = f"{sandbox.orch_home}/.orch/local/app/tasks/{task['id']}"
        assert not [name for name in os.listdir(f"{folder}/attempts") if not os.path.exists(f"{folder}/attempts/{name}/exit.json")]
        seqs = [json.loads(line)["seq"] for line in open(f"{folder}/events.jsonl", encoding="utf-8")]
        assert set(range(1, task["seq"] + 1)) == set(seqs)
    assert not [name for name in os.listdir(f"{sandbox.orch_home}/.orch/local/app/tasks") if not name.startswith("int-")]
    assert life.fingerprint(path) == before


def crash(sandbox: Sandbox, plan: str, *words: str) -> Run:
    """Run orch so that it reads sitecustomize (its launcher tells Python to ignore the environment)."""
    env = {**sandbox.env, "PYTHONPATH": INJECT, "ORCH_CRASH": plan, "ORCH_CRASH_DIR": f"{sandbox.root}/crash"}
    return sandbox.command([sys.executable, os.path.join(CHECKOUT, "orch", "__main__.py"), *words], env=env)


def settle(sandbox: Sandbox) -> None:
    """Wait until no attempt runs, so that the next tick finds work and not a race."""
    def rests() -> bool:
        return not any(_runs(sandbox, task) for task in life.tasks(sandbox).values())

    sandbox.wait_for(rests)


def _runs(sandbox: Sandbox, task: dict[str, object]) -> bool:
    folder = f"{sandbox.orch_home}/.orch/local/app/tasks/{task['id']}/attempts/{task.get('attempt')}"
    return task["status"] == "in_progress" and claim.state(folder) == "running"
