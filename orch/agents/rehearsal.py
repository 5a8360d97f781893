"""The agent that acts: the task's body is a script of successes and failures (see act.py), so that a set-up can be tried for nothing."""
from __future__ import annotations

import os
import sys

from orch.agents import Agent

# run by path, isolated (-I): it needs no orch on its path, and neither the checkout nor the user's PYTHON* variables can change it
ACT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "act.py")
AGENT = Agent("rehearsal", (sys.executable, "-I", ACT, "{script}"), prompt="script", output="json", usage="lines", local_only=True)
