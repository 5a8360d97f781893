"""The door to other processes: run one to its end (spawn), know who one is (kin), end all that belong together (tree)."""
from __future__ import annotations

from orch.host.kin import alive, holders, identity, me
from orch.host.spawn import Accident, Done, Silence, run, which
from orch.host.tree import end_tree

__all__ = ["Accident", "Done", "Silence", "alive", "end_tree", "holders", "identity", "me", "run", "which"]
