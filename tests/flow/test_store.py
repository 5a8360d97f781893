"""The local store: ids, records, histories, the archive, and what a crash or a broken file does to them."""
from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from orch.core import task as life
from orch.core.task import Change
from orch.errors import BadData, Exists, NotAllowed, NotFound
from orch.host import files
from orch.host.world import World, build
from orch.records import Task
from orch.stores import directory, ids, local, mend
from tests import board
from tests.board import SLUG
from tests.sandbox import CHECKOUT, Sandbox


def make(env: dict[str, str], slug: str, count: int) -> list[str]:
    world = build(env, "/")
    return [local.create(world, slug, [{"title": f"{os.getpid()} {number}"}])[0]["id"] for number in range(count)]


def test_eight_processes_make_tasks_at_once(sandbox: Sandbox) -> None:
    """Two projects share one counter; every id is given once, in every project together."""
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        given = pool.starmap(make, [(sandbox.env, f"o/r{number % 2}", 12) for number in range(8)])
    flat = [id for some in given for id in some]
    assert sorted(flat, key=lambda id: int(id[4:])) == [f"int-{number}" for number in range(1, 97)]
    world = sandbox.world()
    found = [local.list_open(world, f"o/r{number}") for number in range(2)]
    assert sorted(id for tasks, _ in found for id in board.ids(tasks)) == sorted(flat)
    assert [errors for _, errors in found] == [[], []]
    lines = [line["task"] for line in files.lines(world.home.log())]
    assert sorted(lines) == sorted(flat), "one line each in orch.log, none torn"


@pytest.mark.parametrize("content", [None, "", "many\n", "-3\n", "9" * 40, "2\n", "4\n"])
def test_a_lost_or_broken_counter_is_made_anew_by_looking(sandbox: Sandbox, content: str | None) -> None:
    world = board.project(sandbox)
    local.create(world, SLUG, [{"title": "x"}] * 3)
    done = local.create(world, "other/one", [{"title": "x"}])[0]
    board.moved(world, done, "done")
    local.archive(world, "other/one", done["id"])
    os.makedirs(world.home.state("o/r", "tasks", ".new-int-7"))
    if content is None:
        os.unlink(world.home.state("next"))
    else:
        files.replace_text(world.home.state("next"), content)
    assert ids.reserve(world, 2) == ["int-8", "int-9"]
    assert ids.reserve(world, 1) == ["int-10"]


def test_tasks_of_a_project_with_a_dot_in_front_count(sandbox: Sandbox) -> None:
    """GitHub has such repositories; a counter that is made anew must not give their numbers again."""
    world = board.project(sandbox, "octo/.github")
    assert [local.create(world, "octo/.github", [{"title": "x"}])[0]["id"] for _ in range(2)] == ["int-1", "int-2"]
    os.unlink(world.home.state("next"))
    assert sandbox.orch("task", "add", "third").out == "int-3\n"
    assert board.ids(local.list_open(world, "octo/.github")[0]) == ["int-1", "int-2", "int-3"]


def test_a_number_that_is_taken_unseen_is_passed_over(sandbox: Sandbox) -> None:
    """What is said to have been made has been made, even where the counter does not look."""
    world = sandbox.world()
    local.create(world, ".unseen/r", [{"title": "old"}] * 2)
    os.unlink(world.home.state("next"))
    made = local.create(world, ".unseen/r", [{"title": "new"}, {"title": "newer"}])
    assert [(task["title"], task["id"]) for task in made] == [("new", "int-3"), ("newer", "int-4")]
    assert board.ids(local.list_open(world, ".unseen/r")[0]) == ["int-1", "int-2", "int-3", "int-4"]


def test_a_record_and_its_history(sandbox: Sandbox) -> None:
    world = board.project(sandbox, ORCH_TEST_NOW="2026-11-20T23:00:00Z")
    task = local.create(world, SLUG, [{"title": "日本 😀", "body": "x" * 2_000_000, "labels": ["a"]}])[0]
    after = local.change(world, SLUG, "int-1", lambda old: Change({"priority": 5, "mine": {"deep": [1]}}, "set", "higher"))
    assert after == {**task, "priority": 5, "mine": {"deep": [1]}, "seq": 2}
    assert local.get(world, SLUG, "int-1") == after
    assert [(event["seq"], event["event"], event["text"]) for event in local.events(world, SLUG, "int-1")] == [
        (1, "created", "created by local"), (2, "set", "higher"),
    ]
    assert local.change(world, SLUG, "int-1", lambda old: None) == after


