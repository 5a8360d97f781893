"""`orch serve`: it wakes for what is new, tries again when another tick runs, and ends at once and cleanly."""
from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from orch.flow import claim, reap
from orch.host import lock, wake
from tests import life
from tests.sandbox import CHECKOUT, ORCH, Sandbox


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


def test_it_is_woken_when_something_has_changed_and_only_then(sandbox: Sandbox) -> None:
    """An attempt that ended has freed its slot, whatever its task does next; a look that came to nothing wakes nobody."""
    life.project(sandbox)
    ids = [life.add(sandbox, "Work", "write work.txt one\ncommit work\ndone\n"), life.add(sandbox, "Hang", "say here\nhang\n")]
    sandbox.orch("tick", env={"ORCH_TEST_NO_REAP": "1"})
    world = sandbox.world()
    first, second = (world.home.attempt("local/app", id, "1-work") for id in ids)
    sandbox.wait_for(lambda: claim.state(first) == "ended" and os.path.exists(second + "/stdout"))
    sandbox.orch("task", "kill", ids[1], env={"ORCH_TEST_NO_REAP": "1"})
    sandbox.wait_for(lambda: claim.state(second) == "ended")
    for name in ("exit.json", "lock"):
        os.unlink(f"{second}/{name}")
    os.mkdir(second + "/lock")  # so that nobody can tell
    life.configure(sandbox, workflow__verify=["while :; do sleep 0.1; done"])
    bell = wake.listen(world.home)
    try:
        for id, status, rings in ((ids[0], "in_progress", True), (ids[0], "in_progress", False), (ids[1], "needs_review", False)):
            wake.drain(bell)
            assert reap.reap(world, "local/app", id)["status"] == status
            assert bool(select.select([bell], [], [], 0)[0]) is rings
    finally:
        os.close(bell)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_log_on_a_full_disk_does_not_stop_it_and_a_reader_that_goes_away_does(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__tick_interval=0)
    ids = [life.add(sandbox, "one", "help me"), life.add(sandbox, "two", "help me", "--depends-on", "int-1")]
    with open("/dev/full", "wb") as full:
        child = subprocess.Popen([ORCH, "serve"], env=sandbox.env, cwd="/", stdout=full, stderr=subprocess.PIPE)
    try:
        reaches(sandbox, ids[0], "needs_review")
        sandbox.orch("task", "set", ids[1], "depends_on=")
        reaches(sandbox, ids[1], "needs_review")
        child.send_signal(signal.SIGTERM)
        said = child.communicate(timeout=20)[1]
    finally:
        child.kill()
        child.communicate()
    assert said == b"orch serve: what happens is not shown: No space left on device\n"
    life.add(sandbox, "three", "help me")
    gone = sandbox.command(["bash", "-c", f"{ORCH} serve | :; echo ${{PIPESTATUS[0]}}"])
    assert (gone.out, gone.err) == ("141\n", "")


def test_a_number_of_ticks(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__tick_interval=1)
    id = life.add(sandbox, "one", "help me")
    sandbox.orch("serve", "--ticks", "2")
    assert life.attempts(sandbox, id) == ["1-work"]


def test_it_goes_on_as_the_orch_that_was_installed_meanwhile(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__tick_interval=0)
    source = os.path.join(sandbox.root, "src")
    for part in ("orch", "prompts"):
        shutil.copytree(os.path.join(CHECKOUT, part), os.path.join(source, part))
    words = [sys.executable, "-E", os.path.join(source, "orch", "__main__.py"), "serve"]
    server = subprocess.Popen(words, env=sandbox.env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for id in ("int-1", "int-2"):  # when it is at the second it knows what it is
            life.add(sandbox, id, "help me")
            reaches(sandbox, id, "needs_review")
        command = os.path.join(source, "orch", "cmd", "serve.py")
        with open(command, "a", encoding="utf-8") as file:
            file.write("\nout.say('the new one is here')\n")
        long_ago = time.time() - 60
        others = [each.path for each in os.scandir(os.path.join(source, "orch")) if each.is_dir()]
        for each in [os.path.join(source, "orch"), *others]:
            os.utime(each, (long_ago, long_ago))
        assert server.stderr
        assert server.stderr.readline() == "orch serve: another orch is installed here now; going on with that one\n"
        assert server.stderr.readline() == "the new one is here\n"
        life.add(sandbox, "int-3", "help me")
        reaches(sandbox, "int-3", "needs_review")
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert server.stderr.read() == ""
    finally:
        server.kill()
        server.communicate()
