"""Making tasks: one, many, by files dropped into the inbox; what they wait for."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

import pytest

from orch.errors import BadData, NotFound, Usage
from orch.flow import add, bulk, inbox, intake, tasks
from orch.host import files
from orch.host.world import World
from orch.records import Task
from orch.stores import local
from tests import board
from tests.board import SLUG
from tests.sandbox import CHECKOUT, Sandbox


def test_a_task_waits_only_for_what_there_is(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.project(sandbox, "x/y")
    first, foreign = board.made(world), board.made(world, slug="x/y")
    assert board.made(world, depends_on=[first["id"], f"x/y#{foreign['id']}"])["depends_on"] == ["int-1", "int-2"]
    assert board.made(world, parent=f"{SLUG}#int-1")["parent"] == "int-1"
    for raw, error in (({"depends_on": "int-9"}, NotFound), ({"depends_on": "7"}, NotFound), ({"depends_on": "first"}, BadData),
                       ({"parent": "int-2"}, NotFound), ({"parent": "int-9"}, NotFound)):
        with pytest.raises(error):
            board.made(world, **raw)
    assert len(local.list_open(world, SLUG)[0]) == 3


def test_nobody_comes_to_wait_for_himself(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    board.made(world, depends_on="int-1")
    with pytest.raises(BadData, match="this task -> int-2 -> int-1 -> this task"):
        board.made(world, parent="int-1", depends_on="int-2")


def test_an_archived_task_can_be_waited_for(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.moved(world, board.made(world), "done")
    local.archive(world, SLUG, "int-1")
    assert board.made(world, depends_on="int-1")["depends_on"] == ["int-1"]


def test_find_over_projects(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.project(sandbox, "x/y")
    task = board.made(world, slug="x/y")
    assert tasks.find(world, "int-1") == tasks.find(world, "x/y#int-1") == tasks.find(world, "int-1", "x/y") == ("x/y", task)
    for slug in (SLUG, "x/y"):
        files.replace_json(world.home.record(slug, "42"), {**task, "id": "42", "project": slug})
    with pytest.raises(Usage) as caught:
        tasks.find(world, "#42")
    assert "o/r#42, x/y#42" in caught.value.hint
    assert tasks.find(world, "o/r#42")[0] == SLUG
    for text, error in (("int-5", NotFound), ("o/r#int-1", NotFound), ("../x", BadData)):
        with pytest.raises(error):
            tasks.find(world, text)


def many(world: World, *lines: Any) -> list[str]:
    return board.ids(bulk.many(world, enumerate(lines, 1), SLUG).tasks)


def test_many_lines_may_name_each_other_in_any_order(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.project(sandbox, "x/y")
    assert many(
        world, {"title": "last", "depends_on": ["b", 1], "ref": "c"}, {"title": "first", "ref": "b", "key": "k"},
        {"title": "child", "parent": "c", "labels": "x, y"}, {"title": "number", "ref": 1, "project": "x/y"},
    ) == ["int-1", "int-2", "int-3", "int-4"]
    assert local.get(world, SLUG, "int-1")["depends_on"] == ["int-2", "int-4"]
    assert local.get(world, SLUG, "int-3")["parent"] == "int-1"
    assert local.get(world, "x/y", "int-4")["title"] == "number"
    assert many(world, {"title": "again", "key": "k", "ref": "b"}, {"title": "more", "depends_on": "b"}) == ["int-2", "int-5"]
    assert local.get(world, SLUG, "int-5")["depends_on"] == ["int-2"]
    assert not files.names(intake.folder(world))


def test_all_or_nothing_and_every_bad_line_is_named(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.project(sandbox, "x/y")
    with pytest.raises(bulk.BadLines) as caught:
        many(
            world, {"title": "good", "ref": "a"}, {"titel": "x", "priority": "high"}, ["list"], BadData("not JSON"),
            {"title": "x", "depends_on": ["int-77", "nobody", "a", "bad"]}, {"title": "x", "project": "no/such"},
            {"title": "x", "ref": "a", "agent": "nobody"}, {"title": "", "ref": "bad"}, {"title": "x", "parent": "a", "project": "x/y"},
        )
    assert caught.value.message == "8 of 9 lines are bad, so nothing was added"
    assert caught.value.problems == [
        "line 2: title: is missing; titel: no such field; did you mean title?; priority: expected a whole number, got 'high'",
        "line 3: expected a JSON object",
        "line 4: not JSON",
        "line 5: depends_on: no task int-77 to wait for; depends_on: 'nobody' is neither a task nor the ref of a line",
        "line 6: project: no such project: no/such",
        caught.value.problems[5],
        "line 8: title: is empty",
        "line 9: parent: 'a' is in o/r, and a child is in the project of its parent",
    ]
    assert caught.value.problems[5].startswith("line 7: agent: ") and caught.value.problems[5].endswith("ref: 'a' is that of line 1 too")
    assert local.list_open(world, SLUG) == ([], []) and not os.path.exists(world.home.state("next"))


def test_lines_that_wait_for_each_other(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    with pytest.raises(bulk.BadLines) as caught:
        many(world, {"title": "x"}, {"title": "a", "ref": "a", "depends_on": "b"}, {"title": "b", "ref": "b", "depends_on": "a"})
    assert caught.value.problems == ["line 2: a circle of dependencies: a -> b -> a"]


CRASH = """
import os, signal, sys
sys.path[:0] = [{root!r}]
from orch.flow import bulk
from orch.host import world
places = 0
def hook(event, args):
    global places
    if event == "os.rename" and ".new-int-" in str(args[0]):
        places += 1
        if places == 30:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
