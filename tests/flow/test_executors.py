"""Where shepherds run: in tmux, as plain processes, and in the second when the first does not work."""
from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from orch import executors
from orch.errors import OrchError, Unavailable
from orch.host import kin, lock, tmux
from orch.host.world import World
from tests.attempts import Attempt
from tests.sandbox import Sandbox

needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
WAIT = "run while ! test -e go; do sleep 0.05; done"


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world(ORCH_TEST_NO_REAP="1")
    yield made
    if shutil.which("tmux"):
        tmux.call(made, "kill-server")


def launch(world: World, attempt: Attempt) -> bool:
    """Start it as `run` does. Returns whether the caller had to keep the starter's lock."""
    starter = lock.take(attempt.folder + "/starter", inherit=True)
    assert starter is not None
    keep = executors.start(world, attempt.folder, attempt.spec, starter)  # type: ignore[arg-type]
    attempt.until("proc.json")
    os.close(starter)
    return keep


def config(wanted: str) -> dict[str, Any]:
    return {"engine": {"executor": wanted}}


def test_choose(sandbox: Sandbox) -> None:
    os.mkdir(sandbox.root + "/empty")
    without = sandbox.world(PATH=sandbox.root + "/empty")
    assert executors.choose(without, config("auto")) == "process"
    assert executors.choose(without, config("tmux")) == "tmux"
    assert executors.choose(sandbox.world(), config("process")) == "process"
    assert executors.choose(sandbox.world(), config("auto")) == ("auto" if shutil.which("tmux") else "process")


def test_a_plain_process(sandbox: Sandbox, world: World) -> None:
    attempt = Attempt(sandbox, f"say hello\n{WAIT}\ndone")
    assert launch(world, attempt) is False
    attempt.until_said("hello")
    assert lock.probe(attempt.folder + "/starter") == "held"  # the shepherd has it now
    assert executors.capture(world, attempt.folder, attempt.spec).startswith("hello\n")  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="no terminal to attach to"):
        executors.attach(world, attempt.spec)  # type: ignore[arg-type]
    sandbox.write(attempt.checkout + "/go", "")
    attempt.until("exit.json")
    assert attempt.exit["code"] == 0
    assert attempt.log == ""


def test_the_shepherd_is_in_nobodys_session(sandbox: Sandbox, world: World) -> None:
    attempt = Attempt(sandbox, f"say hello\n{WAIT}")
    launch(world, attempt)
    pid = attempt.json("proc.json")["pid"]
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGTERM)
    attempt.until("exit.json")


@needs_tmux
def test_in_tmux(sandbox: Sandbox, world: World) -> None:
    attempt = Attempt(sandbox, f"say hello\nwarn oops\n{WAIT}\nsay bye\ndone", executor="tmux")
    spec: Any = attempt.spec
    assert launch(world, attempt) is True
    attempt.until_said("hello")
    sandbox.wait_for(lambda: executors.capture(world, attempt.folder, spec) == "hello\noops\n")
    assert tmux.sessions(world) == [spec["session"]]
    sandbox.write(attempt.checkout + "/go", "")
    attempt.until("exit.json")
    assert attempt.exit["code"] == 0
    assert attempt.out == "hello\nbye\n"
    sandbox.wait_for(lambda: tmux.sessions(world) == [])
    assert executors.capture(world, attempt.folder, spec) == "hello\nbye\n"  # from the files now


@needs_tmux
def test_in_tmux_it_is_given_the_whole_environment(sandbox: Sandbox) -> None:
    """The server began with another one; orch's own arrives at the shepherd, the agent's is constructed all the same."""
    other = sandbox.world(ORCH_HOME=sandbox.orch_home)
    tmux.new(other, "first", ["sleep", "600"], {"PATH": "/usr/bin:/bin", "ORCH_ATTEMPT": "outer"})
    world = sandbox.world(ORCH_TEST_NO_REAP="1", ORCH_ATTEMPT="outer", CLAUDECODE="1", GH_TOKEN="mine")
    attempt = Attempt(sandbox, f"run env\nsay hello\n{WAIT}\ndone", executor="tmux")
    launch(world, attempt)
    attempt.until_said("hello")
    if kin.LINUX:
        with open(f"/proc/{attempt.json('proc.json')['pid']}/environ", "rb") as file:
            seen = dict(each.partition(b"=")[::2] for each in file.read().split(b"\0"))
        assert seen[b"GH_TOKEN"] == b"mine"
        assert seen[b"ORCH_HOME"] == sandbox.orch_home.encode()
        assert b"CLAUDECODE" not in seen
    assert "mine" not in attempt.out
    assert "TMUX" not in attempt.out
    sandbox.write(attempt.checkout + "/go", "")
    attempt.until("exit.json")
    tmux.call(world, "kill-server")


