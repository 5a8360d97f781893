"""The environment that agents, set-up and verify commands run in: made from nothing, never inherited.

What an agent can read, a prompt hidden in a web page can make it print; so tokens, sockets of key agents and orch's own variables are
not taken out of the environment, they are never put in. What a certain agent needs is named in `agents.<name>.env`; the values of such
variables are in no file, the shepherd has them from its own environment.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from orch.agents import Agent
from orch.host import files, paths, share
from orch.host.world import World
from orch.records import Spec

USUAL = "/usr/local/bin:/usr/bin:/bin"
# passed on when set: where the person is and how he writes
PLACE = ("TZ", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME")


def path(world: World, config: Mapping[str, Any]) -> str:
    """The PATH on which agents and other programs are looked for: engine.path, else orch's own."""
    return config["engine"]["path"] or world.env.get("PATH") or USUAL


def build(world: World, config: Mapping[str, Any], agent: Agent | None, spec: Spec, folder: str) -> dict[str, str]:
    """The whole environment of an attempt. agent: None for verification; folder: the attempt directory."""
    name = config["git"]["name"] or f"{spec.get('agent') or 'orch'}[bot]"
    email = config["git"]["email"] or f"{spec.get('agent') or 'orch'}@noreply.orch.invalid"
    return {
        **{key: world.env[key] for key in PLACE if key in world.env},
        **_person(world),
        "LANG": world.env.get("LANG") or "C.UTF-8",
        "TERM": "dumb",
        "TMPDIR": world.env.get("TMPDIR") or "/tmp",
        **_set(agent),
        "PATH": f"{shims(world)}:{path(world, config)}",
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",  # `git rebase --continue` would wait for one for ever
        "ORCH_AGENT": spec.get("agent") or "",
        "ORCH_MODEL": spec.get("model") or "",
        "ORCH_TASK": f"{spec['project']}#{spec['task']}",
        "ORCH_RESULT": paths.report(folder),
        "ORCH_SLOT": str(spec["slot"]),
        "ORCH_ATTEMPT": spec["token"],
        "ORCH_TRY": str(spec["try_"]),
    }


def _set(agent: Agent | None) -> dict[str, str]:
    """What agents.<name>.env sets: NAME=value."""
    pairs = (each.partition("=") for each in (agent.env if agent else ()))
    return {name: value for name, equals, value in pairs if equals}


def handed(agent: Agent) -> list[str]:
    """The names in agents.<name>.env without a value: variables that are handed on."""
    return [name for name in agent.env if "=" not in name]


def _person(world: World) -> dict[str, str]:
    env = world.env
    if env.get("HOME") and env.get("USER") and env.get("SHELL"):
        home, user, shell = env["HOME"], env["USER"], env["SHELL"]
    else:  # cron and services set little
        import pwd

        try:
            row = pwd.getpwuid(os.getuid())
            home, user, shell = env.get("HOME") or row.pw_dir, env.get("USER") or row.pw_name, env.get("SHELL") or row.pw_shell
        except KeyError:  # a uid without a name, as containers have
            home, user, shell = env.get("HOME") or "/", env.get("USER") or str(os.getuid()), env.get("SHELL") or ""
    return {"HOME": home, "USER": user, "LOGNAME": user, "SHELL": shell or "/bin/sh"}


def shims(world: World) -> str:
    """A directory for the head of PATH that holds orch-result and nothing else, so that an agent can report without finding orch."""
    folder = world.home.state("bin")
    words = " ".join(_quoted(word) for word in (sys.executable, "-E", *share.program()[1:]))
    script = f'#!/bin/sh\nexec {words} result "$@"\n'.encode()
    place = os.path.join(folder, "orch-result")
    if not os.access(place, os.X_OK) or files.read_bytes(place) != script:
        files.replace(place, script, mode=0o700, durable=False)
    return folder


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
