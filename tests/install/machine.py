"""A person's machine before orch is on it: an empty home, no variables but PATH and HOME, and the files of a release."""
from __future__ import annotations

import os
from typing import NamedTuple

from tests.sandbox import Run, Sandbox


class Machine(NamedTuple):
    box: Sandbox
    tree: str
    python: str  # a directory that has a Python, for machines whose own is too old

    def env(self, *first: str, **more: str) -> dict[str, str]:
        """PATH (these directories first), HOME, and what is given."""
        return {"PATH": ":".join([*first, "/usr/bin", "/bin", self.python]), "HOME": self.box.home, **more}

    def run(self, *argv: str, cwd: str | None = None, check: bool = True, env: dict[str, str] | None = None) -> Run:
        run = self.box.command(list(argv), env=env or self.env(), cwd=cwd or self.tree, seconds=600)
        assert run.code == 0 or not check, f"{' '.join(argv)}: status {run.code}\n--- stdout\n{run.out}--- stderr\n{run.err}"
        return run

    def venv(self, name: str) -> str:
        """A fresh virtual environment; returns its bin directory."""
        folder = os.path.join(self.box.root, name)
        python = self.run("sh", "shell/needs.sh").out.strip()
        self.run(python, "shell/environment.py", folder)
        return os.path.join(folder, "bin")

    def path(self, *parts: str) -> str:
        return os.path.join(self.box.root, *parts)


def listing(top: str) -> dict[str, float]:
    """Every file, link and directory below, with the time of its last change."""
    found = {}
    for folder, folders, names in os.walk(top):
        for name in [*folders, *names]:
            full = os.path.join(folder, name)
            found[os.path.relpath(full, top)] = os.lstat(full).st_mtime
    return found


def life(machine: Machine, *first: str, **more: str) -> None:
    """What everything is for, with the programs of these directories: a task goes in, and a branch comes out in the remote."""
    env = machine.env(*first, GIT_AUTHOR_NAME="Ada", GIT_AUTHOR_EMAIL="ada@example.org", TMPDIR=machine.box.env["TMPDIR"], **more)
    env |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org", "TMUX_TMPDIR": machine.box.env["TMUX_TMPDIR"]}
    path = machine.box.repo("life")

    def orch(*words: str) -> str:
        return machine.run("orch", *words, env=env, cwd=path).out

    orch("init")
    orch("task", "add", "Write it", "--agent", "shell", "--body", "echo text >file.txt")

    def done() -> bool:
        orch("tick")
        return '"status": "done"' in orch("task", "list", "--json", "--all")

    machine.box.wait_for(done, 60)
    assert machine.box.git("show", "task-int-1-write-it:file.txt", cwd=machine.box.remote("life")) == "text"
    assert machine.run("orch-cron", "* * * * *", env=env, cwd="/").code == 0
    assert machine.run("orch-cron", "0 0 30 2 *", env=env, cwd="/", check=False).code == 1