def test_a_refused_change_leaves_no_trace(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    before = board_bytes(world)
    with pytest.raises(NotAllowed, match="new to in_progress"):
        local.change(world, SLUG, "int-1", lambda task: Change({"status": "in_progress"}, "status"))
    assert board_bytes(world) == before


def board_bytes(world: World) -> dict[str, bytes]:
    folder = world.home.task(SLUG, "int-1")
    return {name: files.read_bytes(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}


def test_what_is_asked_for_in_vain(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for call in (local.get, local.events, local.where, local.archive):
        with pytest.raises(NotFound, match="no task int-1 in o/r"):
            call(world, SLUG, "int-1")
    assert local.find(world, SLUG, "int-1") is None
    for bad in ("../../x", "int-01", "", "int-1/attempts", "a"):
        with pytest.raises(BadData):
            local.get(world, SLUG, bad)
    assert local.create(world, SLUG, []) == []


def test_the_archive_and_back(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    with pytest.raises(NotAllowed, match="only a done task"):
        local.archive(world, SLUG, "int-1")
    board.moved(world, task, "done")
    local.archive(world, SLUG, "int-1")
    local.archive(world, SLUG, "int-1")
    assert local.is_archived(world, SLUG, "int-1") and local.list_open(world, SLUG) == ([], [])
    assert board.ids(local.list_open(world, SLUG, archived=True)[0]) == ["int-1"]
    assert local.change(world, SLUG, "int-1", lambda old: Change({"labels": ["late"]}))["labels"] == ["late"]
    assert local.is_archived(world, SLUG, "int-1"), "a change that leaves it done leaves it where it is"
    assert board.reset(world, task)["status"] == "new"
    assert not local.is_archived(world, SLUG, "int-1") and board.ids(local.list_open(world, SLUG)[0]) == ["int-1"]
    assert [event["seq"] for event in local.events(world, SLUG, "int-1")] == [1, 2, 3, 4]


def test_an_archive_that_has_the_name_already_is_left_alone(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.moved(world, board.made(world), "done")
    files.replace_text(os.path.join(world.home.archive(SLUG), "int-1", "precious"), "x")
    with pytest.raises(Exists):
        local.archive(world, SLUG, "int-1")
    assert local.get(world, SLUG, "int-1")["status"] == "done"


def test_a_key_makes_one_task_until_it_is_archived(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    first, again, other = local.create(world, SLUG, [{"title": "a", "key": "k"}, {"title": "b", "key": "k"}, {"title": "c"}])
    assert (first["id"], again["id"], other["id"]) == ("int-1", "int-1", "int-2")
    board.moved(world, first, "done")
    assert local.create(world, SLUG, [{"title": "a", "key": "k"}])[0]["id"] == "int-1"
    local.archive(world, SLUG, "int-1")
    assert local.create(world, SLUG, [{"title": "a", "key": "k"}])[0]["id"] != "int-1"


# A process that dies inside a change, after the event and before the record: Python's audit hook tells it when it is about to open the
# temporary file of the record.
KILL = """
import os, signal, sys
sys.path[:0] = [{root!r}]
from orch.core.task import Change
from orch.host import world
from orch.stores import local
here = world.build(dict(os.environ), "/")
def hook(event, args):
    if event == "open" and "task.json" in str(args[0]) and args[2] & os.O_WRONLY:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
local.change(here, "o/r", "int-1", lambda task: Change({{"status": "routed", "agent": "codex"}}, "status", "killed"))
"""


def test_killed_between_the_event_and_the_record(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    done = subprocess.run([sys.executable, "-c", KILL.format(root=CHECKOUT)], env=sandbox.env, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(files.read_bytes(events_file(world)).splitlines()) == 2, "the event was written"
    assert local.get(world, SLUG, "int-1") == task, "and is not true"
    assert [event["seq"] for event in local.events(world, SLUG, "int-1")] == [1]
    after = local.change(world, SLUG, "int-1", lambda old: Change({"priority": 1}, "set", "after the crash"))
    assert after["seq"] == 2 and after["status"] == "new"
    history = local.events(world, SLUG, "int-1")
    assert [(event["seq"], event["text"]) for event in history] == [(1, "created by local"), (2, "after the crash")]
    assert life.fold(history) == after


def events_file(world: World) -> str:
    return os.path.join(world.home.task(SLUG, "int-1"), "events.jsonl")


def test_a_torn_line_spoils_no_other(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    with open(events_file(world), "ab") as file:
        file.write(b'{"v": 1, "seq": 2, "ev')
    local.change(world, SLUG, "int-1", lambda old: Change({"priority": 1}, "set", "next"))
    assert [event["text"] for event in local.events(world, SLUG, "int-1")] == ["created by local", "next"]


def test_a_record_that_does_not_parse_comes_back_from_its_history(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    good, bad = board.made(world, "good"), board.made(world, "bad", body="precious")
    bad = local.change(world, SLUG, bad["id"], lambda old: Change({"status": "routed", "agent": "codex"}, "status", "routed"))
    with open(world.home.record(SLUG, "int-2"), "w") as file:
        file.write('{"v": 1, "id"')
    tasks, errors = local.list_open(world, SLUG)
    assert tasks == [good] and [error.code for error in errors] == [65] and "int-2" in errors[0].message
    with pytest.raises(BadData):
        local.get(world, SLUG, "int-2")
    assert len(mend.records(world, SLUG)) == 1
    assert local.list_open(world, SLUG) == ([good, bad], [])
    assert [name for name in os.listdir(world.home.task(SLUG, "int-2")) if name.startswith("task.json.bad-")], "the broken file is kept"
    assert mend.records(world, SLUG) == []
    assert [line["event"] for line in files.lines(world.home.log())][-1] == "mended"


@pytest.mark.parametrize("broken", [b"", b"\xff", b"[]", b"null", b'{"v": 1, "id": "int-9", "status": "new"}', b"[" * 200_000])
def test_whatever_is_in_a_record(sandbox: Sandbox, broken: bytes) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    files.replace(world.home.record(SLUG, "int-1"), broken)
    assert local.list_open(world, SLUG)[0] == []
    mend.records(world, SLUG)
    assert local.list_open(world, SLUG) == ([task], [])


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_in_the_place_of_a_record(sandbox: Sandbox, make: Callable[[str], None]) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    os.unlink(world.home.record(SLUG, "int-1"))
    make(world.home.record(SLUG, "int-1"))
    with pytest.raises(BadData, match=f"{SLUG}#int-1: "):
        local.get(world, SLUG, "int-1")
    mend.records(world, SLUG)
    assert local.list_open(world, SLUG) == ([task], [])


def test_a_record_that_is_gone_and_one_without_any_history(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    first, second = board.made(world), board.made(world)
    os.unlink(world.home.record(SLUG, first["id"]))
    os.unlink(world.home.record(SLUG, second["id"]))
    os.unlink(os.path.join(world.home.task(SLUG, second["id"]), "events.jsonl"))
    assert len(local.list_open(world, SLUG)[1]) == 2
    said = mend.records(world, SLUG)
    assert len(said) == 2 and "set aside" in said[1].message
    assert local.list_open(world, SLUG) == ([first], [])
    assert [name for name in os.listdir(world.home.tasks(SLUG)) if name.startswith("int-2.bad-")]


def test_a_record_of_a_newer_orch_is_left_alone(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    newer = {**task, "v": 2, "status": "dreaming"}
    files.replace_json(world.home.record(SLUG, "int-1"), newer)
    with pytest.raises(BadData, match="written by a newer orch"):
        local.get(world, SLUG, "int-1")
    assert [error.hint for error in mend.records(world, SLUG)] == [directory.NEWER]
    assert files.read_json(world.home.record(SLUG, "int-1")) == newer


def test_what_was_never_finished_is_swept_and_what_is_no_task_is_passed_over(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.made(world)
    files.replace_text(os.path.join(world.home.tasks(SLUG), directory.NEW + "int-9", "events.jsonl"), "{}")
    files.replace_text(os.path.join(world.home.tasks(SLUG), "notes", "mine.txt"), "x")
    files.replace_text(os.path.join(world.home.tasks(SLUG), "README"), "x")
    link = directory.NEW + "int-8"
    os.symlink(os.path.dirname(sandbox.write("theirs/Cargo.lock", "theirs\n")), os.path.join(world.home.tasks(SLUG), link))
    assert local.list_open(world, SLUG) == ([task], [])
    mend.sweep(world, SLUG)
    assert sorted(os.listdir(world.home.tasks(SLUG))) == [link, "README", "int-1", "notes"]
    assert sandbox.read("theirs/Cargo.lock") == "theirs\n"


def test_a_full_disk_changes_nothing(sandbox: Sandbox) -> None:
    """A limit on the size of files is the nearest thing to a full disk that every system has."""
    world = board.project(sandbox)
    task = board.made(world)
    big = sandbox.write("big", "x" * 1_000_000)
    orch = f"{sys.executable} -B {CHECKOUT}/orch/__main__.py"  # -B: Python itself would leave half a .pyc in the checkout
    add, change = f"task add new --project {SLUG} --body @{big}", f"task set int-1 title=changed body=$(head -c 90000 {big})"
    run = sandbox.command(["sh", "-c", f"ulimit -f 8; {orch} {add}; a=$?; {orch} {change}; echo $a $?"])
    assert run.out.split() == ["74", "74"], run
    assert local.list_open(world, SLUG) == ([task], [])
    assert [event["seq"] for event in local.events(world, SLUG, "int-1")] == [1]
    assert local.change(world, SLUG, "int-1", lambda old: Change({"priority": 1}))["seq"] == 2
    assert [event["seq"] for event in local.events(world, SLUG, "int-1")] == [1, 2]
    assert board.made(world)["id"] != "int-1"


def test_old_records_load(sandbox: Sandbox) -> None:
    """A record of the first format with as little as it may have, and with what this orch does not know."""
    world = board.project(sandbox)
    old = {"v": 1, "seq": 3, "id": "int-5", "project": SLUG, "title": "old", "status": "new", "created_at": "x", "future": {"a": 1}}
    files.replace_text(world.home.record(SLUG, "int-5"), json.dumps(old))
    assert local.list_open(world, SLUG) == ([old], [])
    after: Task = local.change(world, SLUG, "int-5", lambda task: Change({"priority": 1}))
    assert after["future"] == {"a": 1} and after["seq"] == 4  # type: ignore[typeddict-item]


def test_a_server_reads_a_record_again_only_when_its_file_has_changed(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    world.memory["records"] = {}
    for _ in range(3):
        board.made(world)
    before = time.time_ns()
    for id in ("int-1", "int-2", "int-3"):  # files that have not just changed
        os.utime(world.home.record(SLUG, id), ns=(before - 10**9, before - 10**9))
    first, second = (local.list_open(world, SLUG)[0] for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))
    local.change(world, SLUG, "int-2", lambda _: Change({"title": "another"}))
    third = local.list_open(world, SLUG)[0]
    assert [task["title"] for task in third] == ["a task", "another", "a task"] and third[0] is first[0]
    board.moved(world, third[2], "done", resolution="cancelled")
    local.archive(world, SLUG, "int-3")
    assert board.ids(local.list_open(world, SLUG)[0]) == ["int-1", "int-2"]
    assert "int-3" not in world.memory["records"][world.home.tasks(SLUG)]


def test_a_server_sees_every_one_of_many_quick_changes(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    world.memory["records"] = {}
    board.made(world)
    for number in range(100, 200):  # the same size, and often the same tick of the file system's clock
        local.change(world, SLUG, "int-1", lambda _, number=number: Change({"title": f"{number}"}))  # type: ignore[misc]
        assert local.list_open(world, SLUG)[0][0]["title"] == f"{number}"
