"""Every key of the configuration has a test that shows what it does to the program, and not only that it is taken."""
from __future__ import annotations

import ast
import re

import pytest

from orch.core.config import KEYS
from tests.house import source

LIFE, HERE, TOLD, BOUNDS = (f"tests/flow/test_{name}.py::test" for name in ("life", "effects", "keys", "bounds"))
LIMITS = f"{HERE}_each_limit_ends_what_it_is_for"
KEPT = f"{HERE}_what_is_kept_and_what_is_told"
CHOSEN = f"{HERE}_who_is_chosen"
MADE = f"{TOLD}_what_an_attempt_is_told"
EFFECT = {
    "engine.max_parallel": f"{LIFE}_max_parallel_counts_over_all_projects",
    "engine.tick_interval": f"{HERE}_the_pause_between_two_ticks",
    "engine.executor": f"{HERE}_where_attempts_run",
    "engine.path": KEPT,
    "engine.archive_after": f"{TOLD}_the_archive_the_slots_and_the_branch",
    "engine.retention_days": f"{HERE}_days_and_room_of_checkouts",
    "engine.retention_bytes": f"{HERE}_days_and_room_of_checkouts",
    "engine.log_bytes": "tests/flow/test_log.py::test_the_tick_rotates",
    "workflow.finish": f"{LIFE}_dependencies_hold_back_and_let_go",
    "workflow.verify": f"{LIFE}_verification_failure_is_remembered_and_mended",
    "workflow.setup": MADE,
    "workflow.copy": MADE,
    "workflow.max_attempts": f"{BOUNDS}_a_task_that_always_fails_is_tried_as_often_as_allowed_however_often_one_looks",
    "workflow.retry_seconds": f"{TOLD}_the_first_pause",
    "workflow.timeout_seconds": LIMITS,
    "workflow.timeout_by_complexity.simple": LIMITS,
    "workflow.timeout_by_complexity.medium": LIMITS,
    "workflow.timeout_by_complexity.complex": LIMITS,
    "workflow.idle_seconds": LIMITS,
    "workflow.verify_seconds": LIMITS,
    "workflow.setup_seconds": LIMITS,
    "workflow.output_bytes": KEPT,
    "workflow.max_tokens": LIMITS,
    "workflow.max_cost": LIMITS,
    "workflow.protected": f"{HERE}_protected_paths_are_those_of_the_configuration",
    "workflow.big_file_bytes": MADE,
    "workflow.body_chars": KEPT,
    "workflow.merge_strategy": f"{HERE}_a_merge_may_be_a_commit_every_time",
    "router.mode": CHOSEN,
    "router.default_agent": CHOSEN,
    "router.agents": CHOSEN,
    "model_map.simple.*": KEPT,
    "model_map.medium.*": KEPT,
    "model_map.complex.*": KEPT,
    "git.name": MADE,
    "git.email": MADE,
    "agents.*.command": KEPT,
    "agents.*.prompt": "tests/flow/test_bad_input.py::test_a_body_of_two_megabytes_and_a_prompt_beyond_the_limit_of_an_argument",
    "agents.*.output": "tests/flow/test_answers.py::test_reports_on_stdout",
    "agents.*.model_args": KEPT,
    "agents.*.env": KEPT,
    "agents.*.version": "tests/cmd/test_agents.py::test_a_version_is_what_its_command_prints",
    "agents.*.timeout_seconds": LIMITS,
    "agents.*.enabled": CHOSEN,
    "project.default_branch": f"{TOLD}_the_archive_the_slots_and_the_branch",
    "projects.*.trust": f"{HERE}_trust_lets_the_projects_file_run_programs",
}


def test_the_table_has_every_key_and_no_other() -> None:
    assert list(EFFECT) == [key.path for key in KEYS]


@pytest.mark.parametrize("key", EFFECT)
def test_a_test_of_that_name_is_about_the_key(key: str) -> None:
    assert EFFECT[key] in source.tests()
    word = [each for each in key.split(".") if each != "*"][-1]
    assert re.search(rf"(?<![a-z]){word}(?![a-z])", body(EFFECT[key])), f"{EFFECT[key]} does not speak of {word}"


def body(test: str) -> str:
    """The text of a test in Python."""
    file, _, name = test.partition("::")
    found = next(node for node in ast.walk(source.tree(file)) if isinstance(node, ast.FunctionDef) and node.name == name)
    return ast.get_source_segment(source.read(file), found) or ""
