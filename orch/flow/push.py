"""Push one commit from the mirror to one ref of the project's origin: only forward, or only when the ref is what was expected."""
from __future__ import annotations

import re
from typing import NamedTuple

from orch.core import names
from orch.errors import BadData, OrchError
from orch.flow import merge, origin
from orch.flow import mirror as mirrors
from orch.flow import project as projects
from orch.host import gitsaid, objects, refs
from orch.host.proc import Silence
from orch.host.world import World
from orch.records import Act, Project


class Outcome(NamedTuple):
    done: bool
    text: str  # what came of it, for people
    permanent: bool = False  # trying again cannot help
    stale: bool = False  # the ref is not what was expected any more
    unwanted: bool = False  # nobody asks for it any more


# What the other side may say of a ref that has nothing to do with what is pushed.
_PASSING = r"(?i)failed to update ref|cannot lock ref|unpacker error|internal server error|timeout|try again"
_STALE = r"(?i)\[rejected\].*(stale info|fetch first|non-fast-forward|already exists|remote ref updated)"


def push(world: World, act: Act, silence: Silence = origin.SILENCE) -> Outcome:
    """act: sha, ref, expect, base. A ref that has the commit already, whoever brought it there, is a success.

    raises BadData for what no push can be; TryLater, NotAllowed, IOFailed when it did not come to an answer
    """
    project = projects.get(world, act["project"])
    git, mirror, sha, ref = mirrors.tool(world), world.home.mirror(act["project"]), act["sha"], act["ref"]
    if not re.fullmatch(r"[0-9a-f]{40,64}", sha) or not ref.startswith("refs/heads/") or not names.is_ref_name(ref[len("refs/heads/"):]):
        raise BadData(f"not something to push: {sha!r} to {ref!r}")
    if act.get("base") and (text := _taken_out(world, project, act)):
        return Outcome(False, text, stale=True)
    lease = [] if act.get("expect") is None else [f"--force-with-lease={ref}:{act['expect']}"]
    # So that git notes the new branch in the mirror, as a fetch would: the next one has nothing to do then.
    follow = ["-c", "remote.origin.fetch=+refs/heads/*:refs/heads/*"]
    how = ["push", "--porcelain", "--progress", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", *lease]
    words = [*follow, *how, "--", "origin", f"{sha}:{ref}"]
    mirrors.point(world, project)
    done = git.call(*words, repo=mirror, timeout=origin.LONGEST, silence=silence)
    said = done.out.decode(errors="replace")
    line = next((each for each in said.splitlines() if f":{ref}\t" in each), "")
    if done.code == 0:
        return Outcome(True, "was there already" if line.startswith("=") else "pushed")
    if not line.startswith("!"):
        raise mirrors.about(gitsaid.failure(done, words, mirror), project["origin"])
    why = gitsaid.redact(line.split("\t")[-1])
    tip = _tip(world, project, ref)
    if tip and objects.is_ancestor(git, mirror, sha, tip):
        return Outcome(True, "was there already")
    if re.search(_PASSING, why):  # one who was quicker looks like this too, when he moved the ref while we were pushing
        return Outcome(False, why, stale=bool(lease) and tip is not None and tip != act["expect"])
    reason = _remote_words(done.err.decode(errors="replace"))
    text = f"{ref.removeprefix('refs/heads/')}: {why}" + (f": {reason}" if reason else "")
    if "branch is currently checked out" in why:  # the origin is a person's own repository
        ways = f"`orch task set {act['task']} finish=branch` and `orch publish --accept {act['task']}` publish it as a branch"
        text = f"{ref.removeprefix('refs/heads/')} is checked out in {project['origin']}, so no push moves it; {ways}"
    stale = bool(re.search(_STALE, line))
    if stale and not lease:  # a person has pushed to the task's branch, or the work was begun anew
        what = f"the origin's branch {ref.removeprefix('refs/heads/')} has commits that this work does not build on"
        text = f"{what}{f' ({tip[:10]})' if tip else ''}; delete or rename that branch there, then `orch publish --accept {act['task']}`"
    return Outcome(False, text, permanent=not stale or not lease, stale=stale and bool(lease))


def _taken_out(world: World, project: Project, act: Act) -> str:
    """Why the commit would bring back what was taken out of the default branch; empty when it does not. A merge need not be asked:
    it was made for the target's tip, and is pushed only onto that."""
    mirrors.fetch(world, project, patience=mirrors.BRIEF)
    name, tip = mirrors.default(world, project)
    return merge.rewritten(mirrors.tool(world), world.home.mirror(act["project"]), act["base"], act["sha"], tip, name)


def _tip(world: World, project: Project, ref: str) -> str | None:
    """The origin's ref, fetched anew; empty when it is not there, None when that cannot be told now."""
    try:
        mirrors.fetch(world, project, patience=mirrors.BRIEF)
        return refs.read(world.home.mirror(project["slug"]), ref) or ""
    except OrchError:
        return None


def _remote_words(said: str) -> str:
    """What the other side's hooks or protection rules said, on one line; not how far it has come."""
    lines = [each.removeprefix("remote:").strip() for each in said.splitlines() if each.startswith("remote:")]
    lines = [each for each in lines if not re.search(r": +\d+% \(", each)]
    return gitsaid.redact(" ".join(each for each in lines if each))[:300]
