"""Something else lies where an agent's checkout was: orch neither commits in it nor publishes what is in it (design, rule 9)."""
from __future__ import annotations

import os

import pytest

from orch.errors import IOFailed
from orch.flow import mirror
from orch.host import gitdir
from tests import life
from tests.gitbox import SLUG, begin
from tests.sandbox import Sandbox

SWAPS = {
    "the checkout is a link": 'P=$PWD; cd ..; mv "$P" "$P.x"; ln -s {user} "$P"',
    "its .git is a link": "mv .git ../aside; ln -s {user}/.git .git",
    "its .git names another": "mv .git ../aside; echo gitdir: {user}/.git > .git",
    "its .git is gone": "mv .git ../aside",
    "its refs are": "mv .git/refs .git/old; ln -s {user}/.git/refs .git/refs; echo ref: refs/heads/main > .git/HEAD",
    "its index is": "rm .git/index; ln -s {user}/.git/index .git/index",
    "it shares them": "echo {user}/.git > .git/commondir; echo ref: refs/heads/main > .git/HEAD",
}


@pytest.mark.parametrize("report", ["done all", "no-change nothing to do"])
@pytest.mark.parametrize("swap", SWAPS)
def test_the_users_checkout_in_the_place_of_an_agents(sandbox: Sandbox, swap: str, report: str) -> None:
    path = life.project(sandbox, workflow__max_attempts=1)
    sandbox.git("init", "-q", sandbox.world().home.worktrees)  # a repository around all checkouts
    sandbox.write(f"{path}/private.txt", "mine\n")
    sandbox.write(f"{path}/.git/index.lock", "")  # the user is at work there himself
    before = life.fingerprint(path), sandbox.git("rev-parse", "HEAD", cwd=path)
    id = life.add(sandbox, "Swap", f"write a.txt a\ncommit a\n{report}\nrun {SWAPS[swap].format(user=path)}\n")
    end = life.rest(sandbox)[id]
    assert (life.fingerprint(path), sandbox.git("rev-parse", "HEAD", cwd=path)) == before
    assert (end["status"], end["published"], list(life.branches(sandbox))) == ("needs_review", None, ["main"])
    assert "own" in end["why"] or "another repository" in end["why"], end["why"]
    assert "private" not in sandbox.git("log", "--all", "--name-only", cwd=sandbox.world().home.mirror("local/app"))
    assert sandbox.command(["git", "rev-parse", "HEAD"], cwd=sandbox.world().home.worktrees).code, "nothing was committed around it"


def test_a_configured_work_tree_is_not_looked_into(sandbox: Sandbox) -> None:
    path = life.project(sandbox)
    sandbox.write(f"{path}/private.txt", "mine\n")
    id = life.add(sandbox, "Elsewhere", f"write a.txt a\ncommit a\nwrite b.txt b\nrun git config core.worktree {path}\ndone\n")
    end = life.rest(sandbox)[id]
    assert end["status"] == "done"
    assert sandbox.git("ls-tree", "--name-only", end["branch"], cwd=sandbox.remote()).split() == ["README.md", "a.txt", "b.txt"]


def test_a_repository_beside_the_checkout_is_not_taken_for_it(sandbox: Sandbox) -> None:
    """git looks for a repository under other names when the one that it is given is damaged."""
    world, _, wanted, _ = begin(sandbox)
    place = wanted["checkout"]
    sandbox.git("clone", "-q", os.path.join(sandbox.root, "code", "app"), f"{place}.git")
    os.unlink(f"{place}/.git/HEAD")
    with pytest.raises(IOFailed):
        mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], place, wanted["branch"])
    assert gitdir.own(place) == f"{place}/.git"
