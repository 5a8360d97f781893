"""What keys of the configuration tell an attempt, and how long things take; tests/flow/test_effects.py has the rest."""
from __future__ import annotations

import json
import os
from typing import Any

import pytest

from orch import agents
from orch.core import config as table
from orch.flow import run
from tests import life
from tests.sandbox import Sandbox


def spec(sandbox: Sandbox, id: str, attempt: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/{attempt}/spec.json"))
    return found


def test_an_agent_is_told_what_is_put_into_the_clone_for_the_checks(sandbox: Sandbox) -> None:
    life.project(
        sandbox, agents={"mine": {"command": ["cat", "{system_file}"]}}, workflow__setup=["echo ready > ready"], workflow__copy=[".env"],
        workflow__verify=["true"], workflow__max_attempts=1,
    )
    id = life.add(sandbox, "Work", "x", "--agent", "mine")
    life.rest(sandbox)
    told = sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/1-work/stdout")
    assert "Copied in first, as far as they are there: `.env`." in told and "\necho ready > ready\n" in told


def test_what_an_attempt_is_told(sandbox: Sandbox) -> None:
    """tests/flow/test_attempt.py, test_checks.py and test_autocommit.py show that it is kept to."""
    path = life.project(
        sandbox, workflow__setup=["echo ready > ready"], workflow__copy=[".env"], workflow__idle_seconds="4m", workflow__setup_seconds=77,
        workflow__verify=["test -e .env"], workflow__verify_seconds=78, workflow__output_bytes=123_456, workflow__max_tokens=5000,
        workflow__max_cost=1.5, workflow__big_file_bytes=1000, git__name="Robot", git__email="robot@example.org",
    )
    sandbox.write(f"{path}/.env", "KEY=x\n")
    body = "run test -e .env && test -e ready\nwrite a.txt x\ncommit a\nrun head -c 2000 /dev/zero > big.bin\nusage 10 0.1\ndone\n"
    id = life.add(sandbox, "Work", body)
    end = life.rest(sandbox)[id]
    assert end["status"] == "done", end
    work, check = spec(sandbox, id, "1-work"), spec(sandbox, id, "2-verify")
    assert work["limits"] == {"wall": 1800, "idle": 240, "setup": 77, "output": 123_456, "tokens": 5000, "cost": 1.5}
    assert (check["limits"]["wall"], check["limits"]["setup"], check["limits"]["output"]) == (78, 77, 123_456)
    assert sandbox.git("log", "-1", "--format=%an <%ae>", end["published"], cwd=sandbox.remote()) == "Robot <robot@example.org>"
    assert sandbox.git("ls-tree", "--name-only", end["published"], cwd=sandbox.remote()).split() == ["README.md", "a.txt", "ready"]
    left = json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/1-work/exit.json"))["left_out"]
    assert [each["path"] for each in left] == ["big.bin"]


@pytest.mark.parametrize("task, settings, agent, wall", [
    ({}, {}, 0, 1800),
    ({}, {"timeout_seconds": 60}, 0, 60),
    ({"complexity": "complex"}, {"timeout_seconds": 60, "timeout_by_complexity": {"complex": 600}}, 0, 600),
    ({"complexity": "simple"}, {"timeout_seconds": 60, "timeout_by_complexity": {"complex": 600, "simple": 30}}, 0, 30),
    ({"complexity": "medium"}, {"timeout_seconds": 60, "timeout_by_complexity": {"complex": 600}}, 0, 60),
    ({}, {"timeout_by_complexity": {"medium": 90}}, 0, 90),
    ({"complexity": "complex"}, {"timeout_by_complexity": {"complex": 600}}, 45, 45),
    ({"options": {"timeout": 5}}, {"timeout_by_complexity": {"medium": 600}}, 45, 5),
    ({}, {"timeout_seconds": 0}, 0, 0),
])
def test_the_limit_of_an_agent(task: Any, settings: dict[str, Any], agent: int, wall: int) -> None:
    """The task's own, else the agent's, else by complexity, else the project's; 0 is none."""
    merged, _ = table.merge([("default", table.DEFAULTS), ("test", {"workflow": settings})])
    assert run.limits(task, merged, agents.Agent("x", ("x",), timeout=agent))["wall"] == wall


def test_the_first_pause(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__retry_seconds=1000)
    sandbox.env["ORCH_TEST_NOW"] = "2026-11-20T12:00:00Z"
    id = life.add(sandbox, "Fails by accident", "exit 3\n")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, id)["failures"])
    assert "2026-11-20T12:16:40" <= life.task(sandbox, id)["not_before"] <= "2026-11-20T12:18:21"


def test_the_archive_the_slots_and_the_branch(sandbox: Sandbox) -> None:
    path = life.project(sandbox, engine__archive_after="2h")
    sandbox.git("push", "-q", "origin", "main:trunk", cwd=path)
    sandbox.commit(path, {"only-on-trunk": ""}, "more")
    sandbox.git("push", "-q", "origin", "HEAD:trunk", cwd=path)
    sandbox.orch("config", "set", "project.default_branch=trunk")
    sandbox.env["ORCH_TEST_NOW"] = "2026-11-20T12:00:00Z"
    id = life.add(sandbox, "Work", "run test -e only-on-trunk\nwrite a.txt x\ndone\n")
    assert life.rest(sandbox)[id]["status"] == "done"
    folder = f"{sandbox.orch_home}/.orch/local/app"
    for now, place in (("2026-11-20T13:59:59Z", "tasks"), ("2026-11-20T14:00:01Z", "archive")):
        sandbox.env["ORCH_TEST_NOW"] = now
        sandbox.orch("tick")
        assert os.path.isdir(f"{folder}/{place}/{id}")
    assert sandbox.orch("task", "list").out == "" and sandbox.orch("task", "get", id).out


def test_the_largest_values_stop_no_tick(sandbox: Sandbox) -> None:
    """What `config check` calls ok must work until the last of its days."""
    life.project(
        sandbox, engine__archive_after="365250d", engine__retention_days=365250, engine__retention_bytes="9T", workflow__protected=["["]
    )
    sandbox.orch("config", "check")
    id = life.add(sandbox, "Work", "write a.txt x\ncommit a\ndone\n")
    assert life.rest(sandbox)[id]["status"] == "done"
    sandbox.orch("tick")


@pytest.mark.parametrize("pair", [
    "engine.retention_days=1000000", "engine.archive_after=999999999w", 'workflow.protected=["[z-a]"]', 'workflow.protected=["[!]"]',
])  # fmt: skip
def test_what_would_stop_it_is_refused(sandbox: Sandbox, pair: str) -> None:
    said = sandbox.orch("config", "set", pair, check=78).err
    assert pair.partition("=")[0] in said and "expected" in said
