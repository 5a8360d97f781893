"""What a person stopped stays stopped, and what it had done so far stays in reach."""
from __future__ import annotations

import os

import pytest

from orch.core import clock
from tests import life
from tests.sandbox import Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"


def later(sandbox: Sandbox, seconds: int) -> dict[str, str | None]:
    return {"ORCH_TEST_NOW": clock.later(sandbox.world().now(), seconds)}


@pytest.mark.parametrize("stop", ["cancel", "kill"])
def test_what_waits_in_the_outbox_is_not_published_for_a_task_that_was_stopped(sandbox: Sandbox, stop: str) -> None:
    life.project(sandbox)
    finish, ref = {"cancel": ("merge", "main"), "kill": ("branch", "task-int-1-work")}[stop]
    held = sandbox.write(f"{sandbox.remote()}/refs/heads/{ref}.lock", "")  # somebody else's git is at it
    id = life.add(sandbox, "Work", WORK, "--finish", finish)
    before = life.branches(sandbox)
    sandbox.wait_for(lambda: "not published" in sandbox.orch("tick", check=False).out + life.task(sandbox, id)["why"])
    sandbox.orch("task", stop, id)
    os.unlink(held)
    sandbox.orch("tick", env=later(sandbox, 7200))
    sandbox.orch("outbox", "deliver", env=later(sandbox, 7200))
    assert life.branches(sandbox) == before
    assert sandbox.orch("outbox", "list").out == ""
    sandbox.orch("task", "retry", id)
    assert life.rest(sandbox)[id]["status"] == "done"
    assert life.branches(sandbox) != before
