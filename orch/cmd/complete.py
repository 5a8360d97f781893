"""`orch --complete KIND`: the words that the shells' completions cannot know beforehand, one per line. Fast, and never an error.

Kinds: tasks (open ones), projects, agents, plugins (the words of programs orch-<word> on PATH that the table does not have). `orch
--complete bash` (zsh, fish) is that shell's completion itself, for who has installed orch where the shell does not look.
"""
from __future__ import annotations

import os

from orch.errors import OrchError
from orch.host import files
from orch.host.world import World

SHELLS = {"bash": "orch.bash", "zsh": "_orch", "fish": "orch.fish"}


def main(args: list[str], world: World) -> int:
    kinds = {"tasks": tasks, "projects": projects, "agents": agents, "plugins": plugins}
    for kind in args:
        if kind in SHELLS:
            print(script(SHELLS[kind]), end="")
        elif kind in kinds:
            try:
                print("".join(f"{word}\n" for word in kinds[kind](world)), end="")
            except OrchError:
                continue  # somebody presses TAB; the command itself will say what is wrong
    return 0


def script(name: str) -> str:
    from orch.host.share import share

    return files.read_text(os.path.join(share("shell"), "completion", name))


def tasks(world: World) -> list[str]:
    """Open tasks by their directories: `int-5`, or `owner/repo#42` where two projects have the same number."""
    found: dict[str, list[str]] = {}
    for slug in projects(world):
        for task in files.names(world.home.tasks(slug)):
            found.setdefault(task, []).append(slug)
    return sorted(word for task, slugs in found.items() for word in ([task] if len(slugs) == 1 else [f"{slug}#{task}" for slug in slugs]))


def projects(world: World) -> list[str]:
    from orch.flow import project

    return project.slugs(world)


def agents(world: World) -> list[str]:
    from orch import agents as adapters
    from orch.flow import config

    return adapters.names(config.load(world))


def plugins(world: World) -> list[str]:
    from orch.cmd import help as pages

    return pages.plugins(world.env.get("PATH", os.defpath))
