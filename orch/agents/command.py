"""An agent from the configuration: `agents.<name>` names a command, or changes one that is built in.

    agents:
      aider:
        command: aider --yes --message-file {prompt_file}     # or a list of words; a string is split as a shell would
        prompt: file                                          # arg | stdin | file; default stdin
        output: exit                                          # result | json | exit; default result
        model_args: [--model, "{model}"]
        env: [OPENAI_API_KEY, AIDER_ANALYTICS=false]
        version: [aider, --version]
        timeout_seconds: 900
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orch import agents
from orch.core import clock
from orch.errors import BadConfig, BadData


def merge(name: str, base: agents.Agent | None, settings: Mapping[str, Any]) -> agents.Agent:
    """base with what settings say; without a base, settings must have a command. raises BadConfig with every problem"""
    problems: list[str] = []

    def words(key: str, fallback: tuple[str, ...]) -> tuple[str, ...]:
        value = settings.get(key)
        if value is None:
            return fallback
        if isinstance(value, str):
            return _split(value, f"agents.{name}.{key}", problems)
        if isinstance(value, list) and all(isinstance(word, (str, int, float)) for word in value):
            return tuple(str(word) for word in value)
        problems.append(f"agents.{name}.{key}: expected text or a list of words")
        return fallback

    def one_of(key: str, allowed: tuple[str, ...], fallback: str) -> str:
        value = settings.get(key, fallback)
        if value not in allowed:
            problems.append(f"agents.{name}.{key}: {value!r} is none of {', '.join(allowed)}")
            return fallback
        return str(value)

    start = base or agents.Agent(name, (), usage="lines")
    argv = words("command", start.argv)
    if not argv:
        problems.append(f"agents.{name}.command: missing; it says what to run")
    for word in argv:
        problems += [f"agents.{name}.command: {text}" for text in _typos(word)]
    model_args = words("model_args", start.model_args)
    env = _joined(start.env, words("env", ()))
    problems += [f"agents.{name}.env: {each!r} is not the name of a variable" for each in env if not _variable(each)]
    try:
        timeout = clock.seconds(settings.get("timeout_seconds") or start.timeout)
    except BadData as error:
        problems.append(f"agents.{name}.timeout_seconds: {error.message}")
        timeout = 0
    made = start._replace(
        argv=argv,
        prompt=one_of("prompt", agents.PROMPTS if start.prompt == "script" else agents.PROMPTS[:-1], start.prompt),
        output=one_of("output", agents.OUTPUTS, start.output),
        model_args=model_args,
        env=env,
        version=words("version", start.version),
        timeout=timeout,
    )
    if problems:
        raise BadConfig(problems)
    return made


def _split(text: str, where: str, problems: list[str]) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        problems.append(f"{where}: {error}")
        return ()


def _joined(base: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """The built-in agent's variables, and the configured ones over those of the same name."""
    named = {each.partition("=")[0] for each in own}
    return (*(each for each in base if each.partition("=")[0] not in named), *own)


def _variable(text: str) -> bool:
    return text.partition("=")[0].isidentifier()


def _typos(word: str) -> list[str]:
    """Words in braces that are nearly a placeholder; any other braces are the command's own business."""
    import re

    known = (*agents.PLACEHOLDERS, "model_args")
    found = []
    for name in re.findall(r"\{(\w+)\}", word):
        if name in known:
            continue
        from difflib import get_close_matches

        near = get_close_matches(name, known, 1, 0.75)
        found += [f"{{{name}}} is no placeholder; did you mean {{{near[0]}}}?"] if near else []
    return found
