"""The project's file is what the default branch holds, whatever it says."""
from __future__ import annotations

import os

import pytest

from orch.errors import BadConfig
from orch.flow import config, mirror, project
from tests.sandbox import Sandbox


def push(sandbox: Sandbox, path: str, text: str, name: str = ".orch.yml") -> None:
    sandbox.commit(path, {name: text}, "config")
    sandbox.git("push", "-q", "origin", "HEAD", cwd=path)


@pytest.mark.parametrize("broken", ["workflow: [\n", "router: 5\n", "project: {default_branch: nosuch}\n", "[" * 100_000])
def test_a_broken_file_can_be_mended(sandbox: Sandbox, broken: str) -> None:
    path, world = sandbox.repo("app"), sandbox.world()
    record = project.add(world, path)
    push(sandbox, path, broken)
    mirror.fetch(world, record)
    with pytest.raises(BadConfig):
        mirror.default(world, record)
    push(sandbox, path, "workflow: {max_attempts: 9}\n")
    mirror.fetch(world, record)
    assert config.load(world, record["slug"])["workflow"]["max_attempts"] == 9
    assert mirror.default(world, record)[0] == "main"


def test_a_file_that_names_another_branch_is_still_read_from_its_own(sandbox: Sandbox) -> None:
    path, world = sandbox.repo("app"), sandbox.world()
    sandbox.git("push", "-q", "origin", "main:develop", cwd=path)
    record = project.add(world, path)
    push(sandbox, path, "project: {default_branch: develop}\n")
    for _ in range(3):
        mirror.fetch(world, record)
        assert mirror.default(world, record)[0] == "develop"


def test_neither_the_checkout_nor_a_tasks_branch_counts(sandbox: Sandbox) -> None:
    path, world = sandbox.repo("app"), sandbox.world()
    record = project.add(world, path)
    sandbox.git("checkout", "-q", "-b", "task", cwd=path)
    push(sandbox, path, "workflow: {max_attempts: 9}\n")
    mirror.fetch(world, record)
    assert not os.path.exists(world.home.project_config(record["slug"]))
    assert config.load(world, record["slug"])["workflow"]["max_attempts"] == 5


def test_the_older_name_and_the_end_of_a_file(sandbox: Sandbox) -> None:
    path, world = sandbox.repo("app", {".orchestrator.yml": "workflow: {max_attempts: 8}\n"}), sandbox.world()
    record = project.add(world, path)
    assert config.load(world, record["slug"])["workflow"]["max_attempts"] == 8
    push(sandbox, path, "workflow: {max_attempts: 9}\n")
    mirror.fetch(world, record)
    assert config.load(world, record["slug"])["workflow"]["max_attempts"] == 9
    sandbox.git("rm", "-q", ".orch.yml", ".orchestrator.yml", cwd=path)
    push(sandbox, path, "x", "other")
    mirror.fetch(world, record)
    assert config.load(world, record["slug"])["workflow"]["max_attempts"] == 5
