"""Parents and children, and those that depend on what was cancelled."""
from __future__ import annotations

from tests import life
from tests.sandbox import Sandbox

WORK = "write {name}.txt x\ncommit {name}\ndone\n"


def test_a_parent_comes_after_its_children_however_they_end(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__finish="merge")
    parent = life.add(sandbox, "Parent", "run test -e one.txt\n" + WORK.format(name="parent"))
    one = life.add(sandbox, "One", WORK.format(name="one"), "--parent", parent)
    two = life.add(sandbox, "Two", "help which?\n", "--parent", parent)
    life.rest(sandbox)
    sandbox.orch("tick")  # it tells what the parent waits for now
    end = life.tasks(sandbox)
    assert (end[parent]["status"], end[one]["status"], end[two]["status"]) == ("blocked", "done", "needs_review")
    assert end[parent]["why"] == f"waits for {two}" and end[parent]["attempts"] == 0
    sandbox.orch("task", "cancel", two)
    sandbox.orch("tick")
    assert life.rest(sandbox)[parent]["status"] == "done"
    assert sandbox.git("ls-tree", "--name-only", "main", cwd=sandbox.remote()).split() == ["README.md", "one.txt", "parent.txt"]


def test_what_depends_on_a_cancelled_task_needs_a_person(sandbox: Sandbox) -> None:
    """Nobody but a person knows whether it still makes sense; taking the dependency out lets it go."""
    life.project(sandbox)
    first = life.add(sandbox, "First", "help?\n")
    second = life.add(sandbox, "Second", WORK.format(name="second"), "--depends-on", first)
    third = life.add(sandbox, "Third", WORK.format(name="third"), "--depends-on", second)
    sandbox.orch("task", "cancel", first)
    end = life.rest(sandbox)
    assert (end[second]["status"], end[third]["status"]) == ("needs_review", "blocked")
    assert end[second]["why"] == f"{first}, which it depends on, was cancelled"
    sandbox.orch("task", "set", second, "depends_on=")
    sandbox.orch("task", "unblock", second)
    end = life.rest(sandbox)
    assert (end[second]["status"], end[third]["status"]) == ("done", "done")
