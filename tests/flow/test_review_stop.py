"""What a person stopped stays stopped, and what it had done so far stays in reach."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import cast

import pytest

from orch.core import clock
from orch.errors import NotAllowed
from orch.flow import publish
from orch.records import Task
from tests import life
from tests.sandbox import ORCH, Sandbox

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


def folder(sandbox: Sandbox, id: str, attempt: str = "1-work") -> str:
    return f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/{attempt}"


def begin(sandbox: Sandbox, *options: str) -> str:
    """A task whose agent has committed and edited something, and hangs; the next time it goes on from there."""
    first = "if [ ! -e b.txt ]; then echo one > a.txt; git add -A; git commit -qm first; echo two > b.txt; echo here; sleep 99; fi"
    id = life.add(sandbox, "Half", f"run {first}\nwrite c.txt three\ncommit more\ndone all\n", *options)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: os.path.exists(folder(sandbox, id) + "/stdout") and "here" in sandbox.read(folder(sandbox, id) + "/stdout"))
    return id


def settled(sandbox: Sandbox, id: str) -> dict[str, object]:
    sandbox.wait_for(lambda: life.task(sandbox, id)["settled"])
    return life.task(sandbox, id)


def test_what_a_killed_agent_had_done_can_be_seen_accepted_and_gone_on_from(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox)
    sandbox.orch("task", "kill", id)
    sandbox.orch("publish", "--accept", id, check=False)  # at once: it ends just now, or has ended; never half of it
    sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == "done" or sandbox.orch("publish", "--accept", id, check=False).code == 0)
    end = life.rest(sandbox)[id]
    assert end["status"] == "done" and life.branches(sandbox)[end["branch"]] == end["head"]
    shown = sandbox.orch("diff", id).out
    assert "+one" in shown and "+two" in shown
    with pytest.raises(NotAllowed, match="is done"):  # a second person, who had read the record before
        publish.accept(sandbox.world(), cast(Task, {**end, "status": "needs_review"}))


def test_what_a_cancelled_agent_had_done_is_kept_without_its_checkout(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox)
    sandbox.orch("task", "cancel", id)
    end = settled(sandbox, id)
    assert (end["status"], end["resolution"]) == ("done", "cancelled")
    world = sandbox.world()
    sandbox.command(["rm", "-rf", world.home.checkout("local/app", str(end["branch"]))])
    assert "+two" in sandbox.orch("diff", id).out
    sandbox.orch("task", "retry", id)
    assert life.rest(sandbox)[id]["status"] == "done"
    assert "b.txt" in sandbox.git("ls-tree", "--name-only", str(end["branch"]), cwd=sandbox.remote())


def test_a_stopped_attempt_that_was_lost_is_looked_at_once(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox)
    pid = json.loads(sandbox.read(folder(sandbox, id) + "/proc.json"))["pid"]
    os.kill(pid, signal.SIGSTOP)
    sandbox.orch("task", "kill", id)
    os.kill(pid, signal.SIGKILL)
    sandbox.wait_for(lambda: sandbox.orch("tick") and life.task(sandbox, id)["settled"])
    assert "+one" in sandbox.orch("diff", id).out
    assert sandbox.read(world_file(sandbox, id)) == "two\n"
    before = life.fingerprint(sandbox.orch_home)
    assert sandbox.orch("tick").out == "" and life.fingerprint(sandbox.orch_home) == before


def world_file(sandbox: Sandbox, id: str) -> str:
    """What the agent had not committed, in its checkout."""
    return sandbox.world().home.checkout("local/app", str(life.task(sandbox, id)["branch"])) + "/b.txt"


def test_a_lost_agent_that_had_reported_is_not_done_while_its_changes_are_not_committed(sandbox: Sandbox) -> None:
    life.project(sandbox)
    gate = f"{sandbox.root}/gate"
    acts = ("write a.txt one", "commit first", "write b.txt two", "done all of it", f"run touch {gate}; sleep 99")
    script = "".join(f"on 1: {act}\n" for act in acts) + "done\n"
    id = life.add(sandbox, "Half", script)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: os.path.exists(gate))
    os.kill(json.loads(sandbox.read(folder(sandbox, id) + "/proc.json"))["pid"], signal.SIGKILL)
    end = life.rest(sandbox)[id]
    assert (end["status"], [fault["kind"] for fault in end["failures"]]) == ("done", ["lost"])
    assert sandbox.git("show", f"{end['branch']}:b.txt", cwd=sandbox.remote()) == "two"


def test_a_task_that_is_tried_again_is_published_again(sandbox: Sandbox) -> None:
    """The same commit as before, which the origin has lost meanwhile."""
    life.project(sandbox)
    id = life.add(sandbox, "Work", "run [ -e work.txt ] || { echo x > work.txt; git add -A; git commit -qm x; }\ndone\n")
    end = life.rest(sandbox)[id]
    sandbox.git("update-ref", "-d", f"refs/heads/{end['branch']}", cwd=sandbox.remote())
    sandbox.orch("task", "retry", id)
    assert life.rest(sandbox)[id]["published"] == end["published"] == life.branches(sandbox)[end["branch"]]


def test_a_refused_push_rests_until_its_task_wants_something_else(sandbox: Sandbox) -> None:
    life.project(sandbox)
    hook = sandbox.write(f"{sandbox.remote()}/hooks/pre-receive", "#!/bin/sh\necho no such luck\nexit 1\n", 0o755)
    id = life.add(sandbox, "Work", "run date +%N >> work.txt\ncommit work\ndone\n")
    assert "no such luck" in life.rest(sandbox)[id]["why"]
    sandbox.orch("tick")
    assert len(sandbox.orch("outbox", "list").lines()) == 1
    sandbox.orch("task", "retry", id)
    os.unlink(hook)
    assert life.rest(sandbox)[id]["status"] == "done"
    sandbox.orch("tick")
    assert sandbox.orch("outbox", "list").out == ""


def test_a_server_outlives_a_slip_in_the_configuration(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__tick_interval=1)
    path = f"{sandbox.orch_home}/config.yml"
    good = sandbox.read(path)
    with open(f"{sandbox.root}/served", "wb") as log:
        server = subprocess.Popen([ORCH, "serve"], env=sandbox.env, cwd="/", stdout=log, stderr=log)
    sandbox.write(path, "engine: [\n")
    life.add(sandbox, "Work", WORK)
    sandbox.wait_for(lambda: "bad configuration" in sandbox.read("served"))
    sandbox.write(path, good)
    sandbox.wait_for(lambda: life.task(sandbox, "int-1")["status"] == "done")
    server.terminate()
    assert server.wait() == 0


def test_what_was_left_out_of_the_branch_is_told_with_the_result(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__big_file_bytes=1000)
    id = life.add(sandbox, "Big", "write a x\ncommit a\nrun head -c 2000 /dev/zero > big.bin\ndone made it\n")
    end = life.rest(sandbox)[id]
    assert end["status"] == "done" and end["summary"].startswith("made it (not committed: big.bin (2000 bytes")
    assert "big.bin" in sandbox.orch("task", "get", id).out
