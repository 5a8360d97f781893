"""`orch why` and `orch at`, from what is on disk: the locks for one, the events for the other."""
from __future__ import annotations

import json

from tests import life
from tests.sandbox import Sandbox


def test_the_board_of_a_past_moment(sandbox: Sandbox) -> None:
    life.project(sandbox)
    clock = "2026-11-20T{}:00:00Z".format
    first = sandbox.orch("task", "add", "First", "--body", "help how?", env={"ORCH_TEST_NOW": clock("01")}).out.strip()
    second = sandbox.orch("task", "add", "Second", "--depends-on", first, env={"ORCH_TEST_NOW": clock("03")}).out.strip()
    sandbox.orch("task", "cancel", first, env={"ORCH_TEST_NOW": clock("05")})

    def board(time: str) -> list[tuple[str, str]]:
        return [(task["id"], task["status"]) for task in sandbox.orch("at", time, "--json").lines()]

    assert board(clock("00")) == []
    assert board(clock("02")) == [(first, "new")]
    assert board(clock("04")) == [(first, "new"), (second, "new")]
    assert board(clock("06")) == [(first, "done"), (second, "new")]
    sandbox.orch("tick", env={"ORCH_TEST_NOW": "2026-11-25T00:00:00Z"})
    assert board("2026-11-24T00:00:00Z") == [(first, "done"), (second, "new")]  # archived since, and still there
    shown = sandbox.orch("at", clock("04"))
    assert [line.split()[1] for line in shown.out.splitlines()] == ["STATUS", "new", "new"]
    assert "no tasks at 2026-11-20T00:00:00.000Z" in sandbox.orch("at", clock("00")).err
    assert "not a time" in sandbox.orch("at", "yesterday", check=65).err
    sandbox.orch("at", "2h", "--json")


def test_a_clock_that_was_set_back_changes_no_order(sandbox: Sandbox) -> None:
    life.project(sandbox)
    clock = "2026-11-20T{}:00:00Z".format
    id = sandbox.orch("task", "add", "First", env={"ORCH_TEST_NOW": clock("05")}).out.strip()
    for hour, priority in (("02", "1"), ("09", "2"), ("04", "3")):
        sandbox.orch("task", "set", id, f"priority={priority}", env={"ORCH_TEST_NOW": clock(hour)})

    def priorities(time: str) -> list[int]:
        run = sandbox.orch("at", time, "--json")
        assert "cannot be read" not in run.err
        return [task["priority"] for task in run.lines()]

    assert [priorities(clock(hour)) for hour in ("01", "03", "06", "10")] == [[], [1], [3], [3]]


def test_a_torn_history_is_named(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Torn")
    path = f"orch/.orch/local/app/tasks/{id}/events.jsonl"
    event = json.loads(sandbox.read(path))
    del event["set"]["title"]
    sandbox.write(path, json.dumps(event) + "\n")
    run = sandbox.orch("at", "2099-01-01T00:00:00Z", "--json")
    assert run.out == "" and f"local/app#{id}" in run.err


def test_why(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=1)
    hangs = life.add(sandbox, "Hang", "hang\n")
    waits = life.add(sandbox, "Wait", "hang\n")
    after = life.add(sandbox, "After", "hang\n", "--depends-on", waits)
    assert "it is routed at the next `orch tick`" in sandbox.orch("why", hangs).out
    sandbox.orch("tick")
    assert "attempt 1-work runs" in sandbox.orch("why", hangs).out
    assert "1 of 1 slots are taken" in sandbox.orch("why", waits).out
    told = [json.loads(line) for line in sandbox.orch("why", "--json", after, waits).out.splitlines()]
    assert [(each["task"], each["status"], each["holds"]) for each in told] == [
        (after, "blocked", f"waits for {waits}"), (waits, "routed", "1 of 1 slots are taken"),
    ]
    sandbox.orch("task", "kill", hangs)
    assert "killed by a person" in sandbox.orch("why", hangs).out
    sandbox.orch("why", "int-99", check=66)
