"""`orch task` and its members, `orch sidecar`, `orch status`, `orch log`: the real binary."""
from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping
from typing import Any

from orch.flow import log
from orch.host import files
from orch.stores import local
from tests import board
from tests.board import SLUG
from tests.sandbox import ORCH, Sandbox


def add(sandbox: Sandbox, *words: str, **more: Any) -> str:
    return sandbox.orch("task", "add", *words, **more).out.strip()


def get(sandbox: Sandbox, id: str) -> Any:
    return sandbox.orch("task", "get", id, "--json").json()


def test_add_with_everything(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    files.replace_text(world.home.config(), "agents: {mine: {command: [./mine]}}\n")
    body = sandbox.write("body.md", "from a {{ file }}\n")
    assert add(sandbox, "first") == "int-1"
    words = [
        "-b", "@" + body, "-l", "a,b", "-l", "c", "--priority", "7", "-d", "int-1", "-a", "mine", "-m", "big",
        "--complexity", "simple", "-p", "r", "--verify", "make test", "--verify", "make lint", "--finish", "merge", "--timeout", "5m",
    ]
    assert "this task -> int-1 -> this task" in sandbox.orch("task", "add", *words, "--parent", "int-1", "x", check=65).err
    assert add(sandbox, *words, "--", "--title") == "int-2"
    task = get(sandbox, "int-2")
    assert {key: task[key] for key in ("title", "body", "labels", "priority", "depends_on", "source", "status")} == {
        "title": "--title", "body": "from a {{ file }}\n", "labels": ["a", "b", "c"], "priority": 7, "depends_on": ["int-1"],
        "source": "local", "status": "new",
    }
    assert task["options"] == {
        "agent": "mine", "model": "big", "complexity": "simple", "verify": ["make test", "make lint"], "finish": "merge", "timeout": 300,
    }


def test_add_reads_a_body_from_a_pipe_and_shows_before_it_does(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    run = sandbox.orch("task", "add", "x", "--body", "-", "--dry-run", "--json", input="piped")
    assert run.json()["body"] == "piped" and run.json()["id"] == "-"
    assert sandbox.orch("task", "add", "x", "-n").err == "would add to o/r: x\n"
    assert local.list_open(world, SLUG) == ([], []) and not os.path.exists(world.home.state("next"))
    assert sandbox.orch("task", "add", "x", "--body", "-", "--json", input=b"y" * 2_000_000).json()["body"] == "y" * 2_000_000
    assert sandbox.orch("task", "add", "x", "--body", "-", input=b"\xff", check=65).err.startswith("orch task: body: not UTF-8")
    assert sandbox.orch("task", "add", "x", "--body", "@/no/such", check=66).out == ""


BAD: list[tuple[list[str], int, str]] = [
    ([], 2, "no title"),
    ([""], 65, "title: is empty"),
    (["x" * 10_000], 65, "title: has 10000 characters; at most 500"),
    (["a\nb"], 65, "title: must be one line"),
    (["-x"], 2, "-x"),
    (["a", "b"], 2, "b"),
    (["x", "--priority", "high"], 65, "priority"),
    (["x", "--timeout", "soon"], 65, "timeout"),
    (["x", "--agent", "nobody"], 66, "nobody"),
    (["x", "-d", "int-9"], 66, "int-9"),
    (["x", "-d", "../.."], 65, "../.."),
    (["x", "--project", "no/such"], 66, "no/such"),
    (["x", "--from", "y"], 2, "--from"),
    (["--from", "/no/such"], 66, "/no/such"),
]


def test_bad_words_cost_one_line_and_nothing_else(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for words, code, said in BAD:
        run = sandbox.orch("task", "add", *words, check=code)
        assert said in run.err and run.out == "" and len(run.err.splitlines()) <= 2
    assert local.list_open(world, SLUG) == ([], [])


TITLES = ["😀", "../../x", "{{ 7*7 }}", "$(id)", "\x1b[31mred\x1b[0m", "\u202eevil", "日本語", "-rf"]


def test_titles_are_only_text(sandbox: Sandbox) -> None:
    board.project(sandbox)
    lines = "".join(json.dumps({"title": title}) + "\n" for title in TITLES)
    sandbox.orch("task", "add", "--from", "-", input=lines)
    assert [task["title"] for task in sandbox.orch("task", "list", "--json").lines()] == TITLES
    for words in (("task", "list"), ("task", "get", *(f"int-{number}" for number in range(1, 9))), ("task", "tree"), ("status",), ("log",)):
        assert "\x1b" not in (out := sandbox.orch(*words).out) and "\u202e" not in out


def test_which_project(sandbox: Sandbox) -> None:
    assert "no project" in sandbox.orch("task", "add", "x", check=2).err
    world = board.project(sandbox)
    board.project(sandbox, "x/r")
    assert "o/r, x/r" in sandbox.orch("task", "add", "x", check=2).err
    assert get(sandbox, add(sandbox, "x", env={"ORCH_PROJECT": "x/r"}))["project"] == "x/r"
    assert "may be any of" in sandbox.orch("task", "add", "x", "-p", "r", check=2).err
    assert local.list_open(world, SLUG) == ([], [])


def test_add_from_a_file(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    lines = "".join(json.dumps({"title": f"t{n}", "ref": n, "depends_on": [n - 1] if n > 1 else []}) + "\n" for n in range(1, 201))
    run = sandbox.orch("task", "add", "--from", "-", input="\n" + lines)
    assert run.out.split() == [f"int-{n}" for n in range(1, 201)] and run.err == "added 200 tasks\n"
    assert local.get(world, SLUG, "int-200")["depends_on"] == ["int-199"]
    path = sandbox.write("bad.jsonl", '{"title": "good"}\nnonsense \x1b[31m\n\n{"title": ""}\n')
    run = sandbox.orch("task", "add", "--from", path, check=65)
    assert run.out == "" and "\x1b" not in run.err
    assert [line.partition(":")[0] for line in run.err.splitlines()] == ["line 2", "line 4", "orch task", "orch task"]
    assert sandbox.orch("task", "add", "--from", path, "--dry-run", check=65).out == ""
    assert len(local.list_open(world, SLUG)[0]) == 200
    assert sandbox.orch("task", "add", "--from", "-", input="").err == "added 0 tasks\n"


def listed(sandbox: Sandbox, *words: str) -> list[str]:
    return [task["id"] for task in sandbox.orch("task", "list", "--json", *words).lines()]


def test_list_and_its_filters(sandbox: Sandbox) -> None:
    world = board.project(sandbox, ORCH_TEST_NOW="2026-11-20T23:00:00Z")
    board.project(sandbox, "x/y")
    assert sandbox.orch("task", "list") == (0, "", "no tasks\n")
    board.made(world, "first", labels="a,b", priority=1)
    board.moved(world, board.made(world, "second", labels="a"), "routed", agent="codex")
    board.made(world, "third", slug="x/y", priority=5)
    board.moved(world, board.made(world, "fourth"), "done")
    board.moved(world, board.made(world, "fifth"), "done")
    local.archive(world, SLUG, "int-5")
    assert listed(sandbox) == ["int-1", "int-2", "int-3", "int-4"]
    assert listed(sandbox, "--all", "-p", SLUG) == ["int-1", "int-2", "int-4", "int-5"]
    assert listed(sandbox, "-s", "new,routed", "-l", "a") == ["int-1", "int-2"]
    assert listed(sandbox, "-l", "a", "-l", "b") == ["int-1"] and listed(sandbox, "--agent", "codex") == ["int-2"]
    assert listed(sandbox, "--priority", "5", "--priority", "1", "--sort", "priority") == ["int-3", "int-1"]
    assert listed(sandbox, "--source", "inbox") == [] and listed(sandbox, "-p", "y") == ["int-3"]
    assert sandbox.orch("task", "list", "-s", "blocked") == (0, "", "no task matches\n")
    assert "did you mean blocked?" in sandbox.orch("task", "list", "-s", "blockd", check=2).err
    assert "cannot sort by" in sandbox.orch("task", "list", "--sort", "colour", check=2).err
    assert sandbox.orch("task", "list", "-p", SLUG, env={"ORCH_TEST_NOW": "2026-11-20T23:05:00Z"}).out == (
        "ID     STATUS  PRI  AGENT  AGE  TITLE\n"
        "int-1  new       1          5m  first  [a, b]\n"
        "int-2  routed       codex   5m  second  [a]\n"
        "int-4  done                 5m  fourth\n"
    )


def test_a_broken_record_is_told_and_hides_nobody(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for _ in range(2):
        board.made(world)
    files.replace_text(world.home.record(SLUG, "int-1"), "{")
    run = sandbox.orch("task", "list", "--json", check=65)
    assert [task["id"] for task in run.lines()] == ["int-2"] and "int-1" in run.err
    assert sandbox.orch("task", "status", "--json", check=65).json()["total"] == 1
    assert "int-1" in sandbox.orch("task", "get", "int-1", check=65).err
    files.replace_json(world.home.record(SLUG, "int-1"), {"v": 99, "id": "int-1"})
    assert "newer orch" in sandbox.orch("task", "get", "int-1", check=65).err


def on_a_terminal(sandbox: Sandbox, *words: str, columns: int = 50, env: Mapping[str, str] | None = None) -> str:
    """What a command prints on a terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    full = {**sandbox.env, "TERM": "xterm", **(env or {})}
    child = subprocess.Popen([ORCH, *words], env=full, cwd="/", stdout=follower, stderr=follower, stdin=follower)
    os.close(follower)
    seen = b""
    while True:
        try:
            more = os.read(leader, 4096)
        except OSError:  # Linux says so when the last writer has gone
            break
        if not more:
            break
        seen += more
    os.close(leader)
    assert child.wait(20) == 0
    return seen.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_lines_that_fit(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world, "a very long title that goes on and on and on and on 日本語")
    assert "\x1b[" in on_a_terminal(sandbox, "task", "list")
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        for words in (("task", "list"), ("task", "get", "int-1"), ("status",)):
            shown = on_a_terminal(sandbox, *words, env=env)
            assert "\x1b" not in shown
            assert all(len(line) <= 50 for line in shown.splitlines()[:-1]), shown


def test_get_several_from_stdin(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    tasks = [board.made(world, f"t{number}") for number in range(3)]
    run = sandbox.orch("task", "get", "-", "--json", input=f"int-1\n{json.dumps(tasks[1])}\no/r#int-3\n")
    assert [line["title"] for line in run.lines()] == ["t0", "t1", "t2"]
    assert [event["event"] for event in run.lines()[0]["events"]] == ["created"]
    assert sandbox.orch("task", "get", "int-9", check=66).out == ""
    assert "no task is named" in sandbox.orch("task", "get", check=2).err


def test_get_shows_the_attempts(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.moved(world, board.made(world, "worked on"), "routed", "in_progress", "routed", attempt="2-verify", agent="codex")
    times = {"started_at": "2026-11-20T23:00:00.000Z", "ended_at": "2026-11-20T23:01:05.500Z"}
    exited = {"reason": "exited", "code": 0, **times, "tokens": 9}
    board.attempt(world, task, "1-work", exit=exited, evidence={"new_commits": 3}, reply={"concluded": "done", "text": "all well"})
    board.attempt(world, task, "2-verify", exit=exited, verify={"passed": False, "text": "make test fails"})
    board.attempt(world, task, "10-work", exit={"reason": "lost", **times, "kind": "lost", "text": "its shepherd was killed"})
    os.mkdir(os.path.join(world.home.attempts(SLUG, task["id"]), "junk"))
    runs = get(sandbox, "int-1")["runs"]
    assert [(run["attempt"], run["state"], run["seconds"], run["result"], run["text"]) for run in runs] == [
        ("1-work", "ended", 65.5, "done", "all well"), ("2-verify", "ended", 65.5, "failed", "make test fails"),
        ("10-work", "ended", 65.5, "lost", "its shepherd was killed"),
    ]
    assert runs[0]["commits"] == 3 and runs[0]["tokens"] == 9
    page = sandbox.orch("task", "get", "int-1").out
    assert "1-work           1m 5s  exited 0        3  done: all well\n" in page and "lost: its shepherd was killed" in page


def test_counts_add_up(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for status in ("new", "routed", "blocked", "done"):
        board.moved(world, board.made(world), *([status] if status != "new" else []))
    counts = sandbox.orch("task", "status", "--json").json()
    assert counts == {"new": 1, "routed": 1, "in_progress": 0, "in_review": 0, "blocked": 1, "needs_review": 0, "done": 1, "total": 4}
    assert sandbox.orch("task", "status", "-p", SLUG).out.split() == [str(word) for pair in counts.items() for word in pair]
    overview = sandbox.orch("status", "--json").json()
    assert overview["counts"] == counts and overview["bytes"] > 0 and overview["bytes_complete"]
    assert board.ids(overview["waiting"]) == ["int-1", "int-2", "int-3"] and board.ids(overview["recent"]) == ["int-4"]


def test_status_shows_what_runs_and_its_last_line(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.moved(world, board.made(world, "busy"), "routed", "in_progress", attempt="1-work", agent="codex")
    folder = board.attempt(world, task, proc={"pid": 1, "start": "x", "boot": "x", "at": "2026-11-20T23:00:00Z"})
    sandbox.write(f"{folder}/stdout", "one\n  \x1b[32mcompiling 7 of 9\n\n")
    env = {"ORCH_TEST_NOW": "2026-11-20T23:02:05Z"}
    shown = sandbox.orch("status", env=env).out
    assert "  int-1  codex  2m 5s  busy  " in shown and "compiling 7 of 9\n" in shown and "\x1b" not in shown
    assert sandbox.orch("status", "--json", env=env).json()["running"][0]["seconds"] == 125


def test_tree(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world, "top")
    board.made(world, "below", parent="int-1")
    board.made(world, "after", depends_on="int-2")
    assert sandbox.orch("task", "tree").out == "int-1 (new) top\n└─ int-2 (new) below\nint-3 (new) after  <- int-2\n"
    assert sandbox.orch("task", "tree", "int-2").out == "int-2 (new) below\n"
    assert sandbox.orch("task", "tree", "--json").lines()[0]["children"] == ["int-2"]
    assert sandbox.orch("task", "tree", "int-7", check=66).out == ""


def test_several_at_once(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for _ in range(4):
        board.made(world, labels="x")
    run = sandbox.orch("task", "cancel", "int-1", "int-9", "nonsense", "int-2", check=66)
    assert "int-1 is done: cancelled by a person" in run.err and "no task int-9" in run.err and "int-2 is done" in run.err
    assert [task["status"] for task in sandbox.orch("task", "retry", "-", "--json", input="int-1\nint-2\n").lines()] == ["new", "new"]
    assert sandbox.orch("task", "kill", "int-3", "--json").json()["status"] == "needs_review"
    assert sandbox.orch("task", "unblock", "--all").err == "int-3 is new: as if it had just been added\n"
    assert sandbox.orch("task", "unblock", "--all").err == "no task matches\n"
    assert len(sandbox.orch("task", "cancel", "-l", "x", "--json").lines()) == 4
    assert sandbox.orch("task", "cancel", "--all") == (0, "", "no task matches\n")
    assert sandbox.orch("task", "retry", "--all").err == "no task matches\n", "--all does not mean those that are done"
    assert len(sandbox.orch("task", "retry", "-s", "done", "--json").lines()) == 4
    assert "no task is named" in sandbox.orch("task", "cancel", check=2).err
    assert "use one or the other" in sandbox.orch("task", "cancel", "int-1", "--all", check=2).err
    assert sandbox.orch("task", "kill", check=2).out == ""


def test_unblock_says_what_will_block_it_again(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    board.moved(world, board.made(world, depends_on="int-1"), "blocked")
    run = sandbox.orch("task", "unblock", "int-2")
    assert "int-2 waits for int-1 and will be blocked again; `orch task set int-2 depends_on=`" in run.err
    assert sandbox.orch("task", "unblock", "int-2", "--json").json()["status"] == "new"


def test_set(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    assert sandbox.orch("task", "set", "int-1", "title=a = b", "labels=x,y", "priority=3").err == "int-1: set title, labels, priority\n"
    assert sandbox.orch("task", "set", "int-1", "priority=3").err == "int-1 is like that already\n"
    assert sandbox.orch("task", "set", "int-1", "depends-on=", "labels=", "--json").json()["labels"] == []
    assert get(sandbox, "int-1")["title"] == "a = b"
    for words, code in (("priority", 2), ("status=done", 65), ("depends_on=int-1", 65), ("agent=nobody", 66), ("priority=-", 65)):
        assert sandbox.orch("task", "set", "int-1", words, check=code).out == ""


def test_sidecar(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world, "a title", labels="a,b")
    pairs = ("notes.n=5", "notes.t=five", "notes.deep.list=[1, 2]", "options.model=m")
    assert sandbox.orch("sidecar", "set", "int-1", *pairs).json()["seq"] == 2
    assert sandbox.orch("sidecar", "get", "int-1", "title", "notes.n", "notes.deep", "labels.1").out == 'a title\n5\n{"list": [1, 2]}\nb\n'
    assert sandbox.orch("sidecar", "get", "o/r#int-1").json() == local.get(world, SLUG, "int-1")
    assert sandbox.orch("sidecar", "get", "-", "title", input="int-1\nint-1\n").out == "a title\na title\n"
    assert sandbox.orch("sidecar", "get", "-p", "r", "int-1", "agent", check=66).out == "\n"
    assert sandbox.orch("sidecar", "get", "int-1", "title.x", check=66).out == "\n"
    assert sandbox.orch("sidecar", "set", "int-1", "notes.n=null", "--", "x=-5").json()["notes"] == {"t": "five", "deep": {"list": [1, 2]}}
    for words, code in (
        (("get",), 2), (("set", "int-1"), 2), (("set", "int-1", "x"), 2), (("put", "int-1"), 2), ((), 2), (("get", "--all", "int-1"), 2),
        (("get", "int-9"), 66), (("set", "int-1", "status=done"), 77),
        (("set", "int-1", "id=int-2"), 77), (("set", "int-1", "priority=high"), 65),
    ):
        assert sandbox.orch("sidecar", *words, check=code).out == ""
    assert sandbox.orch("get", "int-1", "title", program=os.path.join(os.path.dirname(ORCH), "orch-sidecar")).out == "a title\n"


def test_sidecar_writers_wait_for_each_other(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    argv = [ORCH, "sidecar", "set", "int-1"]
    running = [subprocess.Popen([*argv, f"notes.n{n}={n}"], env=sandbox.env, cwd="/", stdout=subprocess.DEVNULL) for n in range(8)]
    assert [child.wait(60) for child in running] == [0] * 8
    assert get(sandbox, "int-1")["notes"] == {f"n{number}": number for number in range(8)} and get(sandbox, "int-1")["seq"] == 9


def test_log(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    assert sandbox.orch("log").out == ""
    for number in range(30):
        board.made(world, f"t{number}")
    assert len(sandbox.orch("log").out.splitlines()) == 20
    assert [line["task"] for line in sandbox.orch("log", "3", "--json").lines()] == ["int-28", "int-29", "int-30"]
    assert sandbox.orch("log", "0").out == "" and len(sandbox.orch("log", "100").out.splitlines()) == 30
    assert sandbox.orch("log", "-p", "r", "1").out and sandbox.orch("log", "-p", "nope", check=66).out == ""
    os.unlink(world.home.log())
    own = sandbox.orch("log", "--task", "int-7", "--json").lines()
    assert [line["event"] for line in own] == ["created"], "a task's history is its own"
    assert sandbox.orch("log", "-t", "int-99", check=66).out == "" and sandbox.orch("log", "soon", check=2).out == ""


def test_log_watch_ends_cleanly(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world, "before")
    argv, pipe = [ORCH, "log", "watch", "--json"], subprocess.PIPE
    child = subprocess.Popen(argv, env=sandbox.env, cwd="/", stdout=pipe, stderr=pipe, text=True)
    assert child.stdout and child.stderr
    assert json.loads(child.stdout.readline())["task"] == "int-1"
    board.made(world, "after")
    assert json.loads(child.stdout.readline())["task"] == "int-2"
    log.rotate(sandbox.world(ORCH_ENGINE_LOG_BYTES="1"))
    board.made(world, "after the rotation")
    assert json.loads(child.stdout.readline())["task"] == "int-3"
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 130 and child.stderr.read() == ""
    child.stdout.close()
    child.stderr.close()


def test_log_watch_ends_when_nobody_reads(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    run = sandbox.command(["sh", "-c", f"'{ORCH}' log watch | head -n 1"], seconds=20)
    assert run.code == 0 and "int-1" in run.out and run.err == ""
