"""What a task's life costs besides the work, counted and not timed: processes that orch starts, syncs, modules of a shepherd.

A ratchet like tests/house/test_tariff.py: lower a number when the count went down, raise it only with a reason in the commit.
"""
from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

from orch.host import files
from tests import life
from tests.house.test_tariff import HEAVY, MARK
from tests.sandbox import CHECKOUT, Sandbox

COUNTED = os.path.join(CHECKOUT, "tests", "house", "counted")
HERE = f"{CHECKOUT}/orch/__main__.py"
# (command, what) -> how often at most, from `task add` to the published branch of a shell agent's task that leaves its work uncommitted.
# git: checkout; status, add, commit; fetch into the mirror, log, diff-tree; push. `sh` is the agent.
PLAIN = {
    ("task", "runs"): 1, ("task", "fsync"): 6,
    ("tick", "runs"): 1, ("tick", "python"): 1, ("tick", "fsync"): 4,
    ("attempt", "runs"): 1, ("attempt", "git"): 8, ("attempt", "sh"): 1, ("attempt", "fsync"): 10,
}
# The same with a verify command: another shepherd, which makes another checkout and removes it.
CHECKED = {
    **PLAIN,
    ("attempt", "runs"): 2, ("attempt", "python"): 1, ("attempt", "git"): 9, ("attempt", "sh"): 2, ("attempt", "fsync"): 18,
}
SHEPHERD = 95  # modules of orch, those that take in the result among them
HELPERS = {"subprocess", "ctypes"}  # of the heavy ones a shepherd needs these


def counts(sandbox: Sandbox, *words: str) -> Counter[tuple[str, str]]:
    """Run a task through its life; returns what it cost, what ran for the second time in this home so that caches are warm."""
    life.project(sandbox, router__default_agent="shell")
    notes = os.path.join(sandbox.root, "notes")
    env = {**sandbox.env, "PYTHONPATH": COUNTED, "ORCH_COUNTED": notes}
    for title in ("first", "second"):
        if os.path.exists(notes):
            os.unlink(notes)
        id = sandbox.command([sys.executable, HERE, "task", "add", title, "--body", "echo x > work.txt", *words], env=env).out.strip()
        sandbox.command([sys.executable, HERE, "tick"], env=env)
        sandbox.wait_for(lambda id=id: life.task(sandbox, id)["status"] == "done")  # type: ignore[misc]
        sandbox.wait_for(lambda: not sandbox.processes())
    python = os.path.basename(sys.executable)
    noted = (line.split() for line in files.read_text(notes).splitlines())
    return Counter((word, "python" if what == python else what) for word, what in noted)


@pytest.mark.parametrize(("words", "most"), [((), PLAIN), (("--verify", "test -f work.txt"), CHECKED)], ids=["plain", "checked"])
def test_processes_and_syncs_of_a_life(sandbox: Sandbox, words: tuple[str, ...], most: dict[tuple[str, str], int]) -> None:
    found = counts(sandbox, *words)
    over = {key: count for key, count in found.items() if count > most.get(key, 0)}
    assert not over, found


def test_modules_of_a_shepherd(sandbox: Sandbox) -> None:
    life.project(sandbox, router__default_agent="shell")
    for title in ("first", "second"):
        id = life.add(sandbox, title, "echo x > work.txt")
        sandbox.orch("tick", env={"PYTHONPROFILEIMPORTTIME": "1"})
        sandbox.wait_for(lambda id=id: life.task(sandbox, id)["status"] == "done")  # type: ignore[misc]
    folder = sandbox.world().home.attempt("local/app", id, "1-work")
    said = "".join(files.read_text(os.path.join(folder, name)) for name in ("shepherd.log", "reap.log"))
    modules = {line.rpartition("|")[2].strip() for line in said.splitlines() if line.startswith(MARK)}
    ours = sorted(name for name in modules if name.split(".")[0] == "orch")
    assert "orch.flow.reap" in ours and "orch.flow.attempt" in ours
    assert not {name for name in modules if {name, name.split(".")[0]} & (HEAVY - HELPERS)} and "click" not in modules
    assert len(ours) <= SHEPHERD, ours
