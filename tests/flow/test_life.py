"""The life of a task from `task add` to rest, through the real binary, git and processes."""
from __future__ import annotations

import json
import os
import signal

import pytest

from tests import life
from tests.sandbox import ORCH, Sandbox

WORK = "write work.txt one\ncommit some work\ndone it is done\n"


def test_a_task_is_done_when_its_branch_is_in_the_remote(sandbox: Sandbox) -> None:
    path = life.project(sandbox)
    before = life.fingerprint(path)
    id = life.add(sandbox, "Do some work", WORK)
    end = life.rest(sandbox)[id]
    assert (end["status"], end["resolution"], end["attempts"]) == ("done", "completed", 1)
    published = life.branches(sandbox)
    assert published[end["branch"]] == end["published"] == end["head"]
    assert sandbox.git("log", "--format=%s", f"main..{end['branch']}", cwd=sandbox.remote()) == "some work"
    assert life.fingerprint(path) == before
    assert life.attempts(sandbox, id) == ["1-work"]


def test_a_shell_task_needs_no_agent(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Codemod", "printf 'changed\\n' >> README.md", "--agent", "shell")
    end = life.rest(sandbox)[id]
    assert end["status"] == "done"
    sha = end["published"]
    assert sandbox.git("show", f"{sha}:README.md", cwd=sandbox.remote()).endswith("changed")
    assert sandbox.git("log", "-1", "--format=%an %s", sha, cwd=sandbox.remote()).startswith("shell[bot] Codemod")


def test_failed_checks_are_tried_again_with_the_error(sandbox: Sandbox) -> None:
    life.project(sandbox, files={"check.sh": "grep -q right work.txt\n"}, workflow__verify=["echo looking; sh check.sh"])
    body = "on 1: write work.txt wrong\non 2: write work.txt right\ncommit try\ndone\n"
    id = life.add(sandbox, "Get it right", body)
    # the base has no work.txt, so check.sh fails there as well, but without a failing line both are the same: make the base pass
    end = life.rest(sandbox)[id]
    assert end["status"] == "done"


def test_verification_failure_is_remembered_and_mended(sandbox: Sandbox) -> None:
    life.project(sandbox, files={"work.txt": "right\n", "check.sh": "grep -q right work.txt || { echo 'not ok - wrong'; exit 1; }\n"},
                 workflow__verify=["sh check.sh"])
    id = life.add(sandbox, "Get it right", "on 1: write work.txt wrong\non 2: write work.txt right, at last\ncommit try\ndone\n")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"]) == ("done", 2)
    assert [each["kind"] for each in end["failures"]] == ["verify_failed"]
    assert "not ok - wrong" in end["failures"][0]["text"]
    assert life.attempts(sandbox, id) == ["1-work", "2-verify", "3-work", "4-verify"]


def test_failures_of_the_base_do_not_count(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=["echo 'not ok - old trouble'; exit 1"])
    id = life.add(sandbox, "Work on a broken base", WORK)
    end = life.rest(sandbox)[id]
    assert end["status"] == "done"
    verdict = json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/2-verify/verify.json"))
    assert verdict["excused"] == ["echo 'not ok - old trouble'; exit 1"]
    said = "passed: fails on the base as well: echo 'not ok - old trouble'; exit 1"  # else nobody sees why it passed
    assert said in sandbox.orch("stream", id).err


def test_a_question_goes_to_a_person_and_retry_starts_afresh(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Choose", "help which one?\n")
    assert life.rest(sandbox)[id]["status"] == "needs_review"
    assert "which one?" in life.task(sandbox, id)["why"]
    sandbox.orch("sidecar", "set", id, "body=" + WORK)
    sandbox.orch("task", "retry", id)
    assert life.task(sandbox, id)["status"] == "new"
    assert life.rest(sandbox)[id]["status"] == "done"
    assert life.attempts(sandbox, id) == ["1-work", "2-work"]


def test_dependencies_hold_back_and_let_go(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__finish="merge")
    first = life.add(sandbox, "First", WORK)
    second = life.add(sandbox, "Second", "append work.txt two\ncommit more\ndone\n", "--depends-on", first)
    sandbox.orch("tick")
    assert life.task(sandbox, second)["status"] == "blocked"
    end = life.rest(sandbox)
    assert {each["status"] for each in end.values()} == {"done"}
    assert sandbox.git("show", "main:work.txt", cwd=sandbox.remote()).split() == ["one", "two"]


def test_claims_without_commits_stop_after_three(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Boast", "done all of it\n")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"]) == ("needs_review", 3)
    assert {each["kind"] for each in end["failures"]} == {"no_evidence"}


def test_a_repository_that_was_committed_without_its_files_is_mended_before_it_is_published(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__finish="merge")
    make = "on 1: run git init -q app && echo 1 > app/x && git -C app add x && git -C app commit -q -m x\non 1: commit all of it\n"
    id = life.add(sandbox, "Make an app", make + "on 2: run git rm -q --cached app && rm -rf app/.git\non 2: commit really all\ndone\n")
    end = life.rest(sandbox)[id]
    assert (end["status"], [each["kind"] for each in end["failures"]]) == ("done", ["no_evidence"])
    assert "the files of app are not in its commits" in end["failures"][0]["text"]
    assert sandbox.git("show", "main:app/x", cwd=sandbox.remote()) == "1"


def test_claims_after_failed_checks_are_not_checked_again(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=["test ! -e work.txt"], workflow__max_attempts=9)
    id = life.add(sandbox, "Boast", "on 1: write work.txt one\non 1: commit some work\ndone it is done\n")
    end = life.rest(sandbox)[id]
    assert end["status"] == "needs_review"
    assert [each["kind"] for each in end["failures"]] == ["verify_failed", "no_evidence", "no_evidence", "no_evidence"]


def test_a_declared_no_op_is_done(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Nothing", "no-change it is there already\n")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["resolution"]) == ("done", "no_change")
    assert set(life.branches(sandbox)) == {"main"}


def test_merge_conflicts_are_reworked(sandbox: Sandbox) -> None:
    life.project(sandbox, files={"a.txt": "base\n"}, workflow__finish="merge", engine__max_parallel=2)
    one = life.add(sandbox, "One", "write a.txt one\ncommit one\ndone\n")
    merge = "on 2: run git fetch -q origin && git merge -q -X ours origin/main"
    wait = f"on 1: run until git -C {sandbox.remote()} log --format=%s main | grep -q one; do sleep 0.05; done"
    two = life.add(sandbox, "Two", f"on 1: write a.txt two\non 1: commit two\n{wait}\n{merge}\ndone\n")
    end = life.rest(sandbox)
    assert {end[one]["status"], end[two]["status"]} == {"done"}
    assert [each["kind"] for each in end[one]["failures"] + end[two]["failures"]] == ["conflict"]


def test_limits_keep_everybody_off_the_agent(sandbox: Sandbox) -> None:
    life.project(sandbox, router__agents=["rehearsal", "shell"], router__default_agent="")
    id = life.add(sandbox, "Too much", "usage-limit at 2099-01-01T00:00:00Z\nexit 1\n")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, id)["failures"])
    found = life.task(sandbox, id)
    assert found["failures"][0]["kind"] == "usage_limit"
    assert found["agent"] == "shell"
    limit = json.loads(sandbox.read("orch/.orch/limits/rehearsal.json"))
    assert limit["not_before"] > found["updated_at"]


