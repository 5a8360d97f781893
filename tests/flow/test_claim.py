"""Liveness of attempts and slots: what the kernel's locks say, in every state that a crash can leave."""
from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from orch.flow import claim, launch, recover
from orch.host import files, kin, lock
from tests.sandbox import Sandbox


def folder(sandbox: Sandbox, name: str = "1-work") -> str:
    path = os.path.join(sandbox.root, "attempts", name)
    files.make_dir(path)
    return path


def test_states(sandbox: Sandbox) -> None:
    path = folder(sandbox)
    assert claim.state(path) == "lost"
    starter = lock.take(os.path.join(path, "starter"))
    assert starter is not None and claim.state(path) == "running"
    held = lock.take(os.path.join(path, "lock"))
    os.close(starter)
    assert held is not None and claim.state(path) == "running"
    files.replace_json(os.path.join(path, "exit.json"), {"v": 1})
    assert claim.state(path) == "running"  # the record is written, the shepherd still lives
    os.close(held)
    assert claim.state(path) == "ended"


def test_a_child_keeps_the_starter_lock_alive(sandbox: Sandbox) -> None:
    path = folder(sandbox)
    starter = lock.take(os.path.join(path, "starter"), inherit=True)
    assert starter is not None
    child = subprocess.Popen(["sleep", "60"], pass_fds=(starter,))
    os.close(starter)
    assert claim.state(path) == "running"
    child.kill()
    child.wait()
    assert claim.state(path) == "lost"


def test_a_slot_frees_itself(sandbox: Sandbox) -> None:
    world = sandbox.world()
    one, two = folder(sandbox, "1-work"), folder(sandbox, "2-work")
    making = os.path.join(sandbox.root, "attempts", ".new-x")
    assert claim.reserve(world, 1, making, one) == 0
    assert claim.reserve(world, 1, making, two) is None
    assert claim.free(world, 1) == 0 and claim.free(world, 2) == 1
    files.replace_json(os.path.join(one, "exit.json"), {"v": 1})
    assert claim.free(world, 1) == 1
    assert claim.reserve(world, 1, making, two) == 0


def test_a_slot_of_an_attempt_that_is_being_made_is_taken(sandbox: Sandbox) -> None:
    world = sandbox.world()
    making = folder(sandbox, ".new-x")
    starter = lock.take(os.path.join(making, "starter"))
    assert starter is not None
    assert claim.reserve(world, 1, making, os.path.join(sandbox.root, "attempts", "1-work")) == 0
    assert claim.free(world, 1) == 0
    os.close(starter)  # its maker died
    assert claim.free(world, 1) == 1


def test_who_loses_the_race_for_a_name_keeps_no_slot(sandbox: Sandbox) -> None:
    world = sandbox.world()
    first, second = folder(sandbox, ".new-1"), folder(sandbox, ".new-2")
    held = [lock.take(os.path.join(each, "starter")) for each in (first, second)]
    name = os.path.join(sandbox.root, "attempts", "1-work")
    assert [claim.reserve(world, 2, each, name) for each in (first, second)] == [0, 1]
    os.rename(first, name)
    assert claim.free(world, 2) == 0, "the second does not know yet that it has lost"
    for fd in held:
        os.close(fd or -1)
    assert claim.free(world, 2) == 1 and list(claim.taken(world)) == [name]


def test_one_who_begins_is_not_swept_away(sandbox: Sandbox) -> None:
    """Between making the lock file and locking it, it looks like something that a crash has left."""
    attempts, stop = os.path.join(sandbox.root, "attempts"), threading.Event()

    def sweeps() -> None:
        while not stop.is_set():
            launch.sweep(attempts)

    sweeper = threading.Thread(target=sweeps)
    sweeper.start()
    try:
        for number in range(200):
            path = os.path.join(attempts, f".new-{number}")
            held = launch.begin(path)
            assert os.path.exists(path) and os.stat(path + "/starter").st_ino == os.fstat(held).st_ino
            os.rename(path, os.path.join(attempts, f"{number}-work"))
            os.close(held)
    finally:
        stop.set()
        sweeper.join()
    files.replace_text(os.path.join(attempts, ".new-left", "starter"), "")
    os.mkdir(os.path.join(attempts, ".new-empty"))
    launch.sweep(attempts)
    assert sorted(os.listdir(attempts)) == sorted(f"{number}-work" for number in range(200))


