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


@pytest.mark.parametrize("odd", [
    {"home": "a b/" + "x" * 100, "executor": "auto"},
    {"home": "it's \"q\" $c `d` #{e} %f", "LC_ALL": "C", "TZ": ":/nowhere", "HOME": None, "TERM": None, "repo": "-rf"},
    {"home": os.fsdecode(b"latin\xe9"), "LANG": "C", "repo": "a\nb é"},
])
def test_a_retry_goes_on_in_its_checkout_wherever_that_is(sandbox: Sandbox, odd: dict[str, str | None]) -> None:
    odd = dict(odd)
    home, repo, executor = (odd.pop(key, default) for key, default in (("home", ""), ("repo", "my app"), ("executor", "process")))
    sandbox.orch_home = os.path.join(sandbox.root, str(home))
    sandbox.env = {key: value for key, value in {**sandbox.env, **odd, "ORCH_HOME": sandbox.orch_home}.items() if value is not None}
    path = os.path.join(sandbox.root, "code", str(repo))
    os.rename(sandbox.repo("app"), path)
    sandbox.orch("init", "--no-trust", cwd=path)
    sandbox.write(os.fsdecode(os.path.join(os.fsencode(path), b"local", b"\xe9.env")), "mine")
    life.configure(
        sandbox, router__default_agent="rehearsal", engine__executor=str(executor), workflow__retry_seconds=0, workflow__copy=["local"]
    )
    id = life.add(sandbox, "Título ✓", "on 1: write é.txt one\non 1: exit 1\nrun cat é.txt\nappend é.txt two\ncommit wörk ✓\ndone ✓\n")
    sandbox.command(["/bin/sh", "-c", 'exec <&- >&- 2>&-; exec "$0" tick', ORCH])
    end = life.rest(sandbox)[id]
    if tmux.socket(sandbox.world()).startswith("/tmp/orch-"):
        sandbox.command(["rm", "-rf", os.path.dirname(tmux.socket(sandbox.world()))])
    assert (end["status"], end["attempts"]) == ("done", 2), end
    assert sandbox.git("show", f"{end['branch']}:é.txt", cwd=sandbox.remote()) == "one\ntwo"
    assert os.listdir(os.path.join(sandbox.world().home.checkout(end["project"], end["branch"]), "local"))


def test_a_home_that_git_cannot_have_is_refused_at_once(sandbox: Sandbox) -> None:
    run = sandbox.orch("init", cwd=sandbox.repo("app"), env={"ORCH_HOME": os.path.join(sandbox.root, "a\nb")}, check=77)
    assert "line break" in run.err