def test_cancel_and_kill_end_the_agent(sandbox: Sandbox) -> None:
    life.project(sandbox)
    ids = [life.add(sandbox, f"Hang {number}", "say here\nignore-term\nhang\n") for number in range(2)]
    sandbox.orch("tick")
    for id in ids:
        speaks(sandbox, id)
    sandbox.orch("task", "cancel", ids[0])
    sandbox.orch("task", "kill", ids[1])
    for id in ids:
        folder = f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/1-work"
        sandbox.wait_for(lambda folder=folder: os.path.exists(f"{folder}/exit.json"))  # type: ignore[misc]
        assert json.loads(sandbox.read(f"{folder}/exit.json"))["reason"] == "cancelled"
    end = life.rest(sandbox)
    assert [end[id]["status"] for id in ids] == ["done", "needs_review"]
    assert end[ids[0]]["resolution"] == "cancelled"


def speaks(sandbox: Sandbox, id: str) -> None:
    """Wait until the agent of the first attempt has said `here`."""
    path = f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/1-work/stdout"
    sandbox.wait_for(lambda: os.path.exists(path) and "here" in sandbox.read(path))


def shepherd(sandbox: Sandbox, id: str, attempt: str = "1-work") -> int:
    path = f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/{attempt}/proc.json"
    sandbox.wait_for(lambda: os.path.exists(path))
    return int(json.loads(sandbox.read(path))["pid"])


