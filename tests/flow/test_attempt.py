"""The shepherd, for real: each bad day of an agent acted out in a real checkout."""
from __future__ import annotations

import os
import resource
import signal
import sys
import time
from typing import Any

import pytest

from orch.host import files, kin, lock, tree
from orch.host import world as worlds
from tests.attempts import Attempt
from tests.sandbox import Sandbox

FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
LINUX = pytest.mark.skipif(not kin.LINUX, reason="needs /proc")


def test_a_good_day(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say hello\nwrite a.txt one\ncommit Say it\nusage 120 0.25\nwarn careful\ndone all is well").run()
    found = attempt.exit
    assert (found["reason"], found["code"], found["signal"], found["text"]) == ("exited", 0, None, "")
    assert (found["tokens"], found["cost"], found["left_out"], found["auto_commit"]) == (120, 0.25, [], None)
    assert found["started_at"] <= found["ended_at"]
    assert attempt.out.startswith("hello\n")
    assert files.read_text(attempt.folder + "/stderr") == "careful\n"
    assert attempt.subjects() == ["Say it"]
    assert attempt.json("report/result.json") == {"status": "done", "summary": "all is well"}
    prepared = attempt.json("prepared.json")
    assert prepared["base"] == prepared["start"] == sandbox.git("rev-parse", "main", cwd=attempt.spec["source"])
    assert attempt.json("proc.json")["agent"]
    assert not attempt.held
    assert attempt.left == []


def test_how_the_agent_ended_is_recorded(sandbox: Sandbox) -> None:
    ends = {"exit 3": ("exited", 3, None), "signal 9": ("signal", None, 9), "signal 15": ("signal", None, 15), "what": ("exited", 65, None)}
    for number, (act, end) in enumerate(ends.items(), 1):
        found = Attempt(sandbox, f"say before\n{act}", number=number).run().exit
        assert (found["reason"], found["code"], found["signal"]) == end


def test_an_attempt_that_is_over_is_left_alone(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "append log.txt once\ncommit One").run()
    before = attempt.exit
    assert attempt.run().exit == before
    assert attempt.subjects() == ["One"]


def test_of_two_shepherds_one_works(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say here\nappend log.txt once\nsleep 5\ndone")
    first = attempt.start()
    attempt.until_said("here")
    second = sandbox.orch("attempt", attempt.folder, check=75)
    assert "another shepherd has this attempt" in second.err
    assert first.poll() is None
    first.terminate()
    first.wait()
    assert attempt.exit["reason"] == "cancelled"
    assert files.read_text(attempt.checkout + "/log.txt") == "once\n"


def test_no_such_attempt_and_no_directory_at_all(sandbox: Sandbox) -> None:
    assert "no such attempt directory" in sandbox.orch("attempt", "/nowhere", check=66).err
    os.mkdir(sandbox.root + "/empty")
    assert "spec.json" in sandbox.orch("attempt", sandbox.root + "/empty", check=66).err
    assert "write: orch attempt DIR" in sandbox.orch("attempt", check=2).err


def test_an_agent_that_hangs_runs_into_the_wall(sandbox: Sandbox) -> None:
    found = Attempt(sandbox, "say so far\nwrite a.txt kept\nhang", limits={"wall": 1, "output": 1000}).run()
    assert (found.exit["reason"], found.exit["signal"], found.exit["text"]) == ("timeout", signal.SIGTERM, "not finished after 1 s")
    assert found.subjects() == ["Say hello"]  # what it had done is not lost
    assert found.left == []


def test_silence_is_noticed_and_chatter_is_not(sandbox: Sandbox) -> None:
    script = "sleep 0.6\nsay a\nsleep 0.6\nwarn b\nsleep 0.6\nsay c\nhang"
    attempt = Attempt(sandbox, script, limits={"wall": 30, "idle": 1, "output": 1000}).run()
    assert (attempt.exit["reason"], attempt.exit["text"]) == ("idle", "nothing was heard for 1 s")
    assert attempt.out == "a\nc\n"


def test_term_ignored_and_a_daemon_left(sandbox: Sandbox) -> None:
    """An agent that does not go when asked, with a daemon in a session of its own that does not either, and both hold the pipes."""
    begin = time.monotonic()
    attempt = Attempt(sandbox, "ignore-term\ndaemon 600\nhang", limits={"wall": 1, "output": 1000}).run()
    assert (attempt.exit["reason"], attempt.exit["signal"]) == ("timeout", signal.SIGKILL)
    assert attempt.left == []
    assert 5 <= time.monotonic() - begin < 30


def test_the_end_is_the_end_of_the_main_process(sandbox: Sandbox) -> None:
    begin = time.monotonic()
    attempt = Attempt(sandbox, "run sleep 600 & setsid sleep 601 &\nsay last words\ndone").run()
    assert (attempt.exit["reason"], attempt.exit["code"]) == ("exited", 0)
    assert attempt.out.endswith("last words\n")
    assert attempt.left == []
    assert time.monotonic() - begin < 15


@LINUX
def test_a_child_without_the_token_is_found_too(sandbox: Sandbox) -> None:
    script = "run env -i setsid /bin/sh -c 'echo $$ > child; exec sleep 600' &\nrun while ! test -s child; do :; done\ndone"
    attempt = Attempt(sandbox, script).run()
    pid = int(files.read_text(attempt.checkout + "/child"))
    assert kin.identity(pid) is None


def test_output_may_be_closed_long_before_the_end(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say bye\nclose\nsleep 0.5\nwrite late.txt still here\ncommit Late\ndone").run()
    assert attempt.exit["code"] == 0
    assert attempt.subjects() == ["Late"]


@pytest.mark.parametrize("how", ["signal", "interrupt", "file"])
def test_cancelled_while_it_runs(sandbox: Sandbox, how: str) -> None:
    attempt = Attempt(sandbox, "write a.txt kept\nsay working\nhang")
    process = attempt.start()
    attempt.until_said("working")
    if how == "file":
        files.replace(attempt.folder + "/cancel", b"")
    else:
        process.send_signal(signal.SIGTERM if how == "signal" else signal.SIGINT)
    assert process.wait(20) == 0
    assert (attempt.exit["reason"], attempt.exit["text"]) == ("cancelled", "it was cancelled")
    assert attempt.exit["auto_commit"]
    assert attempt.left == []


def test_cancelled_before_it_began(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "write a.txt x")
    files.replace(attempt.folder + "/cancel", b"")
    attempt.run()
    assert attempt.exit["reason"] == "cancelled"
    assert not os.path.exists(attempt.checkout)


@pytest.mark.parametrize("how", ["signal", "file"])
def test_cancelled_while_the_checkout_is_made(sandbox: Sandbox, how: str) -> None:
    """Somebody else fetches the mirror for hours: the wait for it ends when the attempt is cancelled."""
    attempt = Attempt(sandbox, "done")
    sandbox.commit(attempt.spec["source"], {"new": "x"}, "second")
    sandbox.git("push", "-q", cwd=attempt.spec["source"])  # so that there is something to fetch
    held = lock.take(attempt.world.home.mirror_lock(attempt.slug))
    assert held is not None
    process = attempt.start()
    sandbox.wait_for(lambda: "waiting for another process" in attempt.log)
    if how == "file":
        files.replace(attempt.folder + "/cancel", b"")
    else:
        process.terminate()
    assert process.wait(20) == 0
    os.close(held)
    assert attempt.exit["reason"] == "cancelled"


def test_a_terminal_that_goes_away_changes_nothing(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say working\nrun while ! test -e go; do sleep 0.05; done\nwrite a.txt x\ncommit One\ndone")
    process = attempt.start()
    attempt.until_said("working")
    for number in (signal.SIGHUP, signal.SIGTSTP, signal.SIGTTOU, signal.SIGPIPE):
        process.send_signal(number)
    sandbox.write(attempt.checkout + "/go", "")
    assert process.wait(20) == 0
    assert attempt.exit["code"] == 0
    assert attempt.subjects()[-1] == "One"


def test_the_agent_has_the_default_signals(sandbox: Sandbox) -> None:
    """What the shepherd ignores, its agent must not: else no pipe in it would ever break."""
    code = "import signal; print([n.name for n in signal.Signals if signal.getsignal(n) is signal.SIG_IGN])"
    # Python itself ignores these two when it starts
    attempt = Attempt(sandbox, "", argv=[sys.executable, "-I", "-c", code]).run()
    assert attempt.out == "['SIGPIPE', 'SIGXFSZ']\n"
    attempt = Attempt(sandbox, "run yes | head -n 1; kill -s HUP $$", number=2).run()
    assert (attempt.out, attempt.exit["code"]) == ("y\n", 129)


def test_budgets(sandbox: Sandbox) -> None:
    cases: list[tuple[dict[str, float], str]] = [
        ({"tokens": 1000}, "1500 tokens used; the limit is 1000"), ({"cost": 0.5}, "0.75 USD spent; the limit is 0.50"),
    ]
    for number, (limits, text) in enumerate(cases, 1):
        script = "usage 500 0.25\nusage 500 0.25\nusage 500 0.25\nhang"
        attempt = Attempt(sandbox, script, number=number, limits={"wall": 30, **limits}).run()
        assert (attempt.exit["reason"], attempt.exit["text"], attempt.exit["tokens"]) == ("budget", text, 1500)


@pytest.mark.parametrize(
    "name, reason, code, text",
    [
        ("done", "exited", 0, "all fine"),
        ("cancelled", "cancelled", None, "all fine"),
        ("timeout", "timeout", None, "all fine"),
    ],
)
def test_sentinels(sandbox: Sandbox, name: str, reason: str, code: int | None, text: str) -> None:
    """An agent that can only touch files, and then sits there for ever."""
    attempt = Attempt(sandbox, f"write a.txt x\nsentinel {name} all fine\nhang").run()
    assert (attempt.exit["reason"], attempt.exit["code"], attempt.exit["text"]) == (reason, code, text)
    assert attempt.subjects() == ["Say hello"]


def test_an_error_by_a_sentinel_that_is_no_file(sandbox: Sandbox) -> None:
    script = "run cd ${ORCH_RESULT%/report/*} && mkfifo stdout.tail error\nspew 3000\nhang"
    attempt = Attempt(sandbox, script, limits={"output": 1000})
    assert (attempt.run().exit["code"], attempt.exit["reason"]) == (1, "exited")


def test_an_agent_that_ends_after_its_sentinel_keeps_its_status(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "sentinel done\nsay said\nsleep 2\nwrite a.txt x\nexit 7").run()
    assert (attempt.exit["reason"], attempt.exit["code"]) == ("exited", 7)
    assert attempt.subjects() == ["Say hello"]


def test_a_hundred_megabytes_stay_in_the_cap(sandbox: Sandbox) -> None:
    cap = 200_000
    attempt = Attempt(sandbox, "say begin\nspew 100000000\ngarbage 50000\nsay the end\ndone", limits={"wall": 60, "output": cap}).run()
    assert attempt.exit["code"] == 0
    kept = sum(os.path.getsize(os.path.join(attempt.folder, name)) for name in os.listdir(attempt.folder) if name.startswith("stdout"))
    assert kept <= cap + 20  # and the number of bytes that were left out
    assert attempt.out.startswith("begin\n0123")
    assert attempt.out.endswith("the end\n")
    assert "bytes left out" in attempt.out


@LINUX
def test_memory_of_the_shepherd(sandbox: Sandbox) -> None:
    """At most 20 MB, whatever the agent prints."""
    attempt = Attempt(sandbox, "spew 20000000\nusage 5\nsay ready\nhang", limits={"wall": 60, "output": 10_000_000})
    process = attempt.start()
    attempt.until_said("ready")
    pid = attempt.json("proc.json")["pid"]
    peak = next(line for line in files.read_text(f"/proc/{pid}/status").splitlines() if line.startswith("VmHWM"))
    loaded = files.read_text(f"/proc/{pid}/maps")
    process.terminate()
    process.wait()
    assert int(peak.split()[1]) <= 20_000, peak
    assert "libcrypto" not in loaded


@LINUX
def test_no_busy_waiting(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say ready\nhang")
    process = attempt.start()
    attempt.until_said("ready")
    pid = attempt.json("proc.json")["pid"]

    def wakes() -> int:
        lines = files.read_text(f"/proc/{pid}/status").splitlines()
        return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)

    before, begin = wakes(), time.monotonic()
    sandbox.wait_for(lambda: time.monotonic() - begin > 2)  # what is measured is a rate
    rate = (wakes() - before) / (time.monotonic() - begin)
    process.terminate()
    process.wait()
    assert rate < 10


def test_a_lost_shepherd_leaves_orphans_that_are_found(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "daemon 600\nignore-term\nsay working\nhang")
    process = attempt.start()
    attempt.until_said("working")
    agent = attempt.json("proc.json")["agent"]
    os.kill(attempt.json("proc.json")["pid"], signal.SIGKILL)
    process.wait()
    assert not attempt.held
    assert not os.path.exists(attempt.folder + "/exit.json")
    left = attempt.left
    assert agent in left
    assert len(left) == 2
    assert tree.end_tree(attempt.spec["token"], (), 0.2)
    assert attempt.left == []


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux changes the limits of another process")
def test_a_full_disk_for_a_moment(sandbox: Sandbox) -> None:
    """The exit record cannot be written at first: no file may grow."""
    attempt = Attempt(sandbox, "say working\nhang")
    process = attempt.start()
    attempt.until_said("working")
    _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, most))
    process.terminate()
    sandbox.wait_for(lambda: not attempt.left)
    assert process.poll() is None and not os.path.exists(attempt.folder + "/exit.json")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert process.wait(20) == 0
    assert attempt.exit["reason"] == "cancelled"


@FULL
def test_output_that_a_full_disk_does_not_take(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "say lost\nwrite a.txt x\ncommit One\ndone")
    os.symlink("/dev/full", attempt.folder + "/stdout")
    attempt.run()
    assert attempt.exit["code"] == 0
    assert "some output was lost" in attempt.exit["text"]
    assert attempt.subjects() == ["One"]


def test_an_agent_that_removes_its_checkout(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "run rm -rf \"$PWD\"\ndone").run()
    assert attempt.exit["code"] == 0
    assert "auto-commit failed" in attempt.exit["text"]


def test_set_up_comes_first_and_must_work(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "run test -e made\ndone", setup=["touch made", "echo $ORCH_TASK"]).run()
    assert attempt.exit["code"] == 0
    assert files.read_text(attempt.folder + "/setup") == "$ touch made\n$ echo $ORCH_TASK\nlocal/app#int-1\n"


@pytest.mark.parametrize(
    "setup, text",
    [
        (["true", "echo no network >&2; exit 4", "touch never"], "set-up: `echo no network >&2; exit 4`: exit status 4: no network"),
        (["sleep 0.1", "sleep 60"], "set-up: `sleep 60` had not finished after 1 s in all"),
    ],
)
def test_set_up_that_fails(sandbox: Sandbox, setup: list[str], text: str) -> None:
    attempt = Attempt(sandbox, "say never", setup=setup, limits={"setup": 1, "output": 1000}).run()
    assert (attempt.exit["reason"], attempt.exit["kind"], attempt.exit["text"]) == ("spawn_failed", "setup_failed", text)
    assert not os.path.exists(attempt.folder + "/stdout")
    assert not os.path.exists(attempt.checkout + "/never")


def test_what_cannot_be_started(sandbox: Sandbox) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"branch": "-x"}, "setup_failed", "not a branch"),
        ({"copy": ["../secret"]}, "setup_failed", "workflow.copy"),
        ({"project": "local/gone"}, "setup_failed", "local/gone"),
        ({"argv": ["no-such-agent", "x"]}, "tool_missing", "no-such-agent: no such program"),
        ({"argv": None}, "crashed", "a bug in orch: TypeError"),
    ]
    for number, (change, kind, text) in enumerate(cases, 1):
        attempt = Attempt(sandbox, "say never", number=number, **change).run()
        assert (attempt.exit["reason"], attempt.exit["kind"]) == ("spawn_failed", kind), attempt.exit
        assert text in attempt.exit["text"]
        assert not attempt.held
        assert ("Traceback" in attempt.log) == (kind == "crashed")


