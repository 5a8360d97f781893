"""`orch serve`: it wakes for what is new, tries again when another tick runs, and ends at once and cleanly."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from orch.host import lock
from tests import life
from tests.sandbox import ORCH, Sandbox


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[subprocess.Popen[bytes]]:
    """It looks by itself only once in an hour: what happens, happens because it was woken."""
    life.project(sandbox, engine__tick_interval=3600, workflow__verify=[])
    child = subprocess.Popen([ORCH, "serve"], env=sandbox.env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    sandbox.wait_for(lambda: os.path.exists(sandbox.world().home.wake()))
    yield child
    child.kill()
    child.communicate()


def reaches(sandbox: Sandbox, id: str, status: str) -> None:
    sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == status)


def test_whatever_is_new_wakes_it(sandbox: Sandbox, server: subprocess.Popen[bytes]) -> None:
    first = life.add(sandbox, "one", "help me")
    reaches(sandbox, first, "needs_review")
    line = {"title": "two", "body": "help me", "depends_on": [first]}
    made = sandbox.orch("task", "add", "--from", "-", input=json.dumps(line)).out.strip()
    reaches(sandbox, made, "blocked")
    sandbox.orch("task", "cancel", first)
    reaches(sandbox, made, "needs_review")
    sandbox.orch("task", "set", made, "depends_on=")
    sandbox.orch("task", "retry", made)
    sandbox.wait_for(lambda: life.attempts(sandbox, made) == ["1-work"])
    reaches(sandbox, made, "needs_review")


def test_it_does_not_forget_what_rang_while_another_tick_ran(sandbox: Sandbox, server: subprocess.Popen[bytes]) -> None:
    path = sandbox.world().home.tick_lock()
    held = sandbox.wait_for(lambda: lock.take(path))
    id = life.add(sandbox, "one", "help me")
    other = sandbox.orch("tick", check=75)
    assert "another tick" in other.err
    assert life.task(sandbox, id)["status"] == "new"
    assert held is not None
    os.close(held)
    reaches(sandbox, id, "needs_review")


def test_there_is_one_and_it_ends_when_told(sandbox: Sandbox, server: subprocess.Popen[bytes]) -> None:
    assert "another `orch serve` runs here" in sandbox.orch("serve", check=75).err
    id = life.add(sandbox, "one", "say on and on\nhang")
    sandbox.wait_for(lambda: "on and on" in sandbox.orch("stream", id, "--no-follow", check=False).out)
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    assert server.stderr
    assert server.stderr.read() == b""
    assert sandbox.orch("task", "live").out, "the agent goes on"
    sandbox.orch("task", "kill", id)


def test_a_number_of_ticks(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__tick_interval=1)
    id = life.add(sandbox, "one", "help me")
    sandbox.orch("serve", "--ticks", "2")
    assert life.attempts(sandbox, id) == ["1-work"]
