"""From what a task asks for to the words on an agent's command line; what happens when no agent is left."""
from __future__ import annotations

from typing import Any

import pytest

from tests import life
from tests.sandbox import Sandbox


def command(sandbox: Sandbox, name: str, script: str, **settings: Any) -> None:
    """An agent that runs a line of shell; the words behind the line are its arguments."""
    entry = {"command": ["/bin/sh", "-c", script, name], "output": "exit", **settings}
    life.configure(sandbox, **{f"agents__{name}__{key}": value for key, value in entry.items()})


def test_model_and_complexity_reach_the_agent(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=8, router__default_agent="scribe")
    command(sandbox, "scribe", 'echo "$# $*" > argv.txt', model_args=["--model", "{model}"])
    sandbox.orch("config", "set", "model_map.simple.scribe=small", "model_map.complex.scribe=big", "model_map.medium.other=x")
    asked = {
        "plain": (), "simple": ("--complexity", "simple"), "complex": ("--label", "complexity:complex,bug"),
        "no such": ("--label", "complexity:huge"), "own": ("--complexity", "complex", "--model", "mine"),
        "label": ("--label", "model:theirs"),
    }
    ids = {title: life.add(sandbox, title, "", *words) for title, words in asked.items()}
    end = life.rest(sandbox)
    found = {title: (end[id]["complexity"], end[id]["model"], sandbox.git("show", f"{end[id]['published']}:argv.txt", cwd=sandbox.remote()))
             for title, id in ids.items()}
    assert found == {
        "plain": ("medium", None, "0 "), "simple": ("simple", "small", "2 --model small"), "complex": ("complex", "big", "2 --model big"),
        "no such": ("medium", None, "0 "), "own": ("complex", "mine", "2 --model mine"), "label": ("medium", "theirs", "2 --model theirs"),
    }
    assert end[ids["complex"]]["labels"] == ["complexity:complex", "bug"] and end[ids["simple"]]["labels"] == []
    assert end[ids["plain"]]["route"] == "the default agent"


def test_an_agent_by_label_and_one_that_nobody_has(sandbox: Sandbox) -> None:
    life.project(sandbox)
    good, bad = life.add(sandbox, "Good", "echo x > y", "--label", "agent:shell"), life.add(sandbox, "Bad", "", "--label", "agent:shall")
    end = life.rest(sandbox)
    assert (end[good]["status"], end[good]["agent"], end[good]["route"]) == ("done", "shell", "label agent:shell")
    assert end[bad]["status"] == "needs_review" and "no agent called 'shall' (did you mean shell?" in end[bad]["why"]
    events = sandbox.orch("task", "get", bad, "--json").json()["events"]
    assert [event["event"] for event in events] == ["created", "status"]


def test_the_round_goes_on_from_one_command_to_the_next(sandbox: Sandbox) -> None:
    life.project(sandbox, router__mode="round_robin", router__default_agent="", router__agents=["rehearsal", "shell"])
    ids = [life.add(sandbox, f"Task {number}") for number in range(4)]
    peeked = [sandbox.orch("route", "--dry-run", ids[0]).json()["agent"] for _ in range(2)]
    taken = [sandbox.orch("route", id).json()["agent"] for id in ids]
    assert peeked == taken[:1] * 2 and taken == ["rehearsal", "shell"] * 2


