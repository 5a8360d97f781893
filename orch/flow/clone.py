"""A clone of the mirror that borrows its objects: what every checkout starts as. No hooks, no way to push, no branch of its own."""
from __future__ import annotations

import os
import re

from orch.errors import BadData
from orch.host import files
from orch.host.git import Git

# What `git push` meets in a checkout; a path that is not there, so git says these words.
NO_PUSH = "/dev/null/orch-publishes-this-branch-itself"


def clone(git: Git, mirror: str, folder: str) -> None:
    """Make the clone, with nothing checked out; origin is the mirror."""
    git.run("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--origin=origin", "--", mirror, folder, timeout=600)
    inner = os.path.join(folder, ".git")
    config = os.path.join(inner, "config")
    files.replace_text(config, files.read_text(config) + f'[remote "origin"]\n\tpushurl = {NO_PUSH}\n', mode=0o644, durable=False)
    main = os.path.join(inner, files.read_text(os.path.join(inner, "HEAD")).strip().removeprefix("ref: "))
    if os.path.isfile(main):
        os.unlink(main)  # a local copy of the default branch would only look like something that the agent made


def switch(git: Git, folder: str, sha: str, branch: str | None) -> None:
    """Check out sha in a fresh clone, on a new branch or (None) on no branch. raises IOFailed when the mirror has no such commit"""
    if branch is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", branch):
        raise BadData(f"not a branch of orch's: {branch!r}")
    how = ["--no-track", "-B", branch] if branch else ["--detach"]
    git.run("checkout", "--quiet", "--force", *how, sha, "--", cwd=folder, timeout=600)
