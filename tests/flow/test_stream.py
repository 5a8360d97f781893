"""`orch stream` on real attempts: from the beginning, from the middle, after the end, and by several at once."""
from __future__ import annotations

import json
import os
import select
import subprocess
from typing import Any

import pytest

from orch.flow import stream
from orch.flow.stream import Begin, End, Output, Rest, Wait, Wanted
from tests import board, life
from tests.sandbox import ORCH, Sandbox
from tests.terminal import Terminal


def viewer(sandbox: Sandbox, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([ORCH, "stream", *args], env=sandbox.env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ends(child: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = child.communicate(timeout=60)
    return child.returncode, out.decode(), err.decode()


def gate(sandbox: Sandbox) -> str:
    """A file that the agent waits for; made by opening it."""
    return os.path.join(sandbox.root, "gate")


def opened(path: str) -> None:
    with open(path, "w"):
        pass


def begun(sandbox: Sandbox, id: str, text: str) -> None:
    """Wait until the agent has printed this."""
    sandbox.wait_for(lambda: text in sandbox.orch("stream", id, "--no-follow").out)


def test_viewers_from_before_and_in_the_middle_see_the_same_and_end_with_it(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=["echo checked"])
    wait = f"run until test -e {gate(sandbox)}; do sleep 0.02; done"
    id = life.add(sandbox, "talk", f"say one\nwarn careful\n{wait}\nwrite a.txt a\nsay two\ndone")
    early = viewer(sandbox, id)
    sandbox.orch("tick")
    begun(sandbox, id, "one")
    late, only_work, errors = viewer(sandbox, id), viewer(sandbox, id, "-a", "1"), viewer(sandbox, id, "-a", "1", "--stderr")
    opened(gate(sandbox))
    assert ends(only_work)[:2] == (0, "one\ntwo\n")
    assert ends(errors)[:2] == (0, "careful\n")
    code, out, err = ends(early)
    assert (code, *out.splitlines()[:2], out.splitlines()[-1]) == (0, "one", "two", "checked")
    assert [line.split()[0] for line in err.splitlines()] == ["==>", "careful", "<==", "==>", "<==", id]
    assert "==> 1-work by rehearsal, running for" in err
    assert "<== 2-verify exited 0 after" in err
    assert f"{id} is done: published as" in err
    assert ends(late)[:2] == (0, out)
    ended = sandbox.orch("stream", id)
    assert ended.out == out
    assert "==> 1-work by rehearsal, ended" in ended.err
    assert sandbox.orch("stream", id, "-n", "1", "--stdout").out == "two\nchecked\n"
    assert sandbox.orch("stream", id, "--since", "2999-01-01T00:00:00Z").out == ""
    assert sandbox.orch("stream", id, "--since", "1h").out == out


def test_rotation_under_a_viewer(sandbox: Sandbox) -> None:
    """An output far beyond its cap, at the pace of one who reads: all of it is seen, though most is in no file at the end."""
    life.project(sandbox, workflow__output_bytes=4000, workflow__verify=[])
    folder = os.path.join(sandbox.root, "paces")
    os.mkdir(folder)
    steps = "\n".join(f"spew 900\nsay end-{n}\nrun until test -e {folder}/{n}; do sleep 0.02; done" for n in range(12))
    id = life.add(sandbox, "long", f"{steps}\nhelp me")
    child = viewer(sandbox, id, "--stdout")
    sandbox.orch("tick")
    assert child.stdout
    seen = b""
    for n in range(12):
        while b"end-%d\n" % n not in seen:
            assert select.select([child.stdout], [], [], 60)[0], seen
            data = os.read(child.stdout.fileno(), 65536)
            assert data, seen
            seen += data
        opened(f"{folder}/{n}")
    code, rest, _ = ends(child)
    assert (code, rest) == (0, "")
    assert b"left out" not in seen
    assert len(seen) > 12 * 900
    late = sandbox.orch("stream", id, "--stdout").out
    assert "bytes left out" in late
    assert late.endswith("end-11\n")


def test_json_lines(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=[])
    id = life.add(sandbox, "talk", "say one\nwarn \u00e9\nrun printf half\nhelp what now?")
    life.rest(sandbox)
    lines = sandbox.orch("stream", id, "--json").lines()
    assert [each["event"] for each in lines] == ["begin", "line", "line", "line", "end", "rest"]
    assert [(each["stream"], each["text"]) for each in lines[1:4]] == [("stdout", "one"), ("stderr", "\u00e9"), ("stdout", "half")]
    assert (lines[0]["attempt"], lines[4]["reason"], lines[4]["result"]) == ("1-work", "exited", "person")
    assert lines[5]["status"] == "needs_review"


def test_a_reader_that_goes_away_ends_it_quietly(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "talk", "say one\nhang")
    sandbox.orch("tick")
    begun(sandbox, id, "one")
    done = sandbox.command(["bash", "-c", f"orch stream {id} 2>err | head -n 1; cat err"], cwd=sandbox.root)
    assert done.out.splitlines()[0] == "one"
    assert [line[:3] for line in done.out.splitlines()[1:]] == ["==>"]
    sandbox.orch("task", "kill", id)


def test_on_a_terminal_it_cannot_be_deceived(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=[])
    body = "#!/bin/sh\nprintf '\\033]0;owned\\007\\033[31mred'\norch-result --status help --summary x --reason y\n"
    id = life.add(sandbox, "talk", body, "--agent", "shell")
    life.rest(sandbox)
    assert sandbox.orch("stream", id).out == "\x1b]0;owned\x07\x1b[31mred"
    with Terminal(sandbox, "stream", id) as screen:
        assert screen.wait() == 0
    assert "owned" not in screen.text
    assert "\x1b[31mred\x1b[0m\r\n" in screen.text
    with Terminal(sandbox, "stream", id, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    assert "\x1b" not in screen.text


def test_events_are_told_on_a_terminal_and_handed_on_into_a_pipe(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__verify=[])
    event = json.dumps({"type": "item.completed", "item": {"type": "agent_message", "text": "It is \033]0;owned\007 done."}})
    id = life.add(sandbox, "talk", f"say {event}\nsay plain\nhelp me")
    life.rest(sandbox)
    assert sandbox.orch("stream", id).out == f"{event}\nplain\n"
    assert sandbox.orch("stream", id, "--words").out == "It is \033]0;owned\007 done.\nplain\n"
    with Terminal(sandbox, "stream", id) as screen:
        assert screen.wait() == 0
    assert "\r\nIt is  done.\r\nplain\r\n" in screen.text
    with Terminal(sandbox, "stream", id, "--raw", columns=200) as screen:
        assert screen.wait() == 0
    assert event in screen.text
    assert [each["text"] for each in sandbox.orch("stream", id, "--json").lines() if each["event"] == "line"] == [event, "plain"]


def test_what_there_is_not(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "talk", "say one\nhelp me")
    assert "is new and has had no attempt" in sandbox.orch("stream", id, "--no-follow", check=66).err
    assert "has no attempt 2" in sandbox.orch("stream", id, "-a", "2", check=66).err
    sandbox.orch("stream", "int-9", check=66)
    sandbox.orch("stream", id, "--stdout", "--stderr", check=2)
    sandbox.orch("stream", id, "--since", "yesterday", check=65)
    sandbox.orch("task", "cancel", id)
    assert f"orch why {id}" in sandbox.orch("stream", id, check=66).err


def kinds(events: list[stream.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.fixture
def task_with_attempts(sandbox: Sandbox):
    world = board.project(sandbox)
    task = board.made(world)
    for n, kind, out in ((1, "work", "first"), (2, "work", "second"), (3, "verify", "third")):
        at = f"2026-11-20T2{n}:00:00.000Z"
        folder = board.attempt(world, task, f"{n}-{kind}", exit={"reason": "exited", "code": 0, "started_at": at, "ended_at": at})
        sandbox.write(f"{folder}/stdout", out)
    return world, task


def test_where_it_begins(task_with_attempts) -> None:
    world, task = task_with_attempts
    task = board.moved(world, task, "routed", "in_progress", "done", attempts=2)

    def seen(**wanted: Any) -> list[str]:
        events = list(stream.stream(world, task["project"], task["id"], Wanted(**wanted)))
        assert kinds(events)[-1] == "Rest"
        return [event.data.decode() for event in events if isinstance(event, Output)]

    assert seen() == ["second", "third"]
    assert seen(attempt=1) == ["first"]
    assert seen(since="2026-11-20T20:00:00.000Z") == ["first", "second", "third"]
    assert seen(since="2026-11-20T22:30:00.000Z") == ["third"]
    assert seen(since="2026-11-20T23:30:00.000Z") == []
    assert seen(streams=("stderr",)) == []


def test_how_long_it_goes_on(task_with_attempts) -> None:
    world, task = task_with_attempts
    task = board.moved(world, task, "routed", "in_progress", attempts=2)
    events = stream.stream(world, task["project"], task["id"])
    assert kinds([next(events) for _ in range(7)]) == ["Begin", "Output", "End", "Begin", "Output", "End", "Wait"]
    folder = board.attempt(world, task, "4-work", exit={"reason": "signal", "signal": 9})
    assert kinds([next(events) for _ in range(3)]) == ["Begin", "End", "Wait"]
    assert isinstance(next(events), Wait)
    board.moved(world, task, "routed", attempt="4-work", settled="4-work")
    assert kinds(list(events)) == ["Rest"]
    assert os.path.isdir(folder)
    board.moved(world, task, "done")
    board.reset(world, task)
    events = stream.stream(world, task["project"], task["id"])
    assert kinds([next(events) for _ in range(2)]) == ["Wait", "Wait"], "a fresh start has an attempt of its own"
    board.attempt(world, task, "5-work", exit={"reason": "exited", "code": 0})
    assert [type(next(events)) for _ in range(3)] == [Begin, End, Rest]


def test_an_attempt_that_begins_while_it_looks_is_shown(sandbox: Sandbox) -> None:
    """Its directory is there a moment before the record says so."""
    world = board.project(sandbox)
    task = board.moved(world, board.made(world), "routed")
    folder = board.attempt(world, task, "1-work", exit={"reason": "exited", "code": 0})
    sandbox.write(f"{folder}/stdout", "first")
    events = stream.stream(world, task["project"], task["id"])
    assert kinds([next(events) for _ in range(3)]) == ["Begin", "Output", "End"]
