"""Kimi Code, headless. It approves everything by itself, outside of the checkout too, and no option restrains it.

PyPI's kimi-cli installs a `kimi` that is another program: it does nothing any more, and ends with status 0.
"""
from __future__ import annotations

from orch.agents import Agent

AGENT = Agent(
    "kimi",
    ("kimi", "-p", "{prompt}", "--output-format", "stream-json", "{model_args}"),
    prompt="arg",  # it reads no standard input, and `-p -` sends the dash
    output="json",
    model_args=("-m", "{model}"),  # an alias of its own config.toml
    env=("KIMI_DISABLE_TELEMETRY=1", "KIMI_CODE_NO_AUTO_UPDATE=1"),
    version=("kimi", "--version"),
    install="npm install -g @moonshot-ai/kimi-code (node 22.19 or later), then run `kimi` and use /login",
)
