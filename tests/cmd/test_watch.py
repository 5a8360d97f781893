"""`--watch` on a real terminal and in a pipe; `task live` and `task attach`."""
from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from orch.host import lock, tmux
from orch.host.world import World
from tests import board, life
from tests.sandbox import ORCH, Sandbox
from tests.terminal import Terminal


def test_a_list_is_drawn_again_when_something_changes_and_only_then(sandbox: Sandbox) -> None:
    world = board.project(sandbox, ORCH_TEST_NOW="2026-11-20T23:00:00Z")
    task = board.made(world, "the first")
    with Terminal(sandbox, "task", "list", "--watch", env={"ORCH_TEST_NOW": "2026-11-20T23:00:05Z"}) as screen:
        screen.until("the first")
        drawn = len(screen.raw)
        assert not screen.read(1.5), "nothing has changed, and time stands still"
        board.moved(world, task, "routed", agent="codex")
        screen.until("codex")
        assert "\x1b[2A\r\x1b[K" in screen.text[drawn - 10:], "over the two lines that were there"
        board.made(world, "the second")
        screen.until("the second")
        screen.type("\x03")
        assert screen.wait() == 130
    assert screen.text.endswith("\r\x1b[K"), "no ^C is left on the screen"
    assert "Traceback" not in screen.text


def test_it_fits_the_terminal_and_follows_its_size(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for number in range(30):
        board.made(world, f"title-{number} " + "long " * 40)
    with Terminal(sandbox, "task", "list", "-w", columns=60, rows=10) as screen:
        screen.until("... and 23 more tasks")
        assert screen.text.count("title-") == 7
        screen.resize(100, 20)
        screen.until("... and 13 more tasks")
        assert "\x1b[H\x1b[2J" in screen.text
        os.killpg(screen.child.pid, signal.SIGTERM)
        screen.wait()
    shown = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", screen.text)
    assert max(map(len, re.split(r"[\r\n]+", shown))) <= 100


def test_status_shows_what_the_agent_prints(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "talk", "say the first line\nhang")
    with Terminal(sandbox, "status", "--watch", columns=120) as screen:
        screen.until("1 new")
        sandbox.orch("tick")
        screen.until("the first line")
        screen.until("1 of 4 slots taken")
        sandbox.orch("task", "kill", id)
        screen.until("needs a person")
        screen.type("\x03")
        assert screen.wait() == 130


def test_a_small_terminal_shows_less_of_each_section(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    for number in range(20):
        task = board.made(world, f"title-{number}")
        if number % 2:
            board.moved(world, task, "needs_review")
    with Terminal(sandbox, "status", "-w", rows=14) as screen:
        screen.until("needs a person")
        screen.until("orch task retry ID")
    assert "more lines" not in screen.text
    assert "... and 8 more: orch task list --status needs_review" in screen.text


def lines_of(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert child.stdout
    for line in child.stdout:
        yield json.loads(line)


def watching(sandbox: Sandbox, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([ORCH, *args], env=sandbox.env, cwd="/", stdout=subprocess.PIPE)


def test_changes_as_json_lines(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    first = board.made(world, "first")
    child = watching(sandbox, "task", "list", "--watch", "--json", "--status", "new")
    lines = lines_of(child)
    assert next(lines)["id"] == "int-1"
    board.made(world, "second")
    assert next(lines)["id"] == "int-2"
    board.moved(world, first, "routed")
    gone = next(lines)
    assert (gone["id"], gone["status"]) == ("int-1", "routed"), "it left the list, and that is told"
    board.moved(world, first, "in_progress")
    board.made(world, "third")
    assert next(lines)["id"] == "int-3", "what is not on the list is not told"
    assert child.stdout
    child.stdout.close()
    assert child.wait(20) in (0, 141), "the reader is gone"


def test_status_as_json_lines(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    child = watching(sandbox, "status", "-w", "--json")
    lines = lines_of(child)
    assert next(lines)["counts"]["total"] == 0
    board.made(world)
    assert next(lines)["counts"]["new"] == 1
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 130


def test_a_pipe_is_not_drawn_on(sandbox: Sandbox) -> None:
    for words in (["task", "list"], ["status"], ["task", "live"]):
        assert "is none that it can draw on" in sandbox.orch(*words, "--watch", check=2).err
    assert sandbox.orch("task", "live", "--watch", "--json", check=2).err
    with Terminal(sandbox, "status", "--watch", env={"TERM": "dumb"}) as screen:
        assert screen.wait() == 2


def test_live(sandbox: Sandbox) -> None:
    assert sandbox.orch("task", "live").err == "nothing runs\n"
    life.project(sandbox)
    id = life.add(sandbox, "talk for long", "say one\nsay two\nhang")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: "two" in sandbox.orch("task", "live").out)
    (run,) = sandbox.orch("task", "live", "--json").lines()
    wanted = {"project": "local/app", "task": id, "title": "talk for long", "attempt": "1-work", "agent": "rehearsal", "slot": 0,
              "state": "running", "line": "two"}
    assert wanted.items() <= run.items()
    assert run["seconds"] >= 0
    assert sandbox.orch("task", "live", "-p", "local/app").out.splitlines()[1].split()[:4] == [id, "1-work", "rehearsal", "0"]
    spec = sandbox.world().home.attempt("local/app", id, "1-work") + "/spec.json"
    whole = sandbox.read(spec)
    sandbox.write(spec, whole[:40])
    assert sandbox.orch("task", "live").out.splitlines()[1].split()[:2] == [id, "1-work"], "a torn one is shown by what its place says"
    sandbox.write(spec, whole)
    refused = sandbox.orch("task", "attach", id, check=69)
    assert f"`orch stream {id}`" in refused.err, "a plain process has no terminal"
    sandbox.orch("task", "kill", id)
    sandbox.wait_for(lambda: not sandbox.orch("task", "live").out)
    assert "has no attempt that runs" in sandbox.orch("task", "attach", id, check=66).err
    with Terminal(sandbox, "task", "live", "-w") as screen:
        screen.until("nothing runs")


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world()
    yield made
    tmux.call(made, "kill-server")


@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_attach(sandbox: Sandbox, world: World) -> None:
    life.project(sandbox, engine__executor="tmux")
    event = '{"type": "item.completed", "item": {"type": "agent_message", "text": "an event \\u001b]0;owned\\u0007in words"}}'
    id = life.add(sandbox, "talk", f"say look here\nsay {event}\nhang")
    sandbox.orch("tick")
    folder = world.home.attempt("local/app", id, "1-work")
    assert "must be a terminal" in sandbox.orch("task", "attach", id, check=2).err
    with Terminal(sandbox, "task", "attach", id) as screen:
        screen.until("look here")
        screen.until("an event in words")
        assert "agent_message" not in screen.text and "owned" not in screen.text
        for key in "\x02d":
            while screen.read(0.2):
                pass  # keys that come in one go are pasted text to tmux
            screen.type(key)
        assert screen.wait() == 0
    assert lock.probe(f"{folder}/lock") == "held", "leaving it changes nothing"
    with Terminal(sandbox, "task", "attach", id) as screen:
        screen.until("look here")
        screen.type("\x03")
        sandbox.wait_for(lambda: os.path.exists(f"{folder}/exit.json"))
    sandbox.orch("tick", check=False)
    assert sandbox.orch("task", "get", id, "--json").json()["runs"][0]["reason"] == "cancelled"
