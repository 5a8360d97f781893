"""read, explain, check or set the configuration

Usage: orch config [-p O/R] [get] KEY
       orch config list [--json] [-p O/R]
       orch config explain [KEY] [--json] [-p O/R]
       orch config check [-p O/R]
       orch config set KEY=VALUE ... [--project-file FILE]
       orch config home

KEY is dotted: engine.max_parallel. A section such as `engine`, a list or a map is printed as JSON on one line, anything else as it is.
The values are those of the project that -p (--project), ORCH_PROJECT or the current directory names, else the user's own. `list` prints
every key and its value, `explain` also where each comes from. `check` prints everything that is wrong. `set` edits config.yml, or
FILE, and keeps its comments. `home` prints the directory in which orch keeps everything.
Exit status: 66 when there is no such key; 78 when the configuration is wrong.
"""
# Scripts read single keys in loops, so that path does without click: half of such a command's time would be importing it.
from __future__ import annotations

from typing import Any

from orch.cmd import out
from orch.errors import NotFound
from orch.host.world import World


def main(args: list[str], world: World) -> int:
    found = one_key(args)
    if found is None:
        from orch.cmd import clicks, config_words

        return clicks.invoke(config_words.command, "orch config", args, world)
    key, name = found
    from orch.flow import project

    out.text(out.shown(read(world, key, project.maybe(world, name))) + "\n")
    return 0


def one_key(args: list[str]) -> tuple[str, str | None] | None:
    """(key, --project) when the command line reads one key; None when click has to look at it."""
    words, name = [each for each in args if each != "get"], None  # git has it, so people type it
    if words[:1] in (["--project"], ["-p"]) and len(words) > 1:
        name = words[1]
        del words[:2]
    elif words and words[0].startswith("--project="):
        name = words.pop(0)[len("--project="):]
    elif words and words[0].startswith("-p"):
        name = words.pop(0)[len("-p"):]
    if len(words) != 1 or words[0].startswith("-") or words[0] in ("list", "explain", "check", "set", "home"):
        return None
    return words[0], name


def read(world: World, key: str, slug: str | None) -> Any:
    """The value of a dotted key. raises NotFound"""
    from orch.core import config
    from orch.flow import config as reading

    path = reading.find(key)
    value = config.at(reading.load(world, slug), path)
    if value is None:
        row = config.key_at(path)
        if row is None or path[0] == "agents":
            raise NotFound(f"{key}: not set", "`orch agents` shows the agents that are built in" if path[0] == "agents" else "")
        return row.default
    return value
