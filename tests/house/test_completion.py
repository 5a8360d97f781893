"""The completions are what the commands say today, and each shell can read its own."""
from __future__ import annotations

import os
import shutil
import sys

import pytest

from orch import commands
from tests.sandbox import CHECKOUT, Sandbox

FOLDER = os.path.join(CHECKOUT, "shell", "completion")
BASH = os.path.join(FOLDER, "orch.bash")


def test_they_are_current(sandbox: Sandbox) -> None:
    run = sandbox.command([sys.executable, os.path.join(FOLDER, "generate.py"), "--check"])
    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize("shell, name", [("bash", "orch.bash"), ("zsh", "_orch"), ("fish", "orch.fish")])
def test_the_shell_can_read_it(sandbox: Sandbox, shell: str, name: str) -> None:
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"no {shell} on this machine")
    run = sandbox.command([found, "-n", os.path.join(FOLDER, name)])
    assert (run.code, run.err) == (0, "")


def bash(sandbox: Sandbox, *typed: str) -> list[str]:
    """What bash offers for the last of the words."""
    words = " ".join(f"'{word}'" for word in typed)
    script = f'source "{BASH}"; COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _orch orch; printf "%s\\n" "${{COMPREPLY[@]}}"'
    run = sandbox.command(["bash", "-c", script])
    assert (run.code, run.err) == (0, ""), run
    return run.out.split()


def test_bash_completes_words_options_and_values(sandbox: Sandbox) -> None:
    assert set(bash(sandbox, "orch", "")) >= {row.name for row in commands.ROWS}
    assert bash(sandbox, "orch", "stat") == ["status"]
    assert bash(sandbox, "orch", "task", "unb") == ["unblock"]
    assert bash(sandbox, "orch", "task", "list", "--stat") == ["--status"]
    assert bash(sandbox, "orch", "task", "list", "--status", "needs") == ["needs_review"]
    assert bash(sandbox, "orch", "config", "engine.max") == ["engine.max_parallel"]
    assert bash(sandbox, "orch-cron", "ne") == ["next"]


def test_bash_completes_what_is_there(sandbox: Sandbox) -> None:
    sandbox.orch("project", "add", sandbox.repo("app"), "--name", "ada/app")
    sandbox.orch("task", "add", "one", "--project", "ada/app")
    sandbox.write("bin/orch-greet", "#!/bin/sh\n", 0o755)
    sandbox.env["PATH"] = f"{sandbox.root}/bin:{sandbox.env['PATH']}"
    assert bash(sandbox, "orch", "task", "get", "") == ["int-1"]
    assert bash(sandbox, "orch", "task", "list", "--project", "a") == ["ada/app"]
    assert bash(sandbox, "orch", "task", "add", "--agent", "reh") == ["rehearsal"]
    assert bash(sandbox, "orch", "gre") == ["greet"]


def test_fish_completes_the_same(sandbox: Sandbox) -> None:
    fish = shutil.which("fish")
    if not fish:
        pytest.skip("no fish on this machine")
    lines = ("orch task unb", "orch task list --status needs", "orch-cron ne")
    script = "; ".join([f'source "{FOLDER}/orch.fish"', *(f'complete -C "{line}"' for line in lines)])
    run = sandbox.command([fish, "--no-config", "-c", script])
    assert [line.split("\t")[0] for line in run.out.splitlines()] == ["unblock", "needs_review", "next"]
