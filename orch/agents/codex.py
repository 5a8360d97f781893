"""Codex CLI, headless, in its own sandbox: it may write in the checkout, in the checkout's .git (so that it can commit) and its report."""
from __future__ import annotations

from os.path import dirname

from orch.agents import Agent
from orch.host import paths

AGENT = Agent(
    "codex",
    (
        *("codex", "exec", "--json", "--sandbox", "workspace-write", "-C", "{checkout}", "--skip-git-repo-check"),
        *("--add-dir", "{checkout}/.git"),  # else .git is read-only in there and every commit fails
        *("--add-dir", dirname(paths.report("{attempt}"))),  # else orch-result has nowhere to write to
        *("-c", "allow_login_shell=false"),  # a login shell would replace PATH
        *("{model_args}", "-"),
    ),
    output="json",
    model_args=("-m", "{model}"),
    version=("codex", "--version"),
    usage="codex",
    install="npm install -g @openai/codex, then run `codex login`",
)
