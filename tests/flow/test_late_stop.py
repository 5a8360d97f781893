"""A task that is stopped while its push is under way: the push is done, and the record says so."""
from __future__ import annotations

import os
import subprocess

from tests import life
from tests.sandbox import ORCH, Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"


def slow(sandbox: Sandbox) -> str:
    """Have pushes wait for the file that is returned; while one waits there is one of the name with `.begun`."""
    gate = f"{sandbox.root}/gate"
    hook = f"#!/bin/sh\ntouch {gate}.begun\nuntil [ -e {gate} ]; do sleep 0.02; done\n"
    sandbox.write(f"{sandbox.remote()}/hooks/pre-receive", hook, 0o755)
    return gate


def pushing(sandbox: Sandbox, gate: str) -> None:
    sandbox.wait_for(lambda: os.path.exists(f"{gate}.begun"))


def published(sandbox: Sandbox, gate: str) -> str:
    """Let the push go on; returns what the record says was published."""
    sandbox.write(gate, "")
    return str(sandbox.wait_for(lambda: life.task(sandbox, "int-1")["published"]))


def test_a_task_that_was_cancelled_too_late_says_that_it_is_merged(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__finish="merge")
    gate = slow(sandbox)
    life.add(sandbox, "Work", WORK)
    sandbox.orch("tick")
    pushing(sandbox, gate)
    sandbox.orch("task", "cancel", "int-1")
    sha = published(sandbox, gate)
    said = f"cancelled by a person; merged into main at {sha[:10]} before that took effect"
    end = life.rest(sandbox)["int-1"]
    assert (end["status"], end["resolution"], end["why"], life.branches(sandbox)["main"]) == ("done", "cancelled", said, sha)
    assert said in sandbox.orch("why", "int-1").out
    assert "work.txt" in sandbox.orch("diff", "int-1", "--stat").out


def test_a_task_that_was_killed_while_the_outbox_was_at_its_push(sandbox: Sandbox) -> None:
    life.project(sandbox)
    held = sandbox.write(f"{sandbox.remote()}/refs/heads/task-int-1-work.lock", "")  # somebody else's git: it has to be tried again
    life.add(sandbox, "Work", WORK)
    sandbox.wait_for(lambda: sandbox.orch("tick", check=False) and "not published" in life.task(sandbox, "int-1")["why"])
    life.quiet(sandbox)
    os.unlink(held)
    gate = slow(sandbox)
    env = {**sandbox.env, "ORCH_TEST_NOW": "2099-01-01T00:00:00Z"}
    with subprocess.Popen([ORCH, "outbox", "deliver"], env=env, cwd="/", stdout=subprocess.DEVNULL):
        pushing(sandbox, gate)
        sandbox.orch("task", "kill", "int-1")
        sha = published(sandbox, gate)
    end = life.rest(sandbox)["int-1"]
    said = f"killed by a person; published as task-int-1-work at {sha[:10]} before that took effect"
    assert (end["status"], end["why"], life.branches(sandbox)["task-int-1-work"]) == ("needs_review", said, sha)
    sandbox.orch("publish", "--accept", "int-1")
    assert life.rest(sandbox)["int-1"]["resolution"] == "completed"


def test_what_is_set_while_it_is_pushed_does_not_undo_that(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__finish="merge", workflow__merge_strategy="merge")
    gate = slow(sandbox)
    life.add(sandbox, "Work", WORK)
    sandbox.orch("tick")
    pushing(sandbox, gate)
    sandbox.orch("task", "set", "int-1", "finish=branch")
    sha = published(sandbox, gate)
    end = life.rest(sandbox)["int-1"]
    assert end["status"] == "done" and end["why"].startswith("merged into main")
    assert life.branches(sandbox) == {"main": sha}
