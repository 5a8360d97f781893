"""The completions are what the commands say today, and each shell can read its own."""
from __future__ import annotations

import os
import shutil
import sys

import pytest

from orch import commands
from tests.sandbox import CHECKOUT, ORCH, Sandbox
from tests.terminal import Terminal

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


FAKE = """#!/bin/sh
case $1 in --complete) exec {orch} "$@" ;; esac
echo "ran:" "$@" | sed 's/ /./g'
"""
SHELLS = {
    "bash": (("--norc", "--noprofile", "-i"), 'PS1="ready> "; source {folder}/orch.bash'),
    "zsh": (("-f", "-i"), 'PS1="ready> "; fpath=({folder} $fpath); autoload -U compinit; compinit -D -u'),
    "fish": (("--no-config", "-i"), 'function fish_prompt; echo "ready> "; end; source {folder}/orch.fish'),
}
TYPED = {
    "stat": "status",
    "task unb": "task.unblock",
    "task list --status nee": "task.list.--status.needs_review",
    "task list --status=nee": "task.list.--status=needs_review",
    "config set engine.max": "config.set.engine.max_parallel=",
    "task get i": "task.get.int-1",
    "why --project a": "why.--project.ada/app",
    "task add --agent reh": "task.add.--agent.rehearsal",
    "task add --from a": "task.add.--from.a.file.md",
    "gre": "greet",
    "greet a": "greet.a.file.md",
}


@pytest.mark.parametrize("shell", list(SHELLS))
def test_typed_on_a_terminal(sandbox: Sandbox, shell: str) -> None:
    """What a person types, with TAB at the end, and what is run then."""
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"no {shell} on this machine")
    sandbox.orch("project", "add", sandbox.repo("app"), "--name", "ada/app")
    sandbox.orch("task", "add", "one", "--project", "ada/app")
    sandbox.write("bin/orch-greet", "#!/bin/sh\n", 0o755)
    sandbox.write("bin/orch", FAKE.format(orch=ORCH), 0o755)
    sandbox.write("place/a file.md", "")
    args, text = SHELLS[shell]
    start = sandbox.write("start", text.format(folder=FOLDER) + "\n")
    env = {"PATH": f"{sandbox.root}/bin:{sandbox.env['PATH']}", "PS1": "place> "}
    with Terminal(sandbox, *args, program=found, columns=200, env=env, cwd=f"{sandbox.root}/place") as screen:
        screen.until("place")
        screen.type(f". {start}\r")
        screen.until("ready> ")
        for typed, meant in TYPED.items():
            screen.type(f"orch {typed}\t\r")
            screen.until(f"ran:.{meant}\r")