def test_many_reserve_at_once_and_nobody_twice(sandbox: Sandbox) -> None:
    code = ("import os, sys, json\nfrom orch.flow import claim\nfrom orch.host import world, files\n"
            "w = world.build(dict(os.environ), '/')\nfor n in range(6):\n"
            "    name = f'{sys.argv[1]}/{sys.argv[2]}-{n}'\n    files.make_dir(name)\n"
            "    print(json.dumps(claim.reserve(w, 12, name, name)))\n")
    root = os.path.join(sandbox.root, "attempts")
    env = {**sandbox.env, "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))}
    many = [subprocess.Popen([sys.executable, "-c", code, root, str(each)], stdout=subprocess.PIPE, env=env) for each in range(4)]
    got = [json.loads(line) for each in many for line in each.communicate()[0].splitlines()]
    numbers = [number for number in got if number is not None]
    assert sorted(numbers) == list(range(12)) and len(got) == 24


def test_a_lost_attempt_is_buried_once_and_its_orphans_are_ended(sandbox: Sandbox) -> None:
    world, path = sandbox.world(), folder(sandbox)
    files.replace_json(os.path.join(path, "spec.json"), {"v": 1, "token": "feedfacefeedface"})
    orphan = subprocess.Popen(["sleep", "300"], env={**sandbox.env, "ORCH_ATTEMPT": "feedfacefeedface"}, start_new_session=True)
    assert recover.lost(world, path)
    assert orphan.wait(10) != 0
    assert files.read_json(os.path.join(path, "exit.json"))["reason"] == "lost"
    assert claim.state(path) == "ended"


@pytest.mark.skipif(not kin.LINUX, reason="only Linux tells where a process works")
def test_a_daemon_that_has_shed_all_is_found_by_where_it_works_and_a_person_is_not(sandbox: Sandbox) -> None:
    world, path, place = sandbox.world(), folder(sandbox), os.path.join(sandbox.root, "checkout", "inner")
    os.makedirs(place)
    made: list[subprocess.Popen[bytes]] = []

    def works(cwd: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
        made.append(subprocess.Popen(words or ["/bin/sleep", "300"], cwd=cwd, env=env, start_new_session=True))
        return made[-1]

    before = works(place)
    begin = kin.identity(before.pid)
    assert begin
    sandbox.wait_for(lambda: (now := kin.identity(works("/", "/bin/sleep", "300").pid)) and now[0] != begin[0])  # the clock ticks
    start, boot = kin.identity(made[-1].pid) or ("", "")
    files.replace_json(os.path.join(path, "spec.json"), {"v": 1, "token": "feedfacefeedface", "checkout": os.path.dirname(place)})
    files.replace_json(os.path.join(path, "proc.json"), {"v": 1, "pid": made[-1].pid, "start": start, "boot": boot})
    strays = [works(place), works(place, TERM="dumb", PATH="/bin"), works(os.path.dirname(place))]
    shell, master = pty.fork()
    if shell == 0:
        os.chdir(place)
        os.execve("/bin/sleep", ["sleep", "300"], {})
    parent = works("/", "/bin/sh", "-c", f"cd {place}; /bin/sleep 300 & cd /; wait")
    child = sandbox.wait_for(lambda: [pid for pid, each in kin.everybody().items() if each.parent == parent.pid])
    people = [before, works(place, TERM="xterm"), works(place, DISPLAY=":0"), works(place, XDG_RUNTIME_DIR="/run"),
              works(sandbox.root), parent]
    try:
        sandbox.wait_for(lambda: all(os.readlink(f"/proc/{each}/exe").endswith("sleep") for each in (shell, *child)))
        shutil.rmtree(place)  # what worked there is found all the same
        assert recover.lost(world, path)
        assert [each.wait(10) for each in strays] == [-signal.SIGTERM] * 3
        assert [each.poll() for each in people] == [None] * len(people)
        assert {shell, *child} <= kin.everybody().keys()
        assert files.read_json(os.path.join(path, "exit.json"))["reason"] == "lost"
    finally:
        for pid in (shell, *child):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(shell, 0)
        os.close(master)
        for each in made:
            each.kill()
            each.wait()


def test_a_running_attempt_is_never_buried(sandbox: Sandbox) -> None:
    path = folder(sandbox)
    held = lock.take(os.path.join(path, "lock"))
    assert held is not None
    assert not recover.lost(sandbox.world(), path)
    assert not os.path.exists(os.path.join(path, "exit.json"))


def test_what_cannot_be_looked_at_is_unknown(sandbox: Sandbox) -> None:
    path = folder(sandbox)
    os.mkdir(os.path.join(path, "lock"))  # cannot be opened for writing, whoever we are
    assert claim.state(path) == "unknown"
