"""list the commands, or show one's help

Usage: orch help [-a] [WORD [SUBWORD]]

  -a   list also the programs orch-<word> on PATH
"""
from __future__ import annotations

import os

from orch import commands
from orch.errors import Usage
from orch.host.world import World


def main(args: list[str], world: World) -> int:
    if args and not args[0].startswith("-"):
        from orch import main as dispatcher

        return dispatcher.run([*args, "--help"])
    if args not in ([], ["-a"], ["--all"]):
        raise Usage(f"no such option: {args[0]}", "see `orch help help`")
    print(overview() + (others(world.env.get("PATH", os.defpath)) if args else ""), end="")
    return 0


def overview() -> str:
    """All commands of the table by group."""
    lines = ["usage: orch COMMAND [ARGUMENT ...]", "       orch COMMAND --help | --version", ""]
    for group, title in commands.GROUPS.items():
        lines += [title, *(f"  {row.name:<10} {row.summary}" for row in commands.ROWS if row.group == group), ""]
    return "\n".join([*lines, "`orch WORD` also runs the program `orch-WORD` from PATH; `orch help -a` lists them.", ""])


def others(path: str) -> str:
    """The programs `orch-<word>` on PATH whose word the table does not have."""
    found: dict[str, str] = {}
    for folder in path.split(os.pathsep):
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue  # PATH may well name directories that are not there
        for name in names:
            word = name.removeprefix("orch-")
            full = os.path.join(folder, name)
            if word != name and not commands.find(word) and os.path.isfile(full) and os.access(full, os.X_OK):
                found.setdefault(word, full)
    return "\nelsewhere on PATH\n" + "".join(f"  {word:<10} {where}\n" for word, where in sorted(found.items()))
