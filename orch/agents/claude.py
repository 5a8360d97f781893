"""Claude Code, headless. Edits inside the checkout and shell commands are allowed, anything else is refused rather than asked about."""
from __future__ import annotations

from orch.agents import Agent

AGENT = Agent(
    "claude",
    (
        *("claude", "-p", "--output-format", "stream-json", "--verbose", "{model_args}"),
        *("--permission-mode", "acceptEdits"),
        *("--allowedTools", "Bash"),  # a list option swallows what follows, so it is last and the prompt goes in by stdin (10 MB at most)
    ),
    output="json",
    model_args=("--model", "{model}"),
    env=("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",),
    version=("claude", "--version"),
    usage="claude",
    install="npm install -g @anthropic-ai/claude-code, then run `claude` once to log in",
)
