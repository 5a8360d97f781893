"""Odd homes, environments and names: what a person, a distribution or a container makes of the world around orch."""
from __future__ import annotations

import os
import stat
import sys

import pytest

from orch.host import files, tmux
from tests import life
from tests.sandbox import ORCH, Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"


@pytest.mark.skipif(not os.path.exists("/usr/bin/tmux") and not os.path.exists("/opt/homebrew/bin/tmux"), reason="tmux is not installed")
def test_a_generous_umask_opens_nothing_to_others(sandbox: Sandbox) -> None:
    os.rmdir(sandbox.orch_home)
    before = os.umask(0)
    try:
        life.project(sandbox, engine__executor="tmux")
        id = life.add(sandbox, "Work", WORK)
        assert life.rest(sandbox)[id]["status"] == "done"
    finally:
        os.umask(before)
    for folder, _, names in os.walk(sandbox.orch_home):
        if "/projects/" in folder or "/worktrees/" in folder:
            continue  # git's, below directories that are closed
        modes = {os.path.join(folder, name): os.lstat(os.path.join(folder, name)).st_mode for name in (*names, ".")}
        # what an agent writes has the agent's umask
        assert not [path for path, mode in modes.items() if stat.S_IMODE(mode) & 0o077 and not path.endswith("result.json")]
    sandbox.command(["tmux", "-S", tmux.socket(sandbox.world()), "kill-server"])


def test_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way(sandbox: Sandbox) -> None:
    code = "import os, sys\nfrom orch.host import files\npid = os.getpid()\n" \
           "for n in range(20): open(f'{sys.argv[1]}/.record.json.{pid}.{n}.tmp', 'w')\n" \
           "for n in range(20): files.replace_json(sys.argv[1] + '/record.json', {'n': n})\n"
    env = {**sandbox.env, "PYTHONPATH": os.path.dirname(os.path.dirname(ORCH))}
    done = sandbox.command([sys.executable, "-c", code, sandbox.root], env=env)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("value", ["\ud800", "é\udcff", "plain", "é"])
def test_any_text_can_be_kept(sandbox: Sandbox, value: str) -> None:
    path = os.path.join(sandbox.root, "record.json")
    files.replace_json(path, {"v": value})
    files.append(path + "l", files.line({"v": value}))
    assert files.read_json(path) == {"v": value} == next(files.lines(path + "l"))
