"""flow/merge: the commit that a merge would publish, made in the mirror alone."""
from __future__ import annotations

import os

import pytest

from orch.errors import BadData, IOFailed
from orch.flow import merge, mirror
from orch.flow.merge import Candidate, Conflict
from orch.host import objects, refs
from orch.host.world import World
from orch.records import Project, Spec, Task
from tests.gitbox import SLUG, begin, task
from tests.sandbox import Sandbox


def work(sandbox: Sandbox, files: dict[str, str]) -> tuple[World, Project, Spec, Task]:
    world, project, wanted, _ = begin(sandbox)
    sandbox.commit(wanted["checkout"], files, "work")
    head = mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], wanted["checkout"], wanted["branch"])
    return world, project, wanted, task(wanted, head=head)


def theirs(sandbox: Sandbox, files: dict[str, str]) -> str:
    path = os.path.join(sandbox.root, "code", "app")
    sha = sandbox.commit(path, files, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    return sha


def test_a_target_that_did_not_move_is_fast_forwarded(sandbox: Sandbox) -> None:
    world, project, wanted, one = work(sandbox, {"x": "1\n"})
    tip = refs.read(wanted["mirror"], "refs/heads/main")
    assert merge.candidate(world, project, one, "main") == Candidate(str(one["head"]), str(tip), "main")


def test_the_strategy_may_want_a_merge_commit_every_time(sandbox: Sandbox) -> None:
    world, project, wanted, one = work(sandbox, {"x": "1\n"})
    sandbox.write("orch/config.yml", "workflow: {merge_strategy: merge}\ngit: {name: Bot, email: bot@example.org}\n")
    found = merge.candidate(world, project, one, "main")
    assert isinstance(found, Candidate) and found.sha != one["head"]
    shown = sandbox.git("show", "-s", "--format=%P|%an <%ae>|%cn|%s|%b", found.sha, cwd=wanted["mirror"])
    assert shown.strip() == f"{found.onto} {one['head']}|Bot <bot@example.org>|Bot|Merge int-1: Fix it into main|Task: {SLUG}#int-1"
    assert sandbox.git("rev-parse", f"{found.sha}^{{tree}}", cwd=wanted["mirror"]) == sandbox.git(
        "rev-parse", f"{one['head']}^{{tree}}", cwd=wanted["mirror"]
    )


def test_a_target_that_moved_is_merged_into_and_the_result_is_always_the_same(sandbox: Sandbox) -> None:
    world, project, wanted, one = work(sandbox, {"x": "1\n"})
    tip = theirs(sandbox, {"y": "1\n"})
    mirror.fetch(world, project)
    found = merge.candidate(world, project, one, "main")
    assert isinstance(found, Candidate) and found.onto == tip
    assert sorted(objects.tree(mirror.tool(world), wanted["mirror"], found.sha)) == ["README.md", "x", "y"]
    assert merge.candidate(world, project, one, "main") == found
    assert refs.read(wanted["mirror"], "refs/heads/main") == tip


def test_a_conflict_names_its_files(sandbox: Sandbox) -> None:
    world, project, _, one = work(sandbox, {"x": "ours\n", "d/ü": "ours\n", "fine": "1\n"})
    theirs(sandbox, {"x": "theirs\n", "d/ü": "theirs\n"})
    mirror.fetch(world, project)
    assert merge.candidate(world, project, one, "main") == Conflict(["d/ü", "x"])


def test_what_is_in_the_target_already_gives_the_target(sandbox: Sandbox) -> None:
    world, project, wanted, one = work(sandbox, {"x": "1\n"})
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.git("pull", "-q", wanted["checkout"], wanted["branch"], cwd=path)
    tip = theirs(sandbox, {"y": "1\n"})
    mirror.fetch(world, project)
    assert merge.candidate(world, project, one, "main") == Candidate(tip, tip, "main")


def test_unrelated_histories_conflict(sandbox: Sandbox) -> None:
    world, project, wanted, _ = begin(sandbox)
    sandbox.git("checkout", "-q", "--orphan", "fresh", cwd=wanted["checkout"])
    sandbox.commit(wanted["checkout"], {"x": "1\n"}, "fresh")
    sandbox.git("branch", "-q", "-D", wanted["branch"], cwd=wanted["checkout"])
    head = mirror.keep(world, SLUG, "int-1", "1-work", wanted["checkout"], wanted["branch"])
    assert merge.candidate(world, project, task(wanted, head=head), "main") == Conflict([])


def test_what_cannot_be_merged_is_said(sandbox: Sandbox) -> None:
    world, project, wanted, one = work(sandbox, {"x": "1\n"})
    with pytest.raises(IOFailed, match="no branch none"):
        merge.candidate(world, project, one, "none")
    with pytest.raises(BadData, match="nothing to merge"):
        merge.candidate(world, project, task(wanted), "main")
    with pytest.raises(IOFailed):
        merge.candidate(world, project, task(wanted, head="1" * 40), "main")


@pytest.mark.parametrize("title", ["", "a\nb\0c", "x" * 10_000, "--amend", "{{ }} $(id) ünï 🎉"])
def test_any_title_makes_one_subject_line(title: str) -> None:
    lines = merge.message({"id": "int-1", "project": SLUG, "title": title}, "main").splitlines()
    assert lines[0].startswith("Merge int-1: ") and lines[0].endswith(" into main") and len(lines[0]) < 140
    assert lines[1:] == ["", f"Task: {SLUG}#int-1"]


def test_no_driver_of_the_repository_or_the_user_takes_part(sandbox: Sandbox) -> None:
    ran = os.path.join(sandbox.root, "ran")
    evil = sandbox.write("evil", f"#!/bin/sh\necho $0 >>{ran}\n", 0o755)
    sandbox.git("config", "--global", "merge.evil.driver", evil)
    sandbox.git("config", "--global", "merge.default", "evil")
    world, project, _, one = work(sandbox, {"x": "ours\n", ".gitattributes": "* merge=evil\n"})
    theirs(sandbox, {"x": "theirs\n"})
    mirror.fetch(world, project)
    merge.candidate(world, project, one, "main")
    assert not os.path.exists(ran)