def test_stdin_is_the_prompt_or_nothing(sandbox: Sandbox) -> None:
    prompt = "tell me\n" * 100_000
    attempt = Attempt(sandbox, argv=["/bin/cat"], stdin="prompt.md", limits={"output": 5_000_000})
    sandbox.write(attempt.folder + "/prompt.md", prompt)
    attempt.run()
    assert attempt.out == prompt
    attempt = Attempt(sandbox, argv=["/bin/cat"], number=2).run()
    assert (attempt.out, attempt.exit["code"]) == ("", 0)


def test_the_reap_that_follows_gets_the_task_and_a_log(sandbox: Sandbox) -> None:
    """There is no record of this task, so reap says so; it does that in DIR/reap.log, after the lock is free."""
    attempt = Attempt(sandbox, "done")
    sandbox.orch("attempt", attempt.folder, check=66)
    assert attempt.exit["reason"] == "exited"
    assert "int-1" in files.read_text(attempt.folder + "/reap.log")
    assert not attempt.held


def test_the_shepherd_keeps_what_it_was_handed_to_itself(sandbox: Sandbox) -> None:
    """The descriptor of DIR/starter lives as long as the shepherd, and is not seen by the agent."""
    attempt = Attempt(sandbox, "run ls -l /dev/fd/ | grep -c starter\ndone")
    starter = lock.take(attempt.folder + "/starter", inherit=True)
    assert starter is not None
    from orch.executors import process

    world = worlds.build({**sandbox.env, "ORCH_TEST_NO_REAP": "1"}, "/")
    assert process.start(world, attempt.folder, attempt.spec, starter) is False  # type: ignore[arg-type]
    os.close(starter)
    attempt.until("exit.json")
    sandbox.wait_for(lambda: lock.probe(attempt.folder + "/starter") == "free")
    assert (attempt.out, attempt.exit["code"]) == ("0\n", 1)
