"""The git directory of a checkout, when the checkout is one of its own.

Who may write to a checkout can put something else in its place: a link to another repository, a .git file that names one, a git directory
that shares its refs or its index with one. What orch read there would be somebody else's, and what it committed there would be in his
branch. Asked right before each use; nothing that an agent started runs any more by then.
"""
from __future__ import annotations

import os

from orch.errors import IOFailed

WRITTEN = ("HEAD", "index", "packed-refs", "objects", "refs", "refs/heads", "logs")  # what a commit changes


def own(place: str) -> str:
    """place/.git. raises IOFailed when it is not there, or not wholly this checkout's"""
    inner = os.path.join(place, ".git")
    for path in (place, inner, *(os.path.join(inner, name) for name in WRITTEN)):
        if os.path.islink(path):
            raise IOFailed(f"{path}: a link is in its place, so it is not the checkout's own")
    if not os.path.isdir(inner):
        raise IOFailed(f"{place}: no git repository of its own")
    if os.path.lexists(os.path.join(inner, "commondir")):
        raise IOFailed(f"{inner}: it belongs to another repository")
    return inner
