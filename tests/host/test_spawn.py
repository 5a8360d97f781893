from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from orch.errors import BadData, NotFound, OrchError, TryLater, Unavailable
from orch.host import proc
from tests.sandbox import Sandbox

ENV = {"PATH": "/usr/bin:/bin"}


def sh(script: str, timeout: float = 20, input: bytes | None = None) -> proc.Done:
    return proc.run(["/bin/sh", "-c", script], env=ENV, cwd="/", timeout=timeout, input=input)


def test_status_output_and_input_are_bytes() -> None:
    assert sh("cat; printf '\\377' >&2; exit 3", input=b"\x00\xff\n") == (3, b"\x00\xff\n", b"\xff")


def test_more_than_a_pipe_holds_both_ways() -> None:
    data = os.urandom(1_000_000)
    assert sh("tee /dev/stderr", input=data) == (0, data, data)


def test_input_that_is_not_read() -> None:
    assert sh("exit 2", input=b"x" * 1_000_000).code == 2


def test_stdin_is_empty_without_input() -> None:
    assert sh("cat; echo $?").out == b"0\n"


def test_a_signal_is_128_and_its_number() -> None:
    assert sh("kill -9 $$").code == 137


def test_the_environment_is_the_one_that_was_given() -> None:
    out = proc.run(["env"], env={**ENV, "A": "b c\n"}, cwd="/").out
    assert out in (b"PATH=/usr/bin:/bin\nA=b c\n\n", b"A=b c\n\nPATH=/usr/bin:/bin\n")


def test_it_has_no_terminal_to_ask_on() -> None:
    assert sh("echo question > /dev/tty").code != 0


@pytest.mark.parametrize(
    "argv, cwd, error, words",
    [
        (["no-such-program", "x"], "/", Unavailable, "no-such-program: no such program"),
        (["/no/such/program"], "/", Unavailable, "/no/such/program: no such program"),
        (["/etc/passwd"], "/", Unavailable, "/etc/passwd: not an executable program"),
        (["ls"], "/no/such/place", NotFound, "/no/such/place: no such directory to run ls in"),
        (["ls", "a\0b"], "/", BadData, "ls: cannot be run: embedded null byte"),
        (["ls", "x" * 200_000], "/", BadData, "ls: the command line or environment is too long"),
    ],
)
def test_what_cannot_be_started(argv: list[str], cwd: str, error: type[OrchError], words: str) -> None:
    with pytest.raises(error) as caught:
        proc.run(argv, env=ENV, cwd=cwd)
    assert caught.value.message == words
    assert caught.value.hint or error is NotFound


def test_a_time_out_ends_the_whole_group(sandbox: Sandbox) -> None:
    begin = time.monotonic()
    with pytest.raises(TryLater) as caught:
        sh(f"trap '' TERM; echo said >&2; echo $$ > {sandbox.root}/pid; sleep 60 & sleep 61", timeout=0.5)
    assert caught.value.message == "/bin/sh: not finished after 0.5 s (said)"
    assert time.monotonic() - begin < 10
    group = int(sandbox.read("pid"))
    with pytest.raises(ProcessLookupError):
        sandbox.wait_for(lambda: os.killpg(group, 0))


@pytest.mark.parametrize("daemon", ["sleep 15", "setsid sleep 15", "setsid sh -c 'while echo more >&2; do sleep 0.1; done'"])
@pytest.mark.parametrize("hear", [None, lambda said: None])
def test_a_daemon_that_keeps_the_pipes_is_not_waited_for(daemon: str, hear: Callable[[bytes], None] | None) -> None:
    begin = time.monotonic()
    done = proc.run(["/bin/sh", "-c", f"echo result; {daemon} & exit 4"], env=ENV, cwd="/", timeout=60, hear=hear)
    assert done[:2] == (4, b"result\n")
    assert time.monotonic() - begin < 10


def test_what_is_left_in_the_pipe_is_read_although_another_holds_it() -> None:
    """The daemon keeps the pipe open; the last words, as many as a pipe holds, come in the moment of the end."""
    script = "sleep 15 & sleep 0.3; head -c 65536 /dev/zero; printf last >&2"
    assert [len(each) for each in proc.run(["/bin/sh", "-c", script], env=ENV, cwd="/", timeout=60)[1:]] == [65536, 4]


def test_one_that_a_kill_does_not_end_yet_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when it sleeps in the kernel, on a disk that does not answer."""
    monkeypatch.setattr(os, "killpg", lambda pid, number: None)
    with pytest.raises(TryLater, match="not finished after"):
        sh("exec sleep 3", timeout=0.1)


@pytest.mark.parametrize(("script", "bound"), [
    ("sleep 60", 0.5), ("echo here; sleep 60", 1), ("printf here >&2; sleep 60", 1),
])
def test_silence_ends_it(script: str, bound: float) -> None:
    with pytest.raises(TryLater, match=f"nothing was heard for {bound:g} s"):
        proc.run(["/bin/sh", "-c", script], env=ENV, cwd="/", silence=proc.Silence(0.5, 1))


def test_whoever_goes_on_speaking_may_go_on() -> None:
    script = "for n in 1 2 3 4 5 6; do printf $n >&2; sleep 0.3; done; cat"
    assert proc.run(["/bin/sh", "-c", script], env=ENV, cwd="/", input=b"x", silence=proc.Silence(5, 1.5)) == (0, b"x", b"123456")
    with pytest.raises(TryLater, match=r"not finished after 0\.5 s"):
        proc.run(["/bin/sh", "-c", script], env=ENV, cwd="/", timeout=0.5, silence=proc.Silence(5, 1))


def test_an_interrupt_kills_what_runs(sandbox: Sandbox) -> None:
    def interrupted(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            sh(f"echo $$ > {sandbox.root}/pid; sleep 60")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert proc.identity(int(sandbox.read("pid"))) is None


def test_which(sandbox: Sandbox) -> None:
    tool = sandbox.write("tools/tool", "#!/bin/sh\n", 0o755)
    sandbox.write("tools/plain", "no program")
    path = f"/none::{sandbox.root}/tools:/bin"
    assert proc.which("tool", path) == tool
    assert proc.which(tool, "") == tool
    assert proc.which("plain", path) is None
    assert proc.which("tools", f"{sandbox.root}") is None
    assert proc.which("sh", path) == "/bin/sh"
