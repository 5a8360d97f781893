"""Records that plumbing prints: data in a pipe, a sentence for whoever sits at a terminal."""
from __future__ import annotations

import json
import re

from tests import life
from tests.sandbox import Sandbox
from tests.terminal import Terminal


def at_a_terminal(sandbox: Sandbox, *words: str, status: int = 0) -> str:
    with Terminal(sandbox, *words, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == status
        return re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", screen.text).replace("\r\n", "\n")


def test_a_sentence_at_a_terminal_and_json_in_a_pipe(sandbox: Sandbox) -> None:
    life.project(sandbox)
    first, second = (life.add(sandbox, title, "say hello\nhang\n") for title in ("One", "Two"))
    assert at_a_terminal(sandbox, "route", first) == f"{first} is routed: routed to rehearsal: the default agent\n"
    assert at_a_terminal(sandbox, "run", first) == f"{first} is in_progress: rehearsal works on it\n"
    assert at_a_terminal(sandbox, "tick") == f"{second} is in_progress: rehearsal works on it\n"
    assert at_a_terminal(sandbox, "tick") == ""
    third = life.add(sandbox, "Three")
    assert json.loads(sandbox.orch("route", third).out)["id"] == third


def test_a_tick_without_a_project_says_so_to_a_person_only(sandbox: Sandbox) -> None:
    assert "no project yet (`orch init`" in at_a_terminal(sandbox, "tick")
    run = sandbox.orch("tick")
    assert run.out + run.err == ""


def test_why_reads_what_another_command_printed(sandbox: Sandbox) -> None:
    life.project(sandbox)
    ids = [life.add(sandbox, title) for title in ("One", "Two")]
    listed = sandbox.orch("task", "list", "--json").out
    assert [each["task"] for each in sandbox.orch("why", "--json", "-", input=listed).lines()] == ids
    assert sandbox.orch("why", "-", input="\n".join(ids)).out.count(" is new") == 2
    assert "TASK" in sandbox.orch("why", check=2).err
