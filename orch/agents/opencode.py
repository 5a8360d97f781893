"""opencode, headless. --auto approves what would be asked, since an unanswered question ends the run with status 0; denials still hold."""
from __future__ import annotations

from orch.agents import Agent

AGENT = Agent(
    "opencode",
    ("opencode", "run", "--format", "json", "--auto", "{model_args}", "--dir", "{checkout}"),
    output="json",
    model_args=("-m", "{model}"),  # provider/model
    env=("OPENCODE_DISABLE_AUTOUPDATE=1",),
    version=("opencode", "--version"),
    usage="opencode",
    install="npm install -g opencode-ai, then run `opencode auth login`",
)
