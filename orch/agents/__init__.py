"""Who does the work. An agent is data: a command line with placeholders, how the prompt goes in, how the answer comes out.

Built-in agents are modules of this package that export AGENT; an entry `agents.<name>` of the configuration changes one or adds one,
and is all that is needed for a new command-line tool. Nothing here starts a process.

    agent = entry(config, name)            # NotFound names the nearest
    check_installed(agent, path)           # Unavailable says how to install it
    argv = command_line(agent, values)     # values: see PLACEHOLDERS

`{model_args}` stands for the words of model_args when a model is set and for nothing when none is; a command that does not say where
they go gets them at its end, and so the prompt, when it goes in as an argument. A value is never expanded again, and anything else
in braces stays as it is.
"""
from __future__ import annotations

import importlib
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orch.errors import BadConfig, BadData, NotFound, Unavailable
from orch.host import proc

SCRIPTED = ("shell", "rehearsal")  # they do what the task's text says, and are never chosen unless named
BUILTIN = (*SCRIPTED, "claude", "codex", "opencode", "kimi")
PLACEHOLDERS = ("prompt", "prompt_file", "system_file", "model", "checkout", "task", "attempt", "result", "script")
PROMPTS = ("arg", "stdin", "file", "script")
OUTPUTS = ("result", "json", "exit")
ARGUMENT_LIMIT = 131_071  # bytes of one argument; Linux stops at 128 KiB with the NUL (MAX_ARG_STRLEN), and we keep to it everywhere


class TooLarge(BadData):
    """The prompt does not fit into an argument."""


class Agent(NamedTuple):
    name: str
    argv: tuple[str, ...]  # template
    prompt: str = "stdin"  # arg | stdin (the prompt is fed in) | file (it reads {prompt_file}) | script (the task's body is {script})
    output: str = "result"  # result (the file $ORCH_RESULT) | json (the last reply in stdout) | exit (its exit status)
    model_args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()  # NAME: passed on from orch's own environment; NAME=value: set
    version: tuple[str, ...] = ()  # command that prints the version
    local_only: bool = False  # never for tasks that came from outside: it runs what the task says
    usage: str | None = None  # parser in core/money that reads tokens and cost from its output
    timeout: int = 0  # seconds; 0: as the workflow says
    install: str = ""  # how to get it, for people


def entry(config: Mapping[str, Any], name: str) -> Agent:
    """The agent called name: the built-in one, the configured one, or the first changed by the second."""
    configured = config.get("agents") or {}
    settings = configured.get(name)
    if name not in BUILTIN and not settings:
        raise NotFound(f"no agent called {name!r}", _nearest(name, names(config)) or "see `orch agents`")
    if settings and settings.get("enabled") is False:
        raise Unavailable(f"agent {name} is switched off", f"set agents.{name}.enabled to true to use it")
    if not settings:
        return builtin(name)
    from orch.agents import command

    return command.merge(name, builtin(name) if name in BUILTIN else None, settings)


def builtin(name: str) -> Agent:
    found: Agent = importlib.import_module(f"orch.agents.{name}").AGENT
    return found


def names(config: Mapping[str, Any]) -> list[str]:
    """Every agent that is not switched off, built-in ones first; installed or not."""
    configured: dict[str, Any] = config.get("agents") or {}
    known = [*BUILTIN, *(name for name in configured if name not in BUILTIN)]
    return [name for name in known if (configured.get(name) or {}).get("enabled") is not False]


def takes_system(agent: Agent) -> bool:
    """Whether the command line has a place for the system prompt; if not, it belongs at the head of the prompt."""
    return any("{system_file}" in word for word in agent.argv)


def command_line(agent: Agent, values: Mapping[str, str | None]) -> list[str]:
    """Fill in the template. raises BadData when an argument is too long or holds NUL, BadConfig when a needed model is not set"""
    template = list(agent.argv)
    if "{model_args}" not in template:
        template.append("{model_args}")
    if agent.prompt == "arg" and not any("{prompt}" in word for word in template):
        template.append("{prompt}")
    at = template.index("{model_args}")
    template[at : at + 1] = agent.model_args if values.get("model") else ()
    return [_checked(agent, _fill(agent, word, values)) for word in template]


def _fill(agent: Agent, word: str, values: Mapping[str, str | None]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in PLACEHOLDERS:
            return found[0]
        if not values.get(name) and name == "model":
            raise BadConfig([f"agents.{agent.name}.command: needs {{model}}, and no model is set"], "set one, or move it to model_args")
        return values.get(name) or ""

    return re.sub(r"\{(\w+)\}", value, word)


def _checked(agent: Agent, word: str) -> str:
    size = len(os.fsencode(word))
    if size > ARGUMENT_LIMIT:
        raise TooLarge(
            f"agent {agent.name}: the prompt makes an argument of {size} bytes; the limit is {ARGUMENT_LIMIT}",
            f"set agents.{agent.name}.prompt to stdin or file",
        )
    if "\0" in word:
        raise BadData(f"agent {agent.name}: the prompt holds a NUL byte", f"set agents.{agent.name}.prompt to stdin or file")
    return word


def check_installed(agent: Agent, path: str) -> str:
    """The program's full path, looked up in path (as PATH is written). raises Unavailable"""
    program = agent.argv[0]
    if program.startswith("~"):
        raise Unavailable(f"agent {agent.name}: {program} is no path: no shell reads it", f"agents.{agent.name}.command: write it in full")
    if "/" in program and not program.startswith("/"):
        return program  # relative to the checkout, which need not exist yet
    found = proc.which(program, path)
    if found is None:
        raise Unavailable(f"agent {agent.name}: {program} is not installed, or not on the PATH", agent.install or _where(agent))
    return found


def _where(agent: Agent) -> str:
    return f"install it, give its full path in agents.{agent.name}.command, or add its directory to engine.path"


def _nearest(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}? all of them: {', '.join(known)}" if near else f"there are: {', '.join(known)}"