bulk.many(world.build(dict(os.environ), "/"), ((n, {{"title": f"t{{n}}"}}) for n in range(1, 101)), "o/r")
"""


def test_a_promise_that_a_crash_cut_short_is_kept(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    done = subprocess.run([sys.executable, "-c", CRASH.format(root=CHECKOUT)], env=sandbox.env, timeout=60, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(local.list_open(world, SLUG)[0]) == 29 and files.names(intake.folder(world)) == ["int-1--int-100.jsonl"]
    os.unlink(world.home.state("next"))
    assert board.made(world)["id"] == "int-101", "promised ids are in use"
    assert intake.finish(world) == (71, []) and intake.finish(world) == (0, [])
    found, errors = local.list_open(world, SLUG)
    assert [(task["id"], task["title"]) for task in found[:100]] == [(f"int-{number}", f"t{number}") for number in range(1, 101)]
    assert not errors


def test_what_has_moved_on_is_not_promised_again(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    kept = [board.made(world), board.made(world)]
    board.moved(world, kept[0], "done")
    local.archive(world, SLUG, "int-1")
    board.moved(world, kept[1], "routed")
    files.replace_text(os.path.join(intake.folder(world), "int-1--int-2.jsonl"), "".join(files.line(task) + "\n" for task in kept))
    assert intake.finish(world) == (0, []) and not files.names(intake.folder(world))
    assert local.get(world, SLUG, "int-2")["status"] == "routed"


def drop(world: World, name: str, content: str | bytes, age: float = 10) -> str:
    path = os.path.join(world.home.inbox(), name)
    files.replace(path, content.encode() if isinstance(content, str) else content)
    info = os.stat(path)
    os.utime(path, (info.st_atime - age, info.st_mtime - age))
    return path


def taken(world: World) -> list[Task]:
    made, errors = inbox.take(world)
    assert errors == []
    return made


def test_the_inbox(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    assert taken(world) == []
    drop(world, "1.md", "---\ntitle: From front matter\nlabels: [a, b]\npriority: 3\n---\n\n# A heading\n\ntext\n")
    drop(world, "2.md", "\ufeff\n# The heading\n\nbody {{ x }}\n")
    drop(world, "3.md", "Just a line\r\nand a body")
    drop(world, "4.json", json.dumps({"title": "From JSON", "depends_on": [], "timeout": "5m"}))
    drop(world, "new/1605.M1P2.host", "As a mail arrives", age=0)
    drop(world, "new/1606.json", '{"title": "J"}', age=0)
    made = taken(world)
    assert {task["source"] for task in made} == {"inbox"}
    assert [(task["title"], task["body"]) for task in made] == [
        ("From front matter", "# A heading\n\ntext"), ("The heading", "body {{ x }}"), ("Just a line", "and a body"),
        ("From JSON", ""), ("As a mail arrives", ""), ("J", ""),
    ]
    assert made[0]["labels"] == ["a", "b"] and made[0]["priority"] == 3 and made[3]["options"] == {"timeout": 300}
    assert files.names(world.home.inbox()) == ["new"] and taken(world) == []


def test_a_file_that_is_still_written_is_left_and_so_is_what_is_no_task(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    drop(world, "young.md", "half", age=0)
    drop(world, "from-the-future.md", "clock set back", age=-1000)
    drop(world, ".hidden.md", "x")
    drop(world, "notes.txt", "x")
    os.mkdir(os.path.join(world.home.inbox(), "folder.md"))
    os.mkfifo(os.path.join(world.home.inbox(), "pipe.md"))
    assert [task["title"] for task in taken(world)] == ["clock set back"]
    assert sorted(files.names(world.home.inbox())) == ["folder.md", "notes.txt", "pipe.md", "young.md"]


@pytest.mark.parametrize("content, why", [
    (b"", "title: is empty"), (b"\xff\xfe", "not UTF-8"), (b"a\0b", "NUL"), (b"x" * 501, "501 characters"),
    (b"---\n- a\n---\nx", "not a map"), (b"---\ntitle: [\n---\nx", "front matter"),
    (b"---\ntitle: x\nproject: no/such\n---\n", "no such project"), (b"---\ntitle: x\ntitel: y\n---\n", "titel"),
    (b"---\ntitle: x\ndepends_on: int-9\n---\n", "no task int-9"), (b"---\ntitle: x\nbody: y\n---\n", "below the front matter"),
])
def test_a_bad_file_is_kept_with_the_reason(sandbox: Sandbox, content: bytes, why: str) -> None:
    world = board.project(sandbox)
    for _ in range(2):
        drop(world, "a.md", content)
        assert taken(world) == []
    bad = os.path.join(world.home.inbox(), "bad")
    assert sorted(files.names(bad)) == ["2-a.md", "2-a.md.why", "a.md", "a.md.why"]
    assert files.read_bytes(os.path.join(bad, "a.md")) == content
    assert why in files.read_text(os.path.join(bad, "a.md.why"))
    assert [line["event"] for line in files.lines(world.home.log())] == ["inbox", "inbox"]


def test_names_of_any_bytes(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    drop(world, "line\nbreak \udcff.md", "good")
    drop(world, "\udcff.json", "{")
    assert [task["title"] for task in taken(world)] == ["good"]
    assert files.read_text(os.path.join(world.home.inbox(), "bad", "\udcff.json.why")).startswith("not JSON")


DROPPED = """
import os, signal, sys
sys.path[:0] = [{root!r}]
from orch.flow import inbox
from orch.host import world
def hook(event, args):
    if event == "os.remove" and str(args[0]).endswith("a.md"):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