def test_a_killed_shepherd_is_found_lost_and_its_agent_ended(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Hang once", "on 1: say here\non 1: hang\n" + WORK)
    sandbox.orch("tick")
    speaks(sandbox, id)
    os.kill(shepherd(sandbox, id), signal.SIGKILL)
    sandbox.wait_for(lambda: '"lost"' in sandbox.orch("tick").out + json.dumps(life.task(sandbox, id)))
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"], end["failures"][0]["kind"]) == ("done", 2, "lost")


def test_a_slot_is_never_lost(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=1)
    first = life.add(sandbox, "Hang", "say here\nhang\n")
    sandbox.orch("tick")
    pid = shepherd(sandbox, first)
    sandbox.orch("task", "cancel", first)
    os.kill(pid, signal.SIGKILL)
    second = life.add(sandbox, "Work", WORK)
    assert life.rest(sandbox)[second]["status"] == "done"


def test_max_parallel_counts_over_all_projects(sandbox: Sandbox) -> None:
    life.project(sandbox, "one", engine__max_parallel=2)
    life.project(sandbox, "two", engine__max_parallel=2)
    for number in range(3):
        life.add(sandbox, f"a {number}", "hang\n", "--project", "local/one")
        life.add(sandbox, f"b {number}", "hang\n", "--project", "local/two", "--priority", "5")
    sandbox.orch("tick")
    sandbox.orch("tick")
    running = [each for each in life.tasks(sandbox).values() if each["status"] == "in_progress"]
    assert [each["project"] for each in running] == ["local/two", "local/two"]  # the more urgent first
    slots = {json.loads(sandbox.read(f"orch/.orch/slots/{number}.json"))["folder"] for number in range(2)}
    assert len(slots) == 2
    for each in running:
        sandbox.orch("task", "kill", each["id"])


def test_protected_paths_wait_for_a_person(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "CI", "write .github/workflows/ci.yml on: push\ncommit ci\ndone\n")
    end = life.rest(sandbox)[id]
    assert end["status"] == "needs_review" and ".github/workflows/ci.yml" in end["why"]
    assert set(life.branches(sandbox)) == {"main"}
    sandbox.orch("publish", id, check=77)
    sandbox.orch("publish", "--accept", id)
    assert life.rest(sandbox)[id]["status"] == "done"
    assert end["branch"] in life.branches(sandbox)


def test_the_wall_clock_ends_an_agent(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__max_attempts=1)
    id = life.add(sandbox, "Slow", "hang\n", "--timeout", "1s")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["failures"][0]["kind"]) == ("needs_review", "timeout")


def test_the_pipeline_reaches_the_same_state_as_the_tick(sandbox: Sandbox) -> None:
    life.project(sandbox, "one")
    life.project(sandbox, "two")
    for name in ("one", "two"):
        life.add(sandbox, "Work", WORK, "--project", f"local/{name}")
        life.add(sandbox, "Ask", "help how?\n", "--project", f"local/{name}")
    listed = sandbox.orch("task", "list", "--json", "--status", "new", "--project", "local/one").out
    routed = sandbox.orch("route", "-", input=listed).out
    sandbox.orch("run", "-", input=routed)
    sandbox.wait_for(lambda: all(t["status"] in life.RESTING for t in life.tasks(sandbox).values() if t["project"] == "local/one"))
    life.rest(sandbox)
    same = ("status", "resolution", "title", "agent", "attempts", "attempt", "settled", "why", "summary", "route", "complexity")
    states = {
        name: [{key: str(t.get(key)).replace(str(t.get("published"))[:10], "SHA").replace(t["id"], "ID") for key in same}
               for t in life.tasks(sandbox).values() if t["project"] == f"local/{name}"]
        for name in ("one", "two")
    }
    assert states["one"] == states["two"]


def test_a_quiet_tick_says_nothing_and_writes_nothing(sandbox: Sandbox) -> None:
    life.project(sandbox)
    life.add(sandbox, "Ask", "help how?\n")
    life.rest(sandbox)
    sandbox.orch("tick")
    before = life.fingerprint(sandbox.orch_home)
    run = sandbox.orch("tick")
    assert (run.out, run.err) == ("", "")
    assert life.fingerprint(sandbox.orch_home) == before


@pytest.mark.skipif(not os.path.exists("/usr/bin/tmux") and not os.path.exists("/opt/homebrew/bin/tmux"), reason="tmux is not installed")
def test_killing_the_tmux_server_costs_nothing(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__executor="tmux")
    gate = f"{sandbox.root}/gate"
    id = life.add(sandbox, "Wait", f"say here\nrun while [ ! -e {gate} ]; do sleep 0.05; done\n" + WORK)
    sandbox.orch("tick")
    speaks(sandbox, id)
    sandbox.command(["tmux", "-S", f"{sandbox.orch_home}/.orch/tmux.sock", "kill-server"])
    sandbox.write(gate, "")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"]) == ("done", 1)


def test_serve_ends_by_term_and_leaves_agents_running(sandbox: Sandbox) -> None:
    import subprocess

    life.project(sandbox)
    gate = f"{sandbox.root}/gate"
    server = subprocess.Popen([ORCH, "serve"], env=sandbox.env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    sandbox.wait_for(lambda: os.path.exists(f"{sandbox.orch_home}/.orch/wake"))
    id = life.add(sandbox, "Wait", f"say here\nrun while [ ! -e {gate} ]; do sleep 0.05; done\n" + WORK)
    sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == "in_progress")
    pid = shepherd(sandbox, id)
    assert sandbox.orch("serve", check=75).err
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    os.kill(pid, 0)
    sandbox.write(gate, "")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"]) == ("done", 1)
