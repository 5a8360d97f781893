"""The default branch is rewritten under a task, to take something out of it: nothing that orch publishes brings it back."""
from __future__ import annotations

import os
from typing import Any

import pytest

from tests import life
from tests.sandbox import Sandbox


def take_out(sandbox: Sandbox, path: str) -> None:
    """Replace the last commit of the origin's default branch by another one."""
    sandbox.git("reset", "-q", "--hard", "HEAD~1", cwd=path)
    sandbox.commit(path, {"z": "z\n"}, "after the removal")
    sandbox.git("push", "-q", "-f", "origin", "main", cwd=path)


def begin(sandbox: Sandbox, rest: str, **settings: Any) -> tuple[str, str, str]:
    """A task that began from a commit which is not in the default branch any more; it goes on when the gate is there."""
    path = life.project(sandbox, **settings)
    leak = sandbox.commit(path, {"leak.txt": "all that we know\n"}, "leak")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    gate = f"{sandbox.root}/gate"
    begun = f"write a.txt one\ncommit mine\nrun touch {gate}.begun; until [ -e {gate} ]; do sleep 0.02; done\n"
    id = life.add(sandbox, "Work", "".join(f"on 1: {line}\n" for line in begun.splitlines()) + rest)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: os.path.exists(f"{gate}.begun"))
    take_out(sandbox, path)
    sandbox.write(gate, "")
    return path, id, leak


@pytest.mark.parametrize("finish", ["merge", "branch"])
def test_what_was_taken_out_of_the_target_does_not_come_back(sandbox: Sandbox, finish: str) -> None:
    mend = "run git fetch -q origin && git rebase -q --onto origin/main $(git rev-parse HEAD~1)"
    _, id, leak = begin(sandbox, f"on 2: {mend}\ndone\n", workflow__finish=finish)
    end = life.rest(sandbox)[id]
    [fault] = end["failures"]
    assert fault["kind"] == "conflict"
    assert "main was rewritten: rebase onto it" in fault["text"] and f"git rebase --onto origin/main {leak[:12]}" in fault["text"]
    assert end["status"] == "done", end["why"]
    where = life.branches(sandbox)["main" if finish == "merge" else end["branch"]]
    assert sandbox.git("ls-tree", "--name-only", where, cwd=sandbox.remote()).split() == ["README.md", "a.txt", "z"]
    assert "leak" not in sandbox.git("log", "--format=%s", "--all", cwd=sandbox.remote())
    assert end["base"] == sandbox.git("merge-base", "main", where + "^" * (finish == "merge"), cwd=sandbox.remote())
    assert sandbox.orch("diff", id, "--stat").out.split()[0] == "a.txt"


def test_one_who_does_not_rebase_is_told_so_and_then_stopped(sandbox: Sandbox) -> None:
    gate = f"{sandbox.root}/gate"
    wait = f"touch {gate}.begun; until [ -e {gate} ]; do sleep 0.02; done"
    acts = f"cat >> {gate}.prompts; echo x >> a.txt; git add -A; git commit -qm mine; {wait}; orch-result --status done --summary it"
    script = sandbox.write("agent", f"#!/bin/sh\n{acts}\n", 0o755)
    mine = {"command": [script], "prompt": "stdin"}
    _, id, leak = begin(sandbox, "", workflow__finish="merge", agents__mine=mine, router__default_agent="mine")
    end = life.rest(sandbox)[id]
    assert end["status"] == "needs_review" and "main was rewritten" in end["why"]
    prompts = sandbox.read("gate.prompts")
    assert f"rebase --onto origin/main {leak[:12]}" in prompts and "Do not rebase" not in prompts
    sandbox.orch("publish", "--accept", id, check=False)
    life.rest(sandbox)
    assert "leak" not in sandbox.git("log", "--format=%s", "--all", cwd=sandbox.remote())
