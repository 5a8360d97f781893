"""Bring commits from a checkout into the mirror. The checkout's config, hooks and attributes belong to its agent: none of it may act.

upload-pack is the one program that runs in the checkout. It reads its config, but takes no program from it: packObjectsHook counts only
in protected config, and the lazy fetch of a promisor remote, which would run remote.*.uploadpack, is forbidden twice below.
"""
from __future__ import annotations

import os

from orch.core import names
from orch.errors import IOFailed, OrchError, TryLater
from orch.flow import repair
from orch.host import files, gitdir, objects, proc, refs
from orch.host.git import Git
from orch.host.world import World

LONG = 300.0  # seconds
# In the environment it counts in every version of git, whatever that repository's config says.
UPLOAD = "GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 git -c uploadpack.allowAnySHA1InWant=true upload-pack --strict"


def keep(world: World, slug: str, task: str, attempt: str, checkout: str, branch: str) -> str | None:
    """Fetch what an attempt committed into the mirror, under refs/orch/keep/<task>/<n>; returns that SHA, None when there is nothing.

    The agent may have left HEAD elsewhere: of HEAD and the branch the one that contains the other is taken; else the branch, unless
    only HEAD has commits that this attempt made. The rest is kept below refs/orch/heads/<task>/<n>/. Nothing that the checkout's config
    names is run.
    """
    mirror, n = world.home.mirror(slug), names.number(attempt)
    kept, others = f"refs/orch/keep/{task}/{n}", f"refs/orch/heads/{task}/{n}"
    git = Git.of(world.env)
    on_branch = _is_on(checkout, branch)
    rest = [f"+refs/heads/*:{others}/branch/*", *([f"^refs/heads/{branch}"] if on_branch else [])]
    try:
        receive(git, mirror, checkout, f"+HEAD:{kept if on_branch else others + '/HEAD'}", *rest)
    except IOFailed as error:
        if not os.path.isdir(checkout):
            return None
        if "remote ref HEAD" not in error.message:
            raise
        receive(git, mirror, checkout, f"+refs/heads/*:{others}/branch/*")  # HEAD names a branch without commits
    if on_branch:
        return refs.read(mirror, kept)
    head, tip = refs.read(mirror, others + "/HEAD"), refs.read(mirror, f"{others}/branch/{branch}")
    best = head or tip
    if head and tip and head != tip and not objects.is_ancestor(git, mirror, tip, head):
        fresh = [_is_new(git, mirror, each, task, n) for each in (head, tip)]
        best = head if fresh == [True, False] else tip
    if best:
        git.run("update-ref", "--end-of-options", kept, best, repo=mirror)
    return best


def _is_new(git: Git, mirror: str, sha: str, task: str, n: int) -> bool:
    """Whether it has a commit that neither the task's other attempts nor the origin's branches have."""
    known = []
    for kind in ("heads", "keep"):
        known += [f"--exclude=refs/orch/{kind}/{task}/{n}", f"--exclude=refs/orch/{kind}/{task}/{n}/*", f"--glob=refs/orch/{kind}/{task}/*"]
    return bool(git.run("rev-list", "--max-count=1", sha, "--not", *known, "--branches", "--", repo=mirror))


def receive(git: Git, mirror: str, checkout: str, *refs: str) -> None:
    """Fetch refs, or commits by SHA, from a checkout that an agent could write to; every object is checked, nothing is run there.

    raises IOFailed, TryLater
    """
    source = gitdir.own(checkout)
    words = ["fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance", "--upload-pack", UPLOAD]
    listed = "".join(each + "\n" for each in refs).encode()  # not as arguments: an agent can make thousands
    try:
        repair.mended(mirror, lambda: git.run(*words, "--stdin", "--end-of-options", source, repo=mirror, input=listed, timeout=LONG))
    except proc.Accident:
        raise
    except TryLater as error:
        if ".lock" not in error.message:  # there is no network between them: that repository is broken, or its config never ends
            raise IOFailed(error.message, "the checkout's repository is damaged") from None
        raise


def _is_on(checkout: str, branch: str) -> bool:
    """Whether HEAD is that branch, read as a file; anything unusual is no."""
    try:
        return files.read_bytes(os.path.join(checkout, ".git", "HEAD")) == f"ref: refs/heads/{branch}\n".encode()
    except OrchError:
        return False
