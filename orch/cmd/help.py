"""list the commands, or show one's help

Usage: orch help [-a] [WORD ...]

  -a   list also the programs orch-<word> on PATH

`orch help WORD` is `orch WORD --help`; main sees to that.
"""
from __future__ import annotations

import os

from orch import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orch.host.world import World


def main(args: list[str], world: World) -> int:
    if args not in ([], ["-a"], ["--all"]):
        from orch.errors import Usage

        raise Usage(f"no such option: {args[0]}", "see `orch help --help`")
    print(overview() + (others(world.env.get("PATH", os.defpath)) if args else ""), end="")
    return 0


def overview() -> str:
    """All commands of the table by group."""
    lines = ["usage: orch COMMAND [ARGUMENT ...]", "       orch COMMAND --help", "       orch --help | --version", ""]
    for group, title in commands.GROUPS.items():
        lines += [title, *(f"  {row.name:<10} {row.summary}" for row in commands.ROWS if row.group == group), ""]
    return "\n".join([*lines, "`orch WORD` also runs the program `orch-WORD` from PATH; `orch help -a` lists them.", ""])


def others(path: str) -> str:
    """The list of what is only on PATH, for people."""
    lines = [f"  {word:<10} {program(word, path)}\n" for word in plugins(path)]
    return "".join(["\nelsewhere on PATH\n", *lines]) if lines else ""


def plugins(path: str) -> list[str]:
    """The words of the programs `orch-<word>` on PATH that the table does not have."""
    words = {name[5:] for folder in path.split(os.pathsep) for name in listing(folder) if name.startswith("orch-")}
    return sorted(word for word in words if not commands.find(word) and program(word, path))


def listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")
    except OSError:
        return []  # PATH may well name directories that are not there


def program(word: str, path: str) -> str | None:
    """Where `orch-<word>` is on PATH; not a link to orch itself, which would come back here for ever."""
    import sys

    own = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "bin", "orch")
    selves = {os.path.realpath(own), os.path.realpath(sys.argv[0])}
    for folder in path.split(os.pathsep):
        full = os.path.join(folder or ".", f"orch-{word}")
        if "/" not in word and os.path.isfile(full) and os.access(full, os.X_OK) and os.path.realpath(full) not in selves:
            return full
    return None


def nearest(word: str) -> str | None:
    """The command that was probably meant by a word that is none: `task cancel` for cancel."""
    from difflib import get_close_matches

    from orch.cmd.task import command as group

    if word in group.members:
        return f"{group.name} {word}"
    near = get_close_matches(word, [row.name for row in commands.ROWS], 1)
    return near[0] if near else None
