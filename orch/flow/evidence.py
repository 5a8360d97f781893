"""What git says of an attempt, read from the mirror only, after flow/receive kept its commits there.

An attempt's own commits are those of head that neither the recorded base nor the default branch has: an agent that merged a newer
default branch has not made what is in it. No process of git when there is no commit, two when the default branch has not moved; one
more for a repository that was committed inside of the project's.
"""
from __future__ import annotations

from contextlib import suppress

from orch.core import evidence, names
from orch.errors import IOFailed, TryLater
from orch.flow import config as configs
from orch.host import git as gits
from orch.host import objects, proc, refs
from orch.host.git import Git
from orch.host.world import World
from orch.records import Evidence, Exit, Prepared, Spec

MOST, LONG = 50_000_000, 60.0  # bytes of diff that are looked through for secrets, and seconds; more needs a person
# Binary files as well, for a key can lie in a database; only of merges git shows none whatever it is told.
LOG = ("log", evidence.FORMAT, "--patch", "--text", "-c", "--unified=0", "--irreversible-delete", "--no-renames", "--root", "--no-ext-diff",
       "--no-textconv", "--no-notes", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short",
       "--no-show-signature")  # fmt: skip


def gather(world: World, spec: Spec, prepared: Prepared, exit: Exit, most: int = MOST) -> Evidence:
    """Judge what attempt `spec` left under its keep-ref. raises IOFailed, TryLater"""
    git, mirror, slug = Git.of(world.env), world.home.mirror(spec["project"]), spec["project"]
    base, start = prepared["base"], prepared["start"]
    kept = refs.read(mirror, f"refs/orch/keep/{spec['task']}/{names.number(spec['attempt'])}")
    head = kept or start
    found: Evidence = {"v": 1, "base": base, "start": start, "head": head, "commits": 0, "new_commits": 0, "files": [],
                       "nested": [], "protected": [], "secrets": [], "left_out": exit.get("left_out") or []}  # fmt: skip
    if head == base:
        return found
    tip = refs.read(mirror, f"refs/heads/{prepared['default']}")
    known = evidence.values({**world.env, **(spec.get("env") or {})})
    known.pop(spec.get("token", ""), None)
    since, kept_in = (_since(git, mirror, base, head, tip) if tip and tip != base else (base, True))
    # what was taken out of the default branch is nobody's: whoever publishes it again publishes all that is in it
    not_ours = (["^" + base] if kept_in else []) + (["^" + tip] if tip and tip != base else [])
    try:
        scan = evidence.scan(gits.stream(git, mirror, *LOG, "--end-of-options", head, *not_ours, "--", most=most, timeout=LONG), known)
    except proc.Accident:
        raise
    except (IOFailed, TryLater) as error:  # too much, too slow, or a file that is too large for git's diff
        ours = {sha: parents for sha, *parents in _commits(git, mirror, head, not_ours)}
        why = f"more than {most} bytes of changes" if isinstance(error, gits.TooMuch) else error.message
        scan = evidence.Scan(ours, [{"path": "(everything)", "what": f"{why}, not looked through"}])
    differs = changed(git, mirror, base, head, tip)
    files = [each.path for each in differs]
    found["commits"] = evidence.after(scan.commits, head, base)
    found["base"] = since if found["commits"] else base
    found["new_commits"] = evidence.after(scan.commits, head, start)
    found["files"], found["secrets"], found["nested"] = files, scan.secrets, _nested(git, mirror, head, differs)
    found["protected"] = evidence.protected(files, configs.load(world, slug)["workflow"]["protected"])
    return found


def _since(git: Git, mirror: str, base: str, head: str, tip: str) -> tuple[str, bool]:
    """What head goes on from now that the default branch is at tip, and whether the recorded base is still in there.

    That is where they fork, which an agent that merges or rebases moves on; or still the base, while head holds one that was taken out.
    """
    done = git.call("merge-base", "--end-of-options", tip, head, repo=mirror)
    fork = done.out.decode().split("\n")[0] or base
    kept_in = (fork == base and done.code == 0) or objects.is_ancestor(git, mirror, base, tip)
    return (fork, True) if kept_in else (base if objects.is_ancestor(git, mirror, base, head) else fork, False)


def changed(git: Git, mirror: str, base: str, head: str, tip: str | None) -> list[objects.Changed]:
    """What head changes: against where it left the default branch, which may be newer than the recorded base."""
    if tip and tip != base:
        with suppress(IOFailed):  # histories that cross
            return objects.changed(git, mirror, tip, head, fork=True)
    return objects.changed(git, mirror, base, head)


def _nested(git: Git, mirror: str, head: str, differs: list[objects.Changed]) -> list[str]:
    """The paths that became repositories of their own without being submodules: nobody else will find what is in them."""
    made = [each.path for each in differs if each.after == objects.REPOSITORY != each.before]
    if not made:
        return []
    done = git.call("config", "--blob", f"{head}:.gitmodules", "-z", "--get-regexp", r"^submodule\..*\.path$", repo=mirror)
    known = {each.partition("\n")[2] for each in objects.names(done.out)}
    return [path for path in made if path not in known]


def _commits(git: Git, mirror: str, head: str, not_ours: list[str]) -> list[list[str]]:
    return [line.split() for line in git.text("rev-list", "--parents", "--end-of-options", head, *not_ours, repo=mirror).splitlines()]
