"""The agent without a mind: it runs the task's body as a script. For codemods, upgrades and anything that needs no model.

A body that starts with `#!` names its own interpreter, any other one is a /bin/sh script: sh's exec knows both. Local tasks only,
since whoever can write the body can run anything.
"""
from __future__ import annotations

from orch.agents import Agent

AGENT = Agent("shell", ("/bin/sh", "-c", 'exec "$0"', "{script}"), prompt="script", output="exit", local_only=True)
