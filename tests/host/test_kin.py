from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from orch.host import kin, proc, tree
from tests.sandbox import CHECKOUT, Sandbox

GONE = 2**22 + 1  # more than any system gives


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for each in made:
        each.kill()
        each.wait()


def sleeper(started: list[subprocess.Popen[bytes]], *argv: str, **env: str) -> int:
    started.append(subprocess.Popen(argv or ["sleep", "600"], env={"PATH": "/usr/bin:/bin", **env}))
    return started[-1].pid


def test_we_live() -> None:
    assert proc.alive(*proc.me()) == "yes"


def test_a_process_has_one_name_for_ever(started: list[subprocess.Popen[bytes]]) -> None:
    pid = sleeper(started)
    found = proc.identity(pid)
    assert found is not None
    start, boot = found
    assert proc.identity(pid) == (start, boot)
    assert proc.alive(pid, start, boot) == "yes"
    assert proc.alive(pid, start + "0", boot) == "no"  # the number was given away again
    assert proc.alive(pid, start, "another boot") == "no"
    assert proc.alive(pid, "", boot) == "unknown"
    started[0].kill()
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert proc.alive(pid, start, boot) == "no"  # a zombie
    started[0].wait()
    assert proc.alive(pid, start, boot) == "no"


@pytest.mark.parametrize("pid", [GONE, 0, -1])
def test_nobody(pid: int) -> None:
    assert proc.alive(pid, "1", "x") == "no"
    assert proc.identity(GONE) is None


@pytest.mark.skipif(not kin.LINUX, reason="needs /proc")
def test_a_name_may_hold_anything(sandbox: Sandbox, started: list[subprocess.Popen[bytes]]) -> None:
    program = os.path.join(sandbox.root, "a) R 1 (b")
    shutil.copy("/bin/sleep", program)
    pid = sleeper(started, program, "600")
    found = kin.everybody()[pid]
    assert (found.pid, found.parent) == (pid, os.getpid())


def test_holders_carry_exactly_this_token(started: list[subprocess.Popen[bytes]]) -> None:
    mine = sleeper(started, ORCH_ATTEMPT="token-1")
    sleeper(started, ORCH_ATTEMPT="token-10")
    sleeper(started, OTHER="ORCH_ATTEMPT=token-1")
    sleeper(started)
    assert proc.holders("token-1") == [mine]
    assert proc.holders("") == []


def test_one_that_has_just_been_started_is_found(started: list[subprocess.Popen[bytes]]) -> None:
    """For some moments of an exec the kernel shows no environment."""
    for number in range(25):
        assert proc.holders(f"fresh-{number}") == [] and (pid := sleeper(started, ORCH_ATTEMPT=f"fresh-{number}"))
        assert proc.holders(f"fresh-{number}") == [pid]
    assert proc.holders("nobody") == []


def test_ps_of_other_systems() -> None:
    text = (
        "    1     0 Ss   Thu Nov 20 23:01:38 2026\n"
        "  512     1 S+   Fri Jan  2 03:04:05 2026    \n"
        "  513   512 Z    Fri Jan  2 03:04:06 2026\n\n"
    )
    assert kin.parse_ps(text) == [kin.Kin(1, 0, "Thu Nov 20 23:01:38 2026"), kin.Kin(512, 1, "Fri Jan 2 03:04:05 2026")]


@pytest.mark.skipif(not shutil.which("ps"), reason="needs ps")
def test_the_ps_that_tells_is_not_one_of_them() -> None:
    """It is our child while it looks; who would wait for it to end would wait for ever. Looked at in a process without other children."""
    script = """if True:
        import os, subprocess
        from orch.host import kin
        me = os.getpid()
        assert kin.descendants([me], kin.told_by_ps()) == {me}
        child = subprocess.Popen(["sleep", "60"])
        try:
            assert kin.descendants([me], kin.told_by_ps()) == {me, child.pid}
        finally:
            child.kill()
            child.wait()
    """
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_descendants_are_all_the_way_down() -> None:
    people = {pid: kin.Kin(pid, parent, "") for pid, parent in ((1, 0), (2, 1), (3, 2), (4, 2), (5, 1), (6, 6))}
    assert kin.descendants([2, 99], people) == {2, 3, 4}
    assert kin.descendants([6], people) == {6}


TOKEN = "ORCH_ATTEMPT"


def test_those_who_go_when_asked_may_tidy_up(sandbox: Sandbox, started: list[subprocess.Popen[bytes]]) -> None:
    script = f"trap 'echo tidied > {sandbox.root}/done; exit' TERM; echo ready > {sandbox.root}/ready; while :; do sleep 0.05; done"
    sleeper(started, "/bin/sh", "-c", script, ORCH_ATTEMPT="t1")
    sandbox.wait_for(lambda: os.path.exists(sandbox.root + "/ready"))
    assert proc.end_tree("t1", (), 10)
    assert sandbox.read("done") == "tidied\n"


def test_those_who_do_not_are_killed(sandbox: Sandbox, started: list[subprocess.Popen[bytes]]) -> None:
    """Deaf ones, stopped ones, and children in sessions of their own that lost the token: known as descendants."""
    script = "trap '' TERM; setsid env -i /bin/sh -c \"trap '' TERM; echo $$; sleep 600 & kill -STOP \\$\\$\" & sleep 600; sleep 600"
    pid = sleeper(started, "/bin/sh", "-c", script, ORCH_ATTEMPT="t2")
    sandbox.wait_for(lambda: len(tree.members("t2", ())) >= 4)
    assert len(proc.holders("t2")) < len(tree.members("t2", ()))
    assert proc.end_tree("t2", (), 0.2)
    assert tree.members("t2", [pid]) == {}


def test_those_who_fork_all_the_time(started: list[subprocess.Popen[bytes]]) -> None:
    script = "trap '' TERM; while :; do (sleep 600 &) ; sleep 0.01; done"
    sleeper(started, "/bin/sh", "-c", script, ORCH_ATTEMPT="t3")
    assert proc.end_tree("t3", (), 0.3)
    assert proc.holders("t3") == []


def test_a_root_is_ended_and_we_are_not(started: list[subprocess.Popen[bytes]]) -> None:
    pid = sleeper(started, ORCH_ATTEMPT="other")
    assert proc.end_tree("", [pid, os.getpid()], 5)
    assert started[0].wait() == -signal.SIGTERM


def test_a_later_owner_of_the_number_is_not_touched(started: list[subprocess.Popen[bytes]]) -> None:
    pid = sleeper(started)
    tree._send(kin.Kin(pid, os.getpid(), "an earlier start"), signal.SIGKILL)
    assert kin.identity(pid) is not None
    assert started[0].poll() is None


def test_a_python_without_pid_descriptors_ends_them_too(started: list[subprocess.Popen[bytes]]) -> None:
    sleeper(started, "/bin/sh", "-c", "trap '' TERM; echo; sleep 600; sleep 600", ORCH_ATTEMPT="t5")
    story = "import os, signal\nfor it in (os, 'pidfd_open'), (signal, 'pidfd_send_signal'):\n    it[1] in dir(it[0]) and delattr(*it)\n"
    story += "from orch.host import tree; print(tree.end_tree('t5', (), 0.1))"
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": CHECKOUT}
    done = subprocess.run([sys.executable, "-c", story], env=env, cwd="/", capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert started[0].wait() == -signal.SIGKILL


def test_nobody_is_ended_at_once() -> None:
    assert proc.end_tree("no such token", [GONE], 60)
