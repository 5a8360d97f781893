"""Every key of the configuration does what its line says: the table below names the test that shows it."""
from __future__ import annotations

import json
import os
from typing import Any

import pytest

from orch import agents
from orch.core import config as table
from orch.flow import run
from tests import life
from tests.house import source
from tests.sandbox import Sandbox

THIS = "tests/flow/test_keys.py"
SPEC, ENGINE = f"{THIS}::test_what_an_attempt_is_told", f"{THIS}::test_the_archive_the_slots_and_the_branch"
LIFE, BOUNDS, ROUTES = "tests/flow/test_life.py", "tests/flow/test_bounds.py", "tests/flow/test_routes.py"
CHECKED, MODEL = f"{THIS}::test_the_limit_of_an_agent", f"{ROUTES}::test_model_and_complexity_reach_the_agent"
EFFECT = {
    "engine.max_parallel": f"{LIFE}::test_max_parallel_counts_over_all_projects",
    "engine.tick_interval": "tests/flow/test_serve.py::test_whatever_is_new_wakes_it",
    "engine.executor": "tests/flow/test_executors.py::test_choose",
    "engine.path": "tests/flow/test_bad_input.py::test_an_agent_that_is_not_installed",
    "engine.archive_after": ENGINE,
    "engine.retention_days": "tests/flow/test_trash.py::test_old_checkouts_of_done_tasks_are_removed",
    "engine.retention_bytes": "tests/flow/test_trash.py::test_checkouts_that_take_too_much_room_go_oldest_first_but_never_an_open_tasks",
    "engine.log_bytes": "tests/flow/test_log.py::test_the_tick_rotates",
    "workflow.finish": f"{LIFE}::test_dependencies_hold_back_and_let_go",
    "workflow.verify": f"{LIFE}::test_verification_failure_is_remembered_and_mended",
    "workflow.setup": SPEC,
    "workflow.copy": SPEC,
    "workflow.max_attempts": f"{BOUNDS}::test_a_task_that_always_fails_is_tried_as_often_as_allowed_however_often_one_looks",
    "workflow.retry_seconds": f"{THIS}::test_the_first_pause",
    "workflow.timeout_seconds": CHECKED,
    "workflow.timeout_by_complexity.simple": CHECKED,
    "workflow.timeout_by_complexity.medium": CHECKED,
    "workflow.timeout_by_complexity.complex": CHECKED,
    "workflow.idle_seconds": SPEC,
    "workflow.verify_seconds": SPEC,
    "workflow.setup_seconds": SPEC,
    "workflow.output_bytes": SPEC,
    "workflow.max_tokens": SPEC,
    "workflow.max_cost": SPEC,
    "workflow.protected": f"{LIFE}::test_protected_paths_wait_for_a_person",
    "workflow.big_file_bytes": SPEC,
    "workflow.body_chars": "tests/flow/test_prompt.py::test_sizes_are_capped_with_a_note",
    "workflow.merge_strategy": "tests/flow/test_merge.py::test_the_strategy_may_want_a_merge_commit_every_time",
    "router.mode": f"{ROUTES}::test_the_round_goes_on_from_one_command_to_the_next",
    "router.default_agent": MODEL,
    "router.agents": f"{ROUTES}::test_when_every_agent_is_at_its_limit_the_task_waits",
    **{f"model_map.{size}.*": MODEL for size in ("simple", "medium", "complex")},
    "git.name": SPEC,
    "git.email": SPEC,
    "agents.*.command": "tests/flow/test_agents.py::test_a_command_of_the_configuration",
    "agents.*.prompt": "tests/flow/test_bad_input.py::test_a_body_of_two_megabytes_and_a_prompt_beyond_the_limit_of_an_argument",
    "agents.*.output": "tests/flow/test_answers.py::test_reports_on_stdout",
    "agents.*.model_args": MODEL,
    "agents.*.env": "tests/flow/test_environ.py::test_what_an_agents_entry_lists",
    "agents.*.version": "tests/cmd/test_agents.py::test_versions_are_asked_for_only_when_wanted",
    "agents.*.timeout_seconds": CHECKED,
    "agents.*.enabled": "tests/flow/test_bad_input.py::test_an_agent_that_is_not_installed",
    "project.default_branch": ENGINE,
    "projects.*.trust": "tests/flow/test_config.py::test_a_project_file_without_trust",
}


def test_every_key_has_a_test_of_its_effect() -> None:
    assert list(EFFECT) == [key.path for key in table.KEYS]
    missing = [test for test in EFFECT.values() if test not in source.tests()]
    assert not missing


def spec(sandbox: Sandbox, id: str, attempt: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/{attempt}/spec.json"))
    return found


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
