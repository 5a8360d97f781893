"""flow/diff: which two commits show what a task changed."""
from __future__ import annotations

import os

import pytest

from orch.core.task import Change
from orch.errors import NotFound
from orch.flow import checkout, diff, mirror
from orch.host import files, objects
from orch.host.world import World
from orch.records import Task
from orch.stores import local
from tests.gitbox import SLUG, register, spec
from tests.sandbox import Sandbox


def start(sandbox: Sandbox) -> tuple[World, str]:
    """A task with a prepared first attempt: (world, its checkout)."""
    sandbox.repo()
    world, _ = register(sandbox)
    local.create(world, SLUG, [{"title": "Fix it"}])
    wanted = spec(world)
    prepared = checkout.prepare(world, wanted)
    files.replace_json(os.path.join(world.home.attempt(SLUG, "int-1", "1-work"), "prepared.json"), dict(prepared))
    return world, wanted["checkout"]


def keep(sandbox: Sandbox, world: World, place: str, number: int = 1) -> str:
    return str(mirror.keep(world, SLUG, "int-1", f"{number}-work", place, os.path.basename(place)))


def record(world: World, **fields: str) -> Task:
    return local.change(world, SLUG, "int-1", lambda task: Change(fields, "test", "test"))


def shown(world: World, task: Task, attempt: int | None = None) -> list[str] | None:
    found = diff.find(world, task, attempt)
    return found and [each.path for each in objects.changed(mirror.tool(world), found.mirror, found.base, found.head)]


def theirs(sandbox: Sandbox, name: str) -> None:
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.commit(path, {name: "x"}, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=path)


def test_before_anything_is_kept_there_is_nothing(sandbox: Sandbox) -> None:
    world, place = start(sandbox)
    task = local.get(world, SLUG, "int-1")
    assert diff.find(world, task) is None and diff.find(world, task, 1) is None
    with pytest.raises(NotFound):
        diff.find(world, task, 2)
    keep(sandbox, world, place)
    assert diff.find(world, task) is None  # kept, and no commit in it


def test_what_was_kept_last_is_shown_before_the_record_knows(sandbox: Sandbox) -> None:
    world, place = start(sandbox)
    sandbox.commit(place, {"a": "1"}, "work")
    keep(sandbox, world, place)
    assert shown(world, local.get(world, SLUG, "int-1")) == ["a"]


def test_each_attempt_shows_what_it_left(sandbox: Sandbox) -> None:
    world, place = start(sandbox)
    sandbox.commit(place, {"a": "1"}, "first")
    keep(sandbox, world, place)
    sandbox.commit(place, {"b": "1"}, "second")
    head = keep(sandbox, world, place, 2)
    task = record(world, head=head, base=sandbox.git("rev-parse", "origin/main", cwd=place))
    assert (shown(world, task, 1), shown(world, task, 2), shown(world, task)) == (["a"], ["a", "b"], ["a", "b"])


def test_a_newer_default_branch_that_was_merged_in_is_not_shown(sandbox: Sandbox) -> None:
    world, place = start(sandbox)
    base = sandbox.git("rev-parse", "HEAD", cwd=place)
    sandbox.commit(place, {"a": "1"}, "work")
    theirs(sandbox, "lib")
    mirror.fetch(world, register(sandbox)[1])
    sandbox.git("fetch", "-q", cwd=place)
    sandbox.git("merge", "-q", "--no-edit", "origin/main", cwd=place)
    task = record(world, head=keep(sandbox, world, place), base=base)
    assert shown(world, task) == ["a"]


def test_after_it_was_merged_it_is_still_shown(sandbox: Sandbox) -> None:
    world, place = start(sandbox)
    base = sandbox.git("rev-parse", "HEAD", cwd=place)
    head = sandbox.commit(place, {"a": "1"}, "work")
    keep(sandbox, world, place)
    sandbox.git("push", "-q", sandbox.remote(), "HEAD:main", cwd=place)
    mirror.fetch(world, register(sandbox)[1])
    assert shown(world, record(world, head=head, base=base)) == ["a"]  # by somebody else
    assert shown(world, record(world, onto=base, published=head)) == ["a"]
