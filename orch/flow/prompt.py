"""The prompts of a work attempt: the shipped templates, the user's or the project's, with what the record and the mirror know.

Everything is read from the mirror and nothing from the checkout, which an agent may have changed: instructions and the project's own
templates from the default branch, the file tree and the changes so far from the commit that the attempt starts from. Templates count
only in a project that the user trusts: they may replace every rule, and a loop in one would hold up the tick.
"""
from __future__ import annotations

import os
from typing import Any, cast

from orch.core import config as keys
from orch.core import prompt_values
from orch.core.prompt import Facts
from orch.core.prompt_values import Context
from orch.errors import OrchError
from orch.flow import mirror
from orch.flow import project as projects
from orch.host import files, objects, template
from orch.host.git import Git
from orch.host.share import share
from orch.host.world import World
from orch.records import Task

GUIDES = ("AGENTS.md", "CLAUDE.md")
REMEMBERED = 20_000  # paths of a tree that is kept in memory, which is about 2 MB
THEIRS = ".orch/prompts/"  # a project's templates, on its default branch


def build(world: World, slug: str, task: Task, config: dict[str, Any], facts: Facts) -> tuple[str, str]:
    """The system prompt and the message. raises BadData when a template is wrong"""
    git, repo = mirror.tool(world, config), mirror.path(world, slug)
    context, theirs = _read(world, git, repo, slug, facts)
    sources = theirs if keys.at(config, ("projects", slug, "trust")) else {}
    context = context._replace(detail=_printed(world, slug, task, facts))
    values = prompt_values.of(task, config, facts, context)
    search = [world.home.prompts(), share("prompts")]
    memory = world.memory.setdefault("templates", {})
    system, message = (template.render(name, values, search, sources, memory) for name in ("system.md.j2", "task.md.j2"))
    return system, message


def _read(world: World, git: Git, repo: str, slug: str, facts: Facts) -> tuple[Context, dict[str, str]]:
    """What the mirror knows, and the project's templates by name. Before the first clone that is nothing, and the agent looks itself."""
    if not os.path.isdir(repo):
        return Context(), {}
    try:
        default, tip = mirror.default(world, projects.get(world, slug))
    except OrchError:  # no commit yet, or no such branch: the shepherd will fail on it, and say it better
        return Context(), {}
    paths, guides, theirs = _tree(world, git, repo, tip)
    context = Context(default, guides, paths)
    if facts.head and facts.base and facts.head != facts.base:
        context = context._replace(
            tree=tuple(objects.tree(git, repo, facts.head)),
            stat=objects.diff(git, repo, facts.base, facts.head, stat=True),
            diff=objects.diff(git, repo, facts.base, facts.head),
        )
    return context, theirs


def _tree(world: World, git: Git, repo: str, tip: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], dict[str, str]]:
    """What every task of a project sees: the paths of a commit, its instructions, and the templates by name. Remembered, since the
    commit of the default branch is the same for many tasks."""
    known = world.memory.setdefault("trees", {})
    if known.get(repo, ("",))[0] == tip:
        return cast("tuple[Any, Any, Any]", known[repo][1])
    paths = objects.tree(git, repo, tip)
    guides = [*(name for name in GUIDES if name in paths), *[name for name in paths if prompt_values.is_readme(name)][:1]]
    theirs = [path for path in paths if path.startswith(THEIRS)]
    contents = objects.blobs(git, repo, tip, [*guides, *theirs])
    texts = {path: (content or b"").decode(errors="replace") for path, content in contents.items()}
    found = tuple(paths), tuple((path, texts[path]) for path in guides), {path.removeprefix(THEIRS): texts[path] for path in theirs}
    if len(paths) <= REMEMBERED:
        known[repo] = tip, found
    return found


def _printed(world: World, slug: str, task: Task, facts: Facts) -> str:
    """The end of what the failed checks printed, when the last attempt was a verification."""
    last = facts.last_failure
    if not last or last.get("kind") != "verify_failed" or not last.get("attempt"):
        return ""
    verdict = files.spare_json(os.path.join(world.home.attempt(slug, task["id"], last["attempt"]), "verify.json"))
    excused = verdict.get("excused") or []
    failed = [check for check in verdict.get("checks") or [] if check.get("code") != 0 and check["command"] not in excused]
    return "\n".join(f"$ {check['command']}\n{(check.get('tail') or '').rstrip()}" for check in failed)