@needs_tmux
def test_the_server_is_killed_and_the_attempt_goes_on(sandbox: Sandbox, world: World) -> None:
    attempt = Attempt(sandbox, f"say hello\n{WAIT}\nspew 300000\nwrite a.txt x\ncommit One\ndone", executor="tmux")
    launch(world, attempt)
    attempt.until_said("hello")
    tmux.call(world, "kill-server")
    sandbox.write(attempt.checkout + "/go", "")
    attempt.until("exit.json")
    assert (attempt.exit["reason"], attempt.exit["code"]) == ("exited", 0)
    assert attempt.subjects()[-1] == "One"


@needs_tmux
def test_a_terminal_that_takes_no_output_stops_nobody(sandbox: Sandbox, world: World) -> None:
    """The person who attached pressed ^S; the server itself is stopped, too."""
    attempt = Attempt(sandbox, f"say hello\n{WAIT}\nspew 2000000\ndone", executor="tmux")
    launch(world, attempt)
    attempt.until_said("hello")
    tmux.call(world, "send-keys", "-t", f"={attempt.spec['session']}:", "C-s")
    server = int(tmux.call(world, "display-message", "-p", "#{pid}").out)
    os.kill(server, signal.SIGSTOP)
    try:
        sandbox.write(attempt.checkout + "/go", "")
        attempt.until("exit.json")
    finally:
        os.kill(server, signal.SIGCONT)
    assert attempt.exit["code"] == 0


@needs_tmux
def test_a_person_at_the_terminal_may_end_it(sandbox: Sandbox, world: World) -> None:
    attempt = Attempt(sandbox, "say hello\nhang", executor="tmux")
    launch(world, attempt)
    attempt.until_said("hello")
    tmux.call(world, "send-keys", "-t", f"={attempt.spec['session']}:", "C-z")
    tmux.call(world, "send-keys", "-t", f"={attempt.spec['session']}:", "C-c")
    attempt.until("exit.json")
    assert attempt.exit["reason"] == "cancelled"


@needs_tmux
def test_reap_outlives_the_session(sandbox: Sandbox) -> None:
    """It is no child of the terminal: the session ends with the attempt, so that its name is free for the next one."""
    world = sandbox.world()
    attempt = Attempt(sandbox, "done", executor="tmux")
    launch(world, attempt)
    attempt.until("exit.json")
    sandbox.wait_for(lambda: os.path.exists(attempt.folder + "/reap.log") and "int-1" in sandbox.read(attempt.folder + "/reap.log"))
    sandbox.wait_for(lambda: tmux.sessions(world) == [])


@needs_tmux
def test_a_tmux_that_fails(sandbox: Sandbox) -> None:
    sandbox.write("fake/tmux", "#!/bin/sh\necho 'create window failed: fork failed' >&2\nexit 1\n", 0o755)
    world = sandbox.world(ORCH_TEST_NO_REAP="1", PATH=f"{sandbox.root}/fake:{sandbox.env['PATH']}")
    wanted = Attempt(sandbox, "done", executor="tmux")
    starter = lock.take(wanted.folder + "/starter", inherit=True)
    assert starter is not None
    with pytest.raises(OrchError, match="fork failed"):
        executors.start(world, wanted.folder, wanted.spec, starter)  # type: ignore[arg-type]
    os.close(starter)
    attempt = Attempt(sandbox, "done", executor="auto", number=2)
    assert launch(world, attempt) is False
    attempt.until("exit.json")
    assert attempt.exit["code"] == 0
    assert "fork failed; running as a plain process instead" in attempt.log
