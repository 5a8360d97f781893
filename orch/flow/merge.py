"""Make, in the mirror, the commit that a merge would publish. No work tree, no merge driver of anybody's, nothing pushed."""
from __future__ import annotations

import re
from typing import NamedTuple

from orch.errors import BadData, IOFailed, Unavailable
from orch.flow import config as configs
from orch.flow import mirror as mirrors
from orch.host import gitsaid, objects, refs
from orch.host.git import Git
from orch.host.world import World
from orch.records import Project, Task


class Candidate(NamedTuple):
    sha: str  # what to publish
    onto: str  # the target's tip that it was made for
    target: str


class Conflict(NamedTuple):
    files: list[str]
    text: str = ""  # what to do about it, where merging does not help


def candidate(world: World, project: Project, task: Task, target: str) -> Candidate | Conflict:
    """Merge the task's head into the branch `target` as the mirror has it; fetch the mirror first.

    A head that is in the target already gives the target's own tip. Repeatable: the same heads give the same commit, because it bears
    the time of its younger parent.

    raises BadData for a task without a head; IOFailed when the target or the commits are not there
    """
    config = configs.load(world, project["slug"])
    git, mirror = mirrors.tool(world, config), world.home.mirror(project["slug"])
    head, tip = task.get("candidate") or task.get("head"), refs.read(mirror, f"refs/heads/{target}")
    if not head:
        raise BadData(f"{project['slug']}#{task['id']}: nothing to merge", "it has no commits yet")
    if not tip:
        raise IOFailed(f"{project['slug']}: no branch {target} to merge into", "was it renamed or removed in the origin?")
    base = git.call("merge-base", "--end-of-options", tip, head, repo=mirror)
    if base.code > 1:
        raise gitsaid.failure(base, ("merge-base",), mirror)
    fork = base.out.decode().split("\n")[0]
    if fork == head:
        return Candidate(tip, tip, target)
    if fork != task.get("base") and (text := rewritten(git, mirror, task.get("base"), head, tip, target)):
        return Conflict([], text)
    if fork == tip and config["workflow"]["merge_strategy"] == "ff":
        return Candidate(head, tip, target)
    done = git.call("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "--end-of-options", tip, head, repo=mirror)
    if done.code == 1:
        return Conflict(objects.names(done.out)[1:])
    if done.code == 129:
        raise Unavailable("git is too old to merge without a work tree", "install git 2.38 or newer")
    if done.code:
        if b"unrelated histories" in done.err:
            return Conflict([])
        raise gitsaid.failure(done, ("merge-tree",), mirror)
    tree = done.out.decode().rstrip("\0\n")
    when = max(git.run("rev-list", "--no-walk", "--no-commit-header", "--format=%ct", tip, head, repo=mirror).split(), key=int).decode()
    dated = git.also(GIT_AUTHOR_DATE=f"@{when} +0000", GIT_COMMITTER_DATE=f"@{when} +0000")
    sha = dated.text("commit-tree", "-p", tip, "-p", head, "-F", "-", tree, repo=mirror, input=message(task, target).encode())
    return Candidate(sha, tip, target)


def rewritten(git: Git, mirror: str, base: str | None, head: str, tip: str, target: str) -> str:
    """Why head may not be published: it still holds the commit that its work began from, which was taken out of the target since then
    (a force-push against a leaked key, say) and would come back with it. Empty when that is not so. raises IOFailed"""
    if not base or base == tip or objects.is_ancestor(git, mirror, base, tip) or not objects.is_ancestor(git, mirror, base, head):
        return ""
    way = f"git fetch origin && git rebase --onto origin/{target} {base[:12]}"
    return f"{target} was rewritten: rebase onto it ({way}), for it has no {base[:12]} any more, from which this work began"


def message(task: Task, target: str) -> str:
    """`Merge int-5: Fix login into main`, then the full name of the task."""
    title = re.sub(r"\s+", " ", "".join(each if each.isprintable() else " " for each in task.get("title") or "")).strip()
    short = title if len(title) <= 100 else title[:99] + "…"
    return f"Merge {task['id']}: {short or 'untitled'} into {target}\n\nTask: {task['project']}#{task['id']}\n"
