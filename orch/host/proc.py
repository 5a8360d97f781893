"""The door to other processes: run one (spawn)."""
from __future__ import annotations

from orch.host.spawn import Done, run, which

__all__ = ["Done", "run", "which"]
