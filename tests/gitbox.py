"""What the tests of mirrors and checkouts share: a registered project, the spec of an attempt, and an agent that attacks through git."""
from __future__ import annotations

import os
from typing import Any

from orch.core import names
from orch.flow import checkout, project
from orch.host import files
from orch.host.world import World
from orch.records import Prepared, Project, Spec, Task
from tests.sandbox import Sandbox

SLUG = "ada/app"


def register(sandbox: Sandbox, origin: str | None = None, *, slug: str = SLUG, **more: Any) -> tuple[World, Project]:
    """A project's record, written by hand; its origin is the sandbox's bare `app` unless given."""
    world = sandbox.world()
    record = {"v": 1, "slug": slug, "path": None, "origin": origin or sandbox.remote(), "default_branch": None}
    files.replace_json(world.home.project(slug), {**record, "added_at": world.now_text(), **more})
    return world, project.get(world, slug)


def spec(world: World, task: str = "int-1", number: int = 1, slug: str = SLUG, **more: Any) -> Spec:
    branch = names.branch(task, "Fix it")
    made: Spec = {
        "v": 1, "project": slug, "task": task, "attempt": f"{number}-work", "kind": "work", "title": "Fix it", "token": "t0ken",
        "mirror": world.home.mirror(slug), "checkout": world.home.checkout(slug, branch), "branch": branch, "start": None, "fetch": True,
        "base": None, "source": None, "copy": [], "env": {},
    }  # fmt: skip
    made.update(more)  # type: ignore[typeddict-item]
    return made


def begin(sandbox: Sandbox, task: str = "int-1", **more: Any) -> tuple[World, Project, Spec, Prepared]:
    """Everything up to where the agent would start."""
    if not os.path.isdir(sandbox.remote()):
        sandbox.repo()
    world, record = register(sandbox)
    wanted = spec(world, task, **more)
    return world, record, wanted, checkout.prepare(world, wanted)


def collide(sandbox: Sandbox, place: str, path: str, ours: str, theirs: str) -> None:
    """A merge that stopped at a conflict in `path`: each side has a commit of its own on top of HEAD; the branch stays ours."""
    branch = sandbox.git("symbolic-ref", "--short", "HEAD", cwd=place).strip()
    base = sandbox.git("rev-parse", "HEAD", cwd=place).strip()
    sandbox.commit(place, {path: ours}, "ours")
    sandbox.git("checkout", "-q", "-b", "theirs", base, cwd=place)
    sandbox.commit(place, {path: theirs}, "theirs")
    sandbox.git("checkout", "-q", branch, cwd=place)
    assert sandbox.command(["git", "merge", "-q", "theirs"], cwd=place).code == 1


def task(found: Spec, **more: Any) -> Task:
    made: Task = {"v": 1, "id": found["task"], "project": found["project"], "title": found["title"], "status": "in_progress"}
    made.update(more)  # type: ignore[typeddict-item]
    return made


def tree(root: str) -> dict[str, tuple[int, bytes]]:
    """Every file below root with its mode and content; links by their targets."""
    found = {}
    for folder, inner, names_ in os.walk(root):
        for name in names_ + [each for each in inner if os.path.islink(os.path.join(folder, each))]:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            link = os.path.islink(path)
            if link:
                content = os.fsencode(os.readlink(path))
            else:
                with open(path, "rb") as file:
                    content = file.read()
            found[os.path.relpath(path, root)] = (0 if link else info.st_mode, content)
    return found


PROGRAMS = (
    "core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.pager", "core.editor", "core.askPass", "core.alternateRefsCommand",
    "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
    "merge.evil.driver", "gpg.program", "gpg.ssh.program", "credential.helper", "sequence.editor", "uploadpack.packObjectsHook",
    "remote.origin.uploadpack", "remote.origin.receivepack", "remote.evil.uploadpack", "trailer.evil.command", "interactive.diffFilter",
    "alias.fetch", "alias.upload-pack", "alias.rev-list", "browser.x.cmd", "man.x.cmd", "sendemail.smtpServer", "difftool.x.cmd",
)  # fmt: skip
HOOKS = (
    "applypatch-msg", "pre-commit", "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive",
    "update", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc", "post-rewrite",
    "post-index-change", "fsmonitor-watchman", "proc-receive",
)  # fmt: skip


def poison(sandbox: Sandbox, place: str) -> str:
    """Do what an agent can do to its own clone so that a later git command runs its program; returns the file that would tell."""
    ran = os.path.join(sandbox.root, "ran")
    evil = sandbox.write("evil", f'#!/bin/sh\necho "$0 $*" >>{ran}\n', 0o755)
    settings = {key: ("!" if key.startswith("alias.") else "") + evil for key in PROGRAMS} | {
        "core.hooksPath": os.path.join(place, ".git", "hooks"), "extensions.partialClone": "evil", "core.repositoryFormatVersion": "1",
        "remote.evil.promisor": "true", "remote.evil.url": f"ext::{evil}", "protocol.ext.allow": "always", "protocol.allow": "always",
        "protocol.file.allow": "always", "commit.gpgSign": "true", "tag.gpgSign": "true", "log.showSignature": "true", "gc.auto": "1",
        "core.untrackedCache": "true", "uploadpack.allowFilter": "true", "filter.evil.required": "true", "submodule.recurse": "true",
        "core.bare": "false", "core.worktree": place, "transfer.fsckObjects": "false", "include.path": os.path.join(sandbox.root, "more"),
    }  # fmt: skip
    with open(os.path.join(place, ".git", "config"), "a", encoding="utf-8") as file:
        for key, value in settings.items():
            section, _, name = key.rpartition(".")
            head, _, inner = section.partition(".")
            file.write(f'[{head} "{inner}"]' if inner else f"[{head}]")
            file.write(f'\n\t{name} = "{value}"\n')
    sandbox.write("more", f"[core]\n\tfsmonitor = {evil}\n\tsshCommand = {evil}\n")
    for name in HOOKS:
        sandbox.write(os.path.join(place, ".git", "hooks", name), f"#!/bin/sh\necho {name} >>{ran}\n", 0o755)
    sandbox.write(os.path.join(place, ".gitattributes"), "* filter=evil diff=evil merge=evil\n")
    sandbox.write(os.path.join(place, ".gitconfig"), f"[core]\n\tfsmonitor = {evil}\n")
    sandbox.write(os.path.join(place, ".git", "info", "attributes"), "* filter=evil diff=evil merge=evil\n")
    return ran


def sly(sandbox: Sandbox, place: str, *args: str) -> str:
    """Run git in a poisoned checkout without springing its traps."""
    off = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "commit.gpgSign=false", "log.showSignature=false", "core.pager=cat",
           "filter.evil.required=false", "filter.evil.clean=cat", "filter.evil.process=", "gc.auto=0"]  # fmt: skip
    return sandbox.git(*(word for each in off for word in ("-c", each)), *args, cwd=place)
