"""Each attempt once, one at a time, no more than there are slots, and none forgotten: what races, clocks and changes of mind do to that."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import threading

from orch.core import clock
from orch.flow import claim, due, limits, recover, route
from orch.flow import standing as standings
from orch.host import files, kin, lock
from orch.stores import local
from tests import board, life
from tests.sandbox import ORCH, Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"
SLUG = "local/app"


def attempt(sandbox: Sandbox, id: str, name: str = "1-work") -> str:
    return f"{sandbox.orch_home}/.orch/{SLUG}/tasks/{id}/attempts/{name}"


def begin(sandbox: Sandbox, script: str = "hang", *options: str) -> str:
    """A task whose agent is at work; it does nothing but `script`."""
    id = life.add(sandbox, "At work", f"say here\n{script}\n", *options)
    sandbox.orch("tick")
    path = attempt(sandbox, id) + "/stdout"
    sandbox.wait_for(lambda: os.path.exists(path) and "here" in sandbox.read(path))
    return id


def shepherd(sandbox: Sandbox, id: str) -> int:
    return int(json.loads(sandbox.read(attempt(sandbox, id) + "/proc.json"))["pid"])


def test_a_slot_is_taken_at_every_moment_of_a_claim(sandbox: Sandbox) -> None:
    world, root, rounds = sandbox.world(), f"{sandbox.root}/attempts", 300
    phase, seen = 0, list[int]()  # odd: the slot is taken

    def look() -> None:
        while phase < 2 * rounds:
            before, free = phase, claim.free(world, 1)
            if before % 2 and before == phase:
                seen.append(free)

    looker = threading.Thread(target=look)
    looker.start()
    for number in range(1, rounds + 1):
        making, name = f"{root}/.new-{number}", f"{root}/{number}-work"
        held = lock.take(f"{making}/starter")
        assert held is not None and claim.reserve(world, 1, making, name) == 0
        phase, looks = phase + 1, len(seen)
        os.rename(making, name)
        while len(seen) == looks:
            claim.free(world, 1)
        phase += 1
        os.close(held)
        files.replace_json(f"{name}/exit.json", {"v": 1}, durable=False)
    looker.join()
    assert set(seen) == {0}


def test_fewer_slots_than_attempts_that_run(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=3)
    ids = [life.add(sandbox, f"Hang {number}", "hang\n") for number in range(3)]
    sandbox.orch("tick")
    life.configure(sandbox, engine__max_parallel=1)
    slots = {json.loads(sandbox.read(f"orch/.orch/slots/{number}.json"))["folder"].split("/")[-3]: number for number in range(3)}
    assert sorted(slots) == ids
    first = next(id for id, number in slots.items() if number == 0)
    more = life.add(sandbox, "More", WORK)
    sandbox.orch("task", "kill", first)
    sandbox.wait_for(lambda: os.path.exists(attempt(sandbox, first) + "/exit.json"))
    sandbox.orch("tick")
    assert life.task(sandbox, more)["status"] == "routed", "two still run, and one may"
    sandbox.orch("task", "kill", *(id for id in ids if id != first))
    assert life.rest(sandbox)[more]["status"] == "done"


def test_what_is_left_of_a_lost_attempt_is_ended_before_the_next_begins(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox, "on 1: ignore-term\non 1: hang")
    token = json.loads(sandbox.read(attempt(sandbox, id) + "/spec.json"))["token"]
    pid = shepherd(sandbox, id)
    os.kill(pid, signal.SIGKILL)
    sandbox.wait_for(lambda: claim.state(attempt(sandbox, id)) == "lost")
    assert kin.holders(token)
    sandbox.orch("task", "kill", id)
    sandbox.orch("task", "retry", id)
    sandbox.orch("run", id, input=sandbox.orch("route", id).out)  # by hand: no tick has buried it
    assert not kin.holders(token)
    assert os.path.exists(attempt(sandbox, id, "2-work"))


def test_a_clock_that_jumps_ends_nobody(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox, "hang", "--timeout", "60s")
    for days in (3, -3):
        now = {"ORCH_TEST_NOW": clock.later(sandbox.world().now(), days * 86400)}
        assert sandbox.orch("tick", env=now).out == ""
        assert claim.state(attempt(sandbox, id)) == "running"
    proc = json.loads(sandbox.read(attempt(sandbox, id) + "/proc.json"))
    assert not due.overdue(attempt(sandbox, id))
    files.replace_json(attempt(sandbox, id) + "/proc.json", {**proc, "monotonic": proc["monotonic"] - 3 * 86400})
    assert recover.overdue(attempt(sandbox, id))  # but one that does not keep its own limits does not work
    sandbox.wait_for(lambda: claim.state(attempt(sandbox, id)) == "lost")


def test_a_stopped_shepherd_hears_that_it_is_to_end(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox)
    os.kill(shepherd(sandbox, id), signal.SIGSTOP)
    sandbox.orch("task", "cancel", id)
    sandbox.wait_for(lambda: os.path.exists(attempt(sandbox, id) + "/exit.json"))


def test_a_routed_task_that_gets_something_to_wait_for_waits(sandbox: Sandbox) -> None:
    life.project(sandbox)
    first, second, parent = (life.add(sandbox, title, WORK) for title in ("First", "Second", "Parent"))
    routed = sandbox.orch("route", second, parent).out
    sandbox.orch("task", "set", second, f"depends_on={first}")
    child = life.add(sandbox, "Child", WORK, "--parent", parent)
    run = sandbox.orch("run", "-", input=routed)
    assert [task["status"] for task in run.lines()] == ["blocked", "blocked"] and f"waits for {child}" in run.err
    end = life.rest(sandbox)
    assert {task["status"] for task in end.values()} == {"done"}
    assert end[first]["done_at"] < end[second]["done_at"] and end[child]["done_at"] < end[parent]["done_at"]


def test_what_was_read_long_ago_decides_nothing(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    one = board.made(world)
    two = board.made(world, depends_on=[one["id"]])
    board.moved(world, one, "done", resolution="cancelled")
    held = standings.of(world, two)
    sandbox.orch("task", "set", two["id"], "depends_on=")
    assert route.hold(world, two, held)["status"] == "new"


def test_a_cancelled_task_is_not_archived_under_its_attempt(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__archive_after=0)
    id = begin(sandbox, "ignore-term\nhang")
    sandbox.orch("task", "cancel", id)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: sandbox.orch("tick") and local.is_archived(sandbox.world(), SLUG, id))
    found = json.loads(sandbox.orch("task", "get", "--json", id).out)
    assert (found["status"], found["settled"]) == ("done", "1-work")
    assert os.listdir(f"{sandbox.orch_home}/.orch/{SLUG}/tasks") == []


def test_an_attempt_that_ends_while_somebody_looks_is_taken_in_all_the_same(sandbox: Sandbox) -> None:
    """The process that started a verification holds the settle lock for a moment more, and may see it running when it ends."""
    life.project(sandbox)
    go = f"{sandbox.root}/go"
    id = begin(sandbox, f"run while ! test -e {go}; do sleep 0.02; done\n" + WORK)
    looking = lock.take(f"{sandbox.orch_home}/.orch/{SLUG}/tasks/{id}/settle.lock")
    assert looking is not None
    sandbox.write(go, "")
    sandbox.wait_for(lambda: claim.state(attempt(sandbox, id)) == "ended" and os.path.exists(attempt(sandbox, id) + "/reap.log"))
    os.close(looking)
    sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == "done")


def test_a_strangers_file_among_the_attempts(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Work", "on 1: exit 1\n" + WORK)
    for name in ("notes.txt", "1-work.orig", "99999999999-work"):
        sandbox.write(f"{os.path.dirname(attempt(sandbox, id))}/{name}", "mine")
    assert life.rest(sandbox)[id]["status"] == "done"
    sandbox.orch("diff", id, "--attempt", "7", check=66)


def test_what_is_asked_for_while_an_agent_works_counts_from_then_on(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=[f"until [ -e {sandbox.root}/checked ]; do sleep 0.05; done"])
    id = begin(sandbox, f"on 1: run until [ -e {sandbox.root}/gate ]; do sleep 0.05; done\non 1: exit 1")
    sandbox.orch("task", "set", id, "agent=shell")
    body = "echo x > work.txt; git add -A; git commit -qm by-shell"
    sandbox.orch("sidecar", "set", id, f"body={body}")
    sandbox.write("gate", "")
    sandbox.wait_for(lambda: sandbox.orch("tick") and life.task(sandbox, id)["attempt"] == "3-verify")
    assert life.task(sandbox, id)["agent"] == "shell"
    sandbox.orch("task", "set", id, f"verify=touch {sandbox.root}/mine")  # while the old checks run
    sandbox.write("checked", "")
    end = life.rest(sandbox)[id]
    assert end["status"] == "done" and os.path.exists(f"{sandbox.root}/mine"), end


def test_a_sweep_that_takes_long_keeps_no_tick_from_its_work(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Work", WORK)
    end = life.rest(sandbox)[id]
    life.configure(sandbox, engine__retention_bytes=1)
    os.utime(sandbox.world().home.checkout(SLUG, end["branch"]), (1, 1))
    if os.path.exists(sandbox.world().home.swept(SLUG)):
        os.unlink(sandbox.world().home.swept(SLUG))
    looks = f'case "$*" in *ls-files*--others*) touch {sandbox.root}/looks; while :; do sleep 0.1; done ;; esac'
    sandbox.write("slow/git", f'#!/bin/sh\n{looks}\nPATH={sandbox.env["PATH"]} exec git "$@"\n', 0o755)
    env = {**sandbox.env, "PATH": f"{sandbox.root}/slow:{sandbox.env['PATH']}"}
    with open(os.devnull, "wb") as nothing:
        slow = subprocess.Popen([ORCH, "tick"], env=env, cwd="/", stdout=nothing, stderr=nothing)
    sandbox.wait_for(lambda: os.path.exists(f"{sandbox.root}/looks"))
    other = life.add(sandbox, "Other", WORK)
    assert life.rest(sandbox)[other]["status"] == "done"
    assert slow.poll() is None


def test_what_a_wrong_clock_noted_keeps_nobody_off(sandbox: Sandbox) -> None:
    life.project(sandbox)
    world = sandbox.world()
    ahead = {"ORCH_TEST_NOW": clock.later(world.now(), 365 * 86400)}
    held = sandbox.write(f"{sandbox.remote()}/refs/heads/task-int-1-work.lock", "")  # somebody else's git is at it
    id = life.add(sandbox, "Work", WORK)
    sandbox.wait_for(lambda: sandbox.orch("tick", env=ahead, check=False) and "not published" in life.task(sandbox, id)["why"])
    limits.note(world._replace(env={**world.env, **ahead}), "rehearsal", clock.later(world.now(), 366 * 86400), "usage_limit: enough")
    os.unlink(held)
    assert limits.current(world, ["rehearsal"]) == {}
    assert life.rest(sandbox)[id]["status"] == "done"
    limits.note(world, "rehearsal", clock.later(world.now(), 60), "usage_limit: enough")
    assert limits.current(world, ["rehearsal"])


def test_a_failure_that_was_noted_by_a_wrong_clock_does_not_wait_for_its_time(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__retry_seconds=60)
    world = sandbox.world()
    ahead = {"ORCH_TEST_NOW": clock.later(world.now(), 365 * 86400)}
    fails = life.add(sandbox, "Fails at first", "on 1: fail one\non 2: " + WORK.replace("\n", "\non 2: ").removesuffix("on 2: "))
    blocked = life.add(sandbox, "Blocked", WORK, "--depends-on", fails)
    sandbox.orch("tick", env={**ahead, "ORCH_TEST_NO_REAP": "1"})
    life.quiet(sandbox)
    sandbox.orch("tick", env=ahead)
    sandbox.orch("sidecar", "set", blocked, f"not_before={clock.later(world.now(), 366 * 86400)}", env=ahead)
    assert (life.task(sandbox, fails)["not_before"] or "") > ahead["ORCH_TEST_NOW"], life.task(sandbox, fails)
    assert "it is started with rehearsal" in sandbox.orch("why", fails).out
    assert {life.rest(sandbox)[id]["status"] for id in (fails, blocked)} == {"done"}
