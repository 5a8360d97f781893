"""The pipelines in shell/examples and the loop in shell/ do what their first lines say, as they are."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest

from orch.core.task import Change
from orch.stores import local
from tests import life
from tests.house import source
from tests.sandbox import CHECKOUT, Run, Sandbox

EXAMPLES = source.files("shell/examples/*.sh")
WORK = "write work.txt one\ncommit some work\ndone it is done\n"


def example(sandbox: Sandbox, name: str, *args: str, **env: str) -> Run:
    return sandbox.command([os.path.join(CHECKOUT, "shell", "examples", name), *args], env={**sandbox.env, "TICK": "0.05", **env})


def test_each_has_a_test() -> None:
    said = source.read("tests/house/test_examples.py")
    assert EXAMPLES
    assert not [name for name in EXAMPLES if f'"{os.path.basename(name)}"' not in said]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_short_and_says_what_it_does(name: str) -> None:
    first, second, *rest = source.read(name).splitlines()
    assert first == "#!/bin/sh"
    assert second.startswith("# ")
    assert any(line.startswith("#   ") and os.path.basename(name) in line for line in rest), "no line that shows a call"
    assert len([line for line in rest if line and not line.startswith("#")]) <= 12
    assert os.access(os.path.join(CHECKOUT, name), os.X_OK)


def test_add_from_csv(sandbox: Sandbox) -> None:
    life.project(sandbox)
    file = sandbox.write("tasks.csv", 'title,body,labels,priority\n"Port ""a"", first",do it,"one,two",3\nPort b,,,\n')
    run = example(sandbox, "add-from-csv.sh", file, "--project", "local/app")
    assert (run.code, run.out.split()) == (0, ["int-1", "int-2"]), run.err
    first = life.task(sandbox, "int-1")
    assert (first["title"], first["labels"], first["priority"]) == ('Port "a", first', ["one", "two"], 3)
    assert example(sandbox, "add-from-csv.sh", file).out.split() == ["int-1", "int-2"]
    assert len(life.tasks(sandbox)) == 2


def test_add_from_csv_as_spreadsheets_save_it(sandbox: Sandbox) -> None:
    life.project(sandbox)
    file = sandbox.write("tasks.csv", '\ufefftitle,body\r\nDüne,"one\r\ntwo"\r\n')
    run = example(sandbox, "add-from-csv.sh", file)
    assert (run.code, run.out) == (0, "int-1\n"), run.err
    assert life.task(sandbox, "int-1")["body"] == "one\r\ntwo"
    sandbox.write("tasks.csv", "title,body\nDüne,other\n")
    assert "1 was there already" in example(sandbox, "add-from-csv.sh", file).err
    assert life.task(sandbox, "int-1")["body"] == "one\r\ntwo"


def test_by_hand_then_until_done(sandbox: Sandbox) -> None:
    life.project(sandbox)
    wanted = life.add(sandbox, "This one", WORK, "--label", "small")
    other = life.add(sandbox, "Not this one", WORK)
    run = example(sandbox, "by-hand.sh", "small")
    assert (run.code, run.out) == (0, f"{wanted}\trehearsal\t1-work\n"), run.err
    assert life.task(sandbox, other)["status"] == "new"
    ended = example(sandbox, "until-done.sh", wanted, other)
    assert ended.code == 0, ended.err
    assert [line.split(":")[0] for line in ended.out.splitlines()] == [f"{wanted} done", f"{other} done"]


@pytest.fixture
def freed(sandbox: Sandbox) -> Sandbox:
    """A project in which int-1 got done since the last tick, so that int-2, which waits for it, is blocked still."""
    life.project(sandbox)
    first = life.add(sandbox, "First", WORK)
    life.add(sandbox, "Second", WORK.replace("work.txt", "more.txt"), "--depends-on", first)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, first)["status"] == "done", 60)
    life.quiet(sandbox)
    assert life.task(sandbox, "int-2")["status"] == "blocked"
    return sandbox


def test_until_done_goes_on_with_what_the_next_tick_frees(freed: Sandbox) -> None:
    ended = example(freed, "until-done.sh", "int-1", "int-2")
    assert (ended.code, [line.split(":")[0] for line in ended.out.splitlines()]) == (0, ["int-1 done", "int-2 done"]), ended.err


def test_the_loop_of_the_manual_goes_on_with_what_the_next_tick_frees(freed: Sandbox) -> None:
    text = source.read("man/orch-tick.1").split("Until everything rests")[1]
    loop = text.split(".Bd -literal -offset indent\n")[1].split(".Ed")[0]
    done = freed.command(["sh", "-c", loop.replace("sleep 5", "sleep 0.05")])
    assert done.code == 0, done.err
    assert life.task(freed, "int-2")["status"] == "done"


def test_until_done_tells_what_is_not(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Ask", "help MIT or GPL?")
    ended = example(sandbox, "until-done.sh", id)
    assert ended.code == 1
    assert ended.out == f"{id} needs_review: the agent asks for help: MIT or GPL?\n"


def test_requeue_limits(sandbox: Sandbox) -> None:
    life.project(sandbox)
    world = sandbox.world()
    why = ("auth: not logged in", "20 attempts used up; last usage_limit: resets 4pm", "verify_failed: no auth: at all")
    ids = [life.add(sandbox, text) for text in why]
    for id, text in zip(ids, why, strict=True):
        stopped = Change({"status": "needs_review"}, "status", text)
        local.change(world, "local/app", id, lambda _, stopped=stopped: stopped)  # type: ignore[misc]
    sandbox.write(world.home.limits("claude"), "{}")
    run = example(sandbox, "requeue-limits.sh")
    assert run.code == 0, run.err
    after = life.tasks(sandbox)
    assert [after[id]["status"] for id in ids] == ["new", "new", "needs_review"]
    assert not os.path.exists(world.home.limits("claude"))
    assert example(sandbox, "requeue-limits.sh").code == 0


def test_changed_tonight(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Some work", WORK)
    life.rest(sandbox)
    run = example(sandbox, "changed-tonight.sh", "1h")
    assert run.code == 0, run.err
    assert run.out.startswith(f"\n{id}  Some work\n   published as task-{id}-some-work at ")
    assert "work.txt | 1 +" in run.out
    later = life.task(sandbox, id)["done_at"]
    assert example(sandbox, "changed-tonight.sh", later).out == ""


def test_nightly(sandbox: Sandbox) -> None:
    life.project(sandbox)
    call = ("nightly.sh", "0 2 * * *", "local/app", 'Update "deps"')
    assert example(sandbox, *call).out == ""
    stamp = next(name for name in os.listdir(sandbox.orch_home) if name.startswith("nightly-"))
    path = os.path.join(sandbox.orch_home, stamp)
    sandbox.write(path, "2026-01-01T00:00:00Z\n")
    first = example(sandbox, *call)
    assert first.out == "int-1\n", first.err
    assert life.task(sandbox, "int-1")["title"] == 'Update "deps"'
    sandbox.write(path, "2026-01-01T00:00:00Z\n")  # as a crash before the last line leaves it
    assert example(sandbox, *call).out == "int-1\n"
    assert example(sandbox, "nightly.sh", "at night", "local/app", "x").code == 65


def test_race(sandbox: Sandbox) -> None:
    life.project(sandbox)
    body = sandbox.write("body", "write work.txt one\n")  # rehearsal's words; for a shell they are no command, so that one loses
    run = example(sandbox, "race.sh", "Be quick", f"@{body}", "rehearsal", "shell", ORCH_WORKFLOW_MAX_ATTEMPTS="1")
    assert run.code == 0, run.err
    assert "int-1 done" not in run.out  # it reported nothing
    assert "\nint-1 rehearsal\n work.txt | 1 +\n" in run.out
    assert "\nint-2 shell\n" in run.out


def test_backup_while_an_attempt_writes_and_what_becomes_of_it_when_it_is_put_back(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__output_bytes=0)
    stop, again = f"{sandbox.root}/stop", f"{sandbox.root}/again"
    body = f"while [ ! -e {stop} ]; do echo more; done\n[ ! -e {again} ] || echo one > work.txt\n"
    id = life.add(sandbox, "Keep me", body, "--agent", "shell")
    sandbox.orch("tick")
    to = os.path.join(sandbox.root, "orch.tgz")
    said = os.path.join(local.where(sandbox.world(), "local/app", id), "attempts", "1-work", "stdout")
    try:
        sandbox.wait_for(lambda: os.path.exists(said) and os.path.getsize(said) > 0)
        run = example(sandbox, "backup.sh", to)
    finally:
        sandbox.write("stop", "")
    assert (run.code, run.err) == (0, "")
    assert [name for name in os.listdir(sandbox.root) if name.startswith("orch.tgz")] == ["orch.tgz"]
    life.quiet(sandbox)
    shutil.rmtree(sandbox.orch_home)
    os.makedirs(sandbox.orch_home)
    subprocess.run(["tar", "-xzf", to, "-C", sandbox.orch_home], check=True)
    sandbox.write("again", "")
    task = life.rest(sandbox)[id]
    assert (task["status"], task["attempts"]) == ("done", 2), task
    assert task["failures"][0]["kind"] == "lost", task


def test_backup_says_what_kept_it_from_copying(sandbox: Sandbox) -> None:
    life.project(sandbox)
    to = os.path.join(sandbox.root, "none", "orch.tgz")
    run = example(sandbox, "backup.sh", to)
    assert run.code != 0
    assert "none/orch.tgz" in run.err


@pytest.mark.parametrize("old", [False, True])
def test_the_home_is_the_one_that_orch_uses(sandbox: Sandbox, old: bool) -> None:
    """With only ~/.orchestrator there, that; and none is made by looking for it: a new ~/.orch would hide the old place."""
    del sandbox.env["ORCH_HOME"]
    to, kept = os.path.join(sandbox.root, "orch.tgz"), os.path.join(sandbox.home, ".orchestrator")
    if old:
        os.rename(sandbox.orch_home, kept)
        sandbox.write(os.path.join(kept, "config.yml"), "{}")
        limit = sandbox.write(os.path.join(kept, ".orch", "limits", "claude.json"), "{}")
    run = example(sandbox, "backup.sh", to)
    assert run.code == (0 if old else 66), run.err
    assert os.path.exists(to) is old
    if old:
        assert "./config.yml" in subprocess.run(["tar", "-tzf", to], capture_output=True, text=True, check=True).stdout.split()
        assert example(sandbox, "requeue-limits.sh").code == 0
        assert not os.path.exists(limit)
        example(sandbox, "nightly.sh", "0 2 * * *", "local/app", "x")
        assert [name for name in os.listdir(kept) if name.startswith("nightly-")]
    assert not os.path.exists(os.path.join(sandbox.home, ".orch"))


def test_tick_loop_ends_when_it_is_asked(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Some work", WORK)
    loop = subprocess.Popen([os.path.join(CHECKOUT, "shell", "tick-loop.sh"), "0.05"], env=sandbox.env, cwd="/", stdout=subprocess.DEVNULL)
    try:
        sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == "done", 60)
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(timeout=20) == 0
    finally:
        loop.kill()
        loop.wait()