inbox.take(world.build(dict(os.environ), "/"))
"""


def test_a_crash_between_the_task_and_the_removal_makes_no_second_task(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    drop(world, "a.md", "once")
    done = subprocess.run([sys.executable, "-c", DROPPED.format(root=CHECKOUT)], env=sandbox.env, timeout=60, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert board.ids(local.list_open(world, SLUG)[0]) == ["int-1"] and files.names(world.home.inbox()) == ["a.md"]
    assert board.ids(taken(world)) == ["int-1"]
    assert board.ids(local.list_open(world, SLUG)[0]) == ["int-1"] and files.names(world.home.inbox()) == []


def test_each_link_to_one_file_is_a_drop(sandbox: Sandbox) -> None:
    """`ln nightly.md inbox/` each night: the file, its times of content and the name are the same."""
    world = board.project(sandbox)
    path = sandbox.write("nightly.md", "Every night")
    os.utime(path, (1, 1))
    for number in range(1, 4):
        os.makedirs(world.home.inbox(), exist_ok=True)
        before = os.stat(path).st_ctime_ns
        os.link(path, os.path.join(world.home.inbox(), "n.md"))
        while os.stat(path).st_ctime_ns == before:  # clocks of file systems tick in milliseconds
            os.chmod(path, 0o644)
        assert board.ids(taken(world)) == [f"int-{number}"]


def test_no_file_stops_another(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    root, long = world.home.inbox(), "x" * 252 + ".md"
    drop(world, "0-deep.json", "[" * 100_000)
    os.rename(drop(world, "long.md", ""), os.path.join(root, long))
    drop(world, "2-good.md", "good")
    os.symlink("1-loop.md", os.path.join(root, "1-loop.md"))
    os.symlink("nowhere", os.path.join(root, "1-nowhere.md"))
    assert [task["title"] for task in taken(world)] == ["good"]
    bad = sorted(files.names(os.path.join(root, "bad")))
    assert bad == ["0-deep.json", "0-deep.json.why", "1-loop.md", "1-loop.md.why", long[-200:], long[-200:] + ".why"]
    assert sorted(files.names(root)) == ["1-nowhere.md", "bad"]


def test_a_bad_configuration_is_not_the_files_fault_and_not_that_of_other_projects(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.project(sandbox, "other/one")
    sandbox.write(world.home.project_config(SLUG), "workflow: [")
    drop(world, "a.md", f"---\ntitle: x\nagent: shell\nproject: {SLUG}\n---\n")
    drop(world, "b.md", "---\ntitle: y\nagent: shell\nproject: other/one\n---\n")
    made, errors = inbox.take(world)
    assert [task["project"] for task in made] == ["other/one"] and [error.code for error in errors] == [78]
    assert files.names(world.home.inbox()) == ["a.md"]


@pytest.mark.parametrize("line, why", [
    ('{"id": "int-5"}', "not a project name"), ('{"id": "int-5", "project": "o/r"}', "no version"), ("{", "not JSON"), ("[]", "not a JSON"),
    ('{"id": "../5", "project": "o/r"}', "not a task"), ("[" * 100_000, "not JSON"),
])
def test_a_foreign_promise_is_told_and_stops_no_other(sandbox: Sandbox, line: str, why: str) -> None:
    world = board.project(sandbox)
    good = board.made(world)
    shutil.move(world.home.task(SLUG, "int-1"), sandbox.root)
    files.replace_text(os.path.join(intake.folder(world), "int-0--int-0.jsonl"), line + "\n")
    files.replace_text(os.path.join(intake.folder(world), "int-1--int-1.jsonl"), files.line(good) + "\n")
    missing, errors = intake.finish(world)
    assert missing == 1 and local.get(world, SLUG, "int-1") == good
    assert len(errors) == 1 and why in errors[0].message and files.names(intake.folder(world)) == ["int-0--int-0.jsonl"]


def test_no_home_no_work(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    shutil.rmtree(sandbox.orch_home)
    assert taken(world) == [] and intake.finish(world) == (0, [])
    with pytest.raises(Usage):
        add.one(world, {"title": "x"})
