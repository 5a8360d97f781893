from __future__ import annotations

import json
import os

import pytest

from tests.sandbox import Sandbox


def report(sandbox: Sandbox, *args: str, check: int | bool = True, input: str | None = None) -> str:
    """Run it with nothing but ORCH_RESULT and PATH: agents have no ORCH_HOME, and may have no HOME. Returns stderr."""
    bare = {name: None for name in sandbox.env if name != "PATH"}
    return sandbox.orch("result", *args, env={**bare, "ORCH_RESULT": sandbox.root + "/r.json"}, check=check, input=input).err


def test_everything_that_can_be_said(sandbox: Sandbox) -> None:
    report(
        sandbox, "--status", "done", "--summary=all = well", "--accomplished", "a", "--accomplished", "b", "--remaining", "c",
        "--blocker", "d", "--learning", "--not an option", "--file", "x y",
    )
    assert json.loads(sandbox.read("r.json")) == {
        "v": 1, "status": "done", "summary": "all = well", "accomplished": ["a", "b"], "remaining": ["c"], "blockers": ["d"],
        "learnings": ["--not an option"], "files": ["x y"],
    }
    assert os.listdir(sandbox.root).count("r.json") == 1


def test_a_second_report_replaces_the_first(sandbox: Sandbox) -> None:
    report(sandbox, "--status", "help", "--reason", "which one?")
    assert json.loads(sandbox.read("r.json"))["summary"] == "which one?"
    report(sandbox, "--status", "done", "--summary", "x")
    assert json.loads(sandbox.read("r.json")) == {"v": 1, "status": "done", "summary": "x"}


@pytest.mark.parametrize(
    "args, words",
    [
        ((), "--status is needed"),
        (("--status", "fine"), "no such status: 'fine'"),
        (("--status",), "--status needs a value"),
        (("--status", "done"), "--status done needs a summary"),
        (("--status", "no_change", "--summary", "x"), "--status no_change needs a reason"),
        (("--what", "x"), "unknown option or argument '--what'"),
        (("done",), "unknown option or argument 'done'"),
    ],
)
def test_what_is_not_said_well(sandbox: Sandbox, args: tuple[str, ...], words: str) -> None:
    assert words in report(sandbox, *args, check=2)
    assert not os.path.exists(sandbox.root + "/r.json")


def test_json_from_stdin(sandbox: Sandbox) -> None:
    report(sandbox, "--json", input='{"status": "done", "summary": "ü"}')
    found = json.loads(sandbox.read("r.json"))
    assert (found["status"], found["summary"]) == ("done", "ü")
    report(sandbox, "--json", input="no reply here", check=65)
    assert json.loads(sandbox.read("r.json")) == found


def test_outside_of_an_attempt(sandbox: Sandbox) -> None:
    err = sandbox.orch("result", "--status", "done", "--summary", "x", check=78).err
    assert "ORCH_RESULT is not set" in err
    assert "hint: run it inside an attempt" in err


def test_a_place_that_cannot_be_written(sandbox: Sandbox) -> None:
    sandbox.write("plain", "")
    sandbox.orch("result", "--status", "done", "--summary", "x", env={"ORCH_RESULT": sandbox.root + "/plain/r.json"}, check=66)