def test_when_every_agent_is_at_its_limit_the_task_waits(sandbox: Sandbox) -> None:
    """It goes from one to the next once, and not back and forth; other tasks keep off them too; and nothing is used up."""
    life.project(sandbox, router__default_agent="", router__agents=["one", "two"], workflow__max_attempts=2, workflow__retry_seconds=300)
    for name in ("one", "two"):
        command(sandbox, name, f"echo {name} >> {sandbox.root}/asked; echo \"Hit your usage limit. Try again in 2 hours\" >&2; exit 1")
    id = life.add(sandbox, "Too much")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: len(life.task(sandbox, id)["failures"]) == 1)
    assert life.task(sandbox, id)["agent"] == "two"
    sandbox.orch("tick")
    sandbox.wait_for(lambda: len(life.task(sandbox, id)["failures"]) == 2)
    other = life.add(sandbox, "Another")
    for _ in range(3):
        sandbox.orch("tick")
    found, second = life.task(sandbox, id), life.task(sandbox, other)
    assert (found["status"], found["chain"], found["attempts"]) == ("routed", ["one", "two"], 2)
    assert [each["kind"] for each in found["failures"]] == ["usage_limit"] * 2 and found["not_before"] > found["updated_at"]
    assert second["status"] == "routed" and second["not_before"] > second["updated_at"] and second["attempts"] == 0
    assert sandbox.read("asked").split() == ["one", "two"]
    assert "in 2h" in sandbox.orch("why", other).out or "in 1h" in sandbox.orch("why", other).out


@pytest.mark.parametrize("second", [(), ("two",)])
def test_tasks_that_were_routed_before_keep_off_an_agent_at_its_limit(sandbox: Sandbox, second: tuple[str, ...]) -> None:
    """One tick routes all, but the limit is known only when the first has run: another agent takes them, or they wait, told once."""
    life.project(sandbox, router__default_agent="", router__agents=["one", *second], workflow__retry_seconds=300, engine__max_parallel=1)
    command(sandbox, "one", f"echo one >> {sandbox.root}/asked; echo \"You've hit your usage limit. Try again in 2 hours\" >&2; exit 1")
    command(sandbox, "two", f"echo two >> {sandbox.root}/asked; echo x > y")
    ids = [life.add(sandbox, f"Task {number}") for number in range(3)]
    for _ in range(5):
        sandbox.orch("tick")
        life.quiet(sandbox)
    end = [life.task(sandbox, id) for id in ids]
    assert sandbox.read("asked").split() == ["one", *["two"] * 3 * len(second)]
    if second:
        assert [(each["status"], each["agent"]) for each in end] == [("done", "two")] * 3
        return
    until = end[1]["not_before"]
    assert [(each["status"], each["not_before"], each["attempts"]) for each in end[1:]] == [("routed", until, 0)] * 2
    assert all(f"one is at a limit until {until}" in sandbox.orch("why", id).out for id in ids[1:])
    events = sandbox.orch("task", "get", ids[2], "--json").json()["events"]
    assert [each["event"] for each in events] == ["created", "status", "status"]
    again = sandbox.orch("run", ids[2], check=75)
    assert f"not before {until}" in again.err


def test_the_rules_and_the_task_reach_every_agent_once(sandbox: Sandbox) -> None:
    """By standard input, as an argument, as a file, each with and without a place of its own for the rules."""
    life.project(sandbox, engine__max_parallel=8)
    ways = {"stdin": "cat", "arg": 'printf "%s" "$1"', "file": 'cat "$1"'}
    names = [(way, apart) for way in ways for apart in (False, True)]
    for way, apart in names:
        words = {"stdin": [], "arg": ["{prompt}"], "file": ["{prompt_file}"]}[way] + ["{system_file}"] * apart
        script = f'{ways[way]} > given.txt{"; cat {system_file} > rules.txt" if apart else ""}'
        entry = {"command": ["/bin/sh", "-c", script, way, *words], "prompt": way, "output": "exit"}
        life.configure(sandbox, **{f"agents__{way}{int(apart)}__{key}": value for key, value in entry.items()})
    ids = {(way, apart): life.add(sandbox, f"By {way}", "Mend the {{ door }}", "--agent", f"{way}{int(apart)}") for way, apart in names}
    end = life.rest(sandbox)
    for (way, apart), id in ids.items():
        assert end[id]["status"] == "done", end[id]["why"]
        given = sandbox.git("show", f"{end[id]['published']}:given.txt", cwd=sandbox.remote())
        rules = sandbox.git("show", f"{end[id]['published']}:rules.txt", cwd=sandbox.remote()) if apart else given
        assert given.count("Mend the {{ door }}") == 1 and f"By {way}" in given
        assert rules.count("You work alone on one task") == 1 and ("You work alone" in given) != apart
