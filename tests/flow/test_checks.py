"""Verify attempts: the project's commands on a commit and on its base, in clean checkouts, remembered by commit and command."""
from __future__ import annotations

import os
from typing import Any

from orch.flow import checks
from tests.attempts import Attempt
from tests.sandbox import Sandbox


def commits(sandbox: Sandbox) -> tuple[str, str]:
    """A project with a base and a commit on it; both in the mirror."""
    repo = sandbox.repo("app", {"count": "1\n", "bad": "error: old trouble\n"})
    base = sandbox.git("rev-parse", "HEAD", cwd=repo)
    sandbox.commit(repo, {"count": "2\n", "new": "x"}, "second")
    sandbox.git("push", "-q", cwd=repo)
    sandbox.orch("project", "add", repo)
    return base, sandbox.git("rev-parse", "HEAD", cwd=repo)


def verify(sandbox: Sandbox, commands: list[str], number: int = 1, **spec: Any) -> Attempt:
    if not os.path.isdir(sandbox.root + "/code"):
        sandbox.base, sandbox.sha = commits(sandbox)  # type: ignore[attr-defined]
    known = {"sha": sandbox.sha, "base": sandbox.base}  # type: ignore[attr-defined]
    return Attempt(sandbox, kind="verify", number=number, commands=commands, argv=[], **{**known, **spec}).run()


def test_passing_commands_run_on_that_commit_and_are_remembered(sandbox: Sandbox) -> None:
    commands = ["test $(cat count) = 2 && echo ran >> $TMPDIR/log", "git status --porcelain; git log --oneline | wc -l"]
    attempt = verify(sandbox, commands)
    verdict = attempt.json("verify.json")
    assert verdict["passed"]
    assert [check["command"] for check in verdict["checks"]] == commands
    assert (attempt.exit["reason"], attempt.exit["code"]) == ("exited", 0)
    assert f"$ {commands[1]}   # on the result, {verdict['sha'][:10]}\n2\n" in attempt.out
    assert not os.path.exists(attempt.checkout)
    assert not os.path.exists(attempt.folder + "/command")
    again = verify(sandbox, commands, number=2)
    assert again.json("verify.json")["checks"] == verdict["checks"]
    assert sandbox.read("tmp/log") == "ran\n"
    known = checks.remembered(attempt.spec["known"], verdict["sha"], commands[0])
    assert known == verdict["checks"][0]
    assert checks.remembered(attempt.spec["known"], verdict["sha"], "another") is None


def test_a_new_failure_counts_and_an_old_one_does_not(sandbox: Sandbox) -> None:
    commands = ["cat bad; exit 1", "echo ok; test ! -e new || { echo 'FAILED new thing'; exit 2; }"]
    attempt = verify(sandbox, commands)
    verdict = attempt.json("verify.json")
    assert not verdict["passed"]
    assert verdict["excused"] == [commands[0]]
    assert verdict["text"].startswith(f"`{commands[1]}` exit status 2")
    assert attempt.exit["code"] == 1
    assert verdict["checks"][1]["tail"] == "ok\nFAILED new thing\n"
    assert verdict["checks"][1]["lines"] == ["FAILED new thing"]


def test_a_failure_of_the_result_is_run_again_and_one_of_the_base_is_not(sandbox: Sandbox) -> None:
    commands = ["cat count >> $TMPDIR/log; exit 1"]
    verify(sandbox, commands)
    verify(sandbox, commands, number=2)
    assert sandbox.read("tmp/log") == "2\n1\n2\n"


def test_set_up_comes_first_in_each_checkout(sandbox: Sandbox) -> None:
    attempt = verify(sandbox, ["test -e made && exit 1"], setup=["cat count > made"])
    assert attempt.json("verify.json")["excused"] == ["test -e made && exit 1"]
    failed = verify(sandbox, ["true"], number=2, setup=["exit 9"])
    assert (failed.exit["reason"], failed.exit["kind"]) == ("spawn_failed", "setup_failed")
    assert not os.path.exists(failed.folder + "/verify.json")
    assert not os.path.exists(failed.checkout)


def test_limits_hold_for_each_command_and_time_is_no_excuse(sandbox: Sandbox) -> None:
    attempt = verify(sandbox, ["exec 2>/dev/null; echo begun; setsid sleep 600", "true"], limits={"wall": 1, "output": 1000})
    first, second = attempt.json("verify.json")["checks"]
    assert (first["reason"], first["tail"]) == ("timeout", "begun\n")
    assert first["seconds"] >= 1
    assert second["code"] == 0
    assert attempt.json("verify.json")["text"] == "`exec 2>/dev/null; echo begun; setsid sleep 600` ran out of time: begun"
    assert checks.remembered(attempt.spec["known"], first["sha"], first["command"]) is None
    assert attempt.left == []


def test_a_sentinel_does_not_make_a_command_pass(sandbox: Sandbox) -> None:
    attempt = verify(sandbox, ["touch ${ORCH_RESULT%/report/*}/done; test ! -e new"])
    assert not attempt.json("verify.json")["passed"]


def test_cancelled(sandbox: Sandbox) -> None:
    attempt = verify(sandbox, ["touch ${ORCH_RESULT%/report/*}/cancel; sleep 600"])
    assert attempt.exit["reason"] == "cancelled"
    assert not os.path.exists(attempt.folder + "/verify.json")
    assert not os.path.exists(attempt.checkout)


def test_a_commit_that_is_not_there(sandbox: Sandbox) -> None:
    verify(sandbox, ["true"])
    attempt = verify(sandbox, ["true"], number=2, sha="1" * 40)
    assert (attempt.exit["reason"], attempt.exit["kind"]) == ("spawn_failed", "setup_failed")
