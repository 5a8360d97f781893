"""Agents are data: exact command lines, what the configuration may change, what is refused."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch import agents
from orch.errors import BadConfig, BadData, NotFound, Unavailable
from tests.attempts import Attempt
from tests.sandbox import Sandbox

VALUES = {"script": "/s", "checkout": "/c", "prompt": "do it", "prompt_file": "/p.md", "system_file": "/sys.md", "result": "/r.json",
          "task": "o/r#1", "attempt": "/a"}


def line(name: str, model: str | None = None, **settings: Any) -> list[str]:
    agent = agents.entry({"agents": {name: settings}} if settings else {}, name)
    return agents.command_line(agent, {**VALUES, "model": model})


CLAUDE = "claude -p --output-format stream-json --verbose"
CODEX = "codex exec --json --sandbox workspace-write -C /c --skip-git-repo-check --add-dir /c/.git --add-dir /a/report"
CODEX += " -c allow_login_shell=false"


@pytest.mark.parametrize(
    "name, model, argv",
    [
        ("claude", None, f"{CLAUDE} --permission-mode acceptEdits --allowedTools Bash"),
        ("claude", "opus", f"{CLAUDE} --model opus --permission-mode acceptEdits --allowedTools Bash"),
        ("codex", None, f"{CODEX} -"),
        ("codex", "gpt-5.5", f"{CODEX} -m gpt-5.5 -"),
        ("opencode", None, "opencode run --format json --auto --dir /c"),
        ("opencode", "a/b", "opencode run --format json --auto -m a/b --dir /c"),
    ],
)
def test_the_command_lines_of_real_agents(name: str, model: str | None, argv: str) -> None:
    assert line(name, model) == argv.split()
    agent = agents.entry({}, name)
    assert (agent.prompt, agent.output, agent.local_only, agent.usage) == ("stdin", "json", False, name)


def test_the_command_line_of_kimi_which_takes_its_prompt_as_an_argument() -> None:
    assert line("kimi", "k2") == ["kimi", "-p", "do it", "--output-format", "stream-json", "-m", "k2"]
    agent = agents.entry({}, "kimi")
    assert (agent.prompt, agent.output, agent.local_only, agent.usage) == ("arg", "json", False, None)


def test_the_two_that_need_no_model() -> None:
    assert line("shell") == ["/bin/sh", "-c", 'exec "$0"', "/s"]
    assert line("rehearsal")[-1] == "/s"
    assert [(agent.prompt, agent.local_only) for agent in map(agents.builtin, ("shell", "rehearsal"))] == [("script", True)] * 2


def test_a_command_of_the_configuration() -> None:
    assert line("x", command="tool 'two words' {prompt_file} --out={result}") == ["tool", "two words", "/p.md", "--out=/r.json"]
    assert line("x", command=["tool", "{checkout}", 7]) == ["tool", "/c", "7"]
    assert line("x", command="tool", prompt="arg") == ["tool", "do it"]
    assert line("x", command="tool -p {prompt} -v", prompt="arg") == ["tool", "-p", "do it", "-v"]
    assert line("x", "m1", command="tool run", model_args=["-m", "{model}"], prompt="arg") == ["tool", "run", "-m", "m1", "do it"]
    assert line("x", None, command="tool {model_args} run", model_args="-m {model}") == ["tool", "run"]
    assert line("x", "m1", command="tool {model_args} run", model_args="-m {model}") == ["tool", "-m", "m1", "run"]
    assert line("x", command=["awk", "{print $1}", "{}", '{"a": 1}', "{print}"]) == ["awk", "{print $1}", "{}", '{"a": 1}', "{print}"]


def test_a_built_in_one_is_changed_key_by_key() -> None:
    agent = agents.entry({"agents": {"claude": {"env": ["ANTHROPIC_API_KEY"], "timeout_seconds": "5m"}}}, "claude")
    assert agent.env == ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "ANTHROPIC_API_KEY")
    assert agent.timeout == 300
    assert agent.argv == agents.builtin("claude").argv


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"prompt": "arg"}, "agents.x.command: missing"),
        ({"command": "x 'open"}, "agents.x.command: No closing quotation"),
        ({"command": {"a": 1}}, "agents.x.command: expected text or a list of words"),
        ({"command": "x", "prompt": "telepathy"}, "agents.x.prompt: 'telepathy' is none of arg, stdin, file"),
        ({"command": "x", "output": "prose"}, "agents.x.output: 'prose' is none of result, json, exit"),
        ({"command": "x {promt}"}, "agents.x.command: {promt} is no placeholder; did you mean {prompt}?"),
        ({"command": "x", "env": ["A-B"]}, "agents.x.env: 'A-B' is not the name of a variable"),
        ({"command": "x", "timeout_seconds": "soon"}, "agents.x.timeout_seconds: not a duration: 'soon'"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(BadConfig) as caught:
        agents.entry({"agents": {"x": settings}}, "x")
    assert [problem for problem in caught.value.problems if problem.startswith(words)]


def test_unknown_and_switched_off() -> None:
    with pytest.raises(NotFound) as caught:
        agents.entry({"agents": {"mine": {"command": "x"}}}, "clade")
    assert caught.value.hint.startswith("did you mean claude?")
    assert "mine" in caught.value.hint
    config = {"agents": {"codex": {"enabled": False}, "mine": {"command": "x"}}}
    with pytest.raises(Unavailable, match="switched off"):
        agents.entry(config, "codex")
    assert agents.names(config) == ["shell", "rehearsal", "claude", "opencode", "kimi", "mine"]


def test_a_needed_model_that_is_not_set() -> None:
    with pytest.raises(BadConfig, match="no model is set"):
        line("x", command="tool --model {model}")


def test_the_limit_of_an_argument() -> None:
    agent = agents.entry({"agents": {"x": {"command": "/bin/echo", "prompt": "arg"}}}, "x")
    fits = "ü" * (agents.ARGUMENT_LIMIT // 2)
    assert agents.command_line(agent, {"prompt": fits})[1] == fits
    with pytest.raises(BadData) as caught:
        agents.command_line(agent, {"prompt": fits + "xx"})
    assert caught.value.message == "agent x: the prompt makes an argument of 131072 bytes; the limit is 131071"
    assert caught.value.hint == "set agents.x.prompt to stdin or file"
    with pytest.raises(BadData, match="NUL"):
        agents.command_line(agent, {"prompt": "a\0b"})


def test_the_limit_is_the_kernels(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, argv=["/bin/echo", "x" * agents.ARGUMENT_LIMIT]).run()
    assert attempt.exit["code"] == 0


@given(st.text(max_size=200))
def test_a_value_is_never_expanded_again(text: str) -> None:
    prompt = text.replace("\0", "") + "{model} {prompt} {result} {{x}} \\1 \\g<0>"
    agent = agents.entry({"agents": {"x": {"command": "tool a{prompt}b{task}", "prompt": "arg"}}}, "x")
    assert agents.command_line(agent, {**VALUES, "prompt": prompt}) == ["tool", f"a{prompt}bo/r#1"]


def test_installed_or_not(sandbox: Sandbox) -> None:
    tool = sandbox.write("tools/claude", "#!/bin/sh\n", 0o755)
    claude = agents.builtin("claude")
    assert agents.check_installed(claude, f"/none:{sandbox.root}/tools") == tool
    with pytest.raises(Unavailable) as caught:
        agents.check_installed(claude, "/none")
    assert "npm install -g @anthropic-ai/claude-code" in caught.value.hint
    inside = claude._replace(argv=("./tools/agent",))
    assert agents.check_installed(inside, "/none") == "./tools/agent"  # in the checkout, which is not there yet
    with pytest.raises(Unavailable, match="~/agent is no path"):  # `orch agents` must not say that it can be used
        agents.check_installed(inside._replace(argv=("~/agent",)), "/none")


def test_whether_the_system_prompt_has_a_place() -> None:
    assert agents.takes_system(agents.Agent("x", ("x", "--system={system_file}")))
    assert not agents.takes_system(agents.builtin("claude"))


@pytest.mark.parametrize(
    "body, out", [("echo $0 | grep -c script; exit 3", "1\n"), ("#!/usr/bin/env python3\nprint('py'); raise SystemExit(3)", "py\n")]
)
def test_the_shell_agent_runs_what_the_body_names(sandbox: Sandbox, body: str, out: str) -> None:
    attempt = Attempt(sandbox, body, agent="shell").run()
    assert (attempt.out, attempt.exit["code"]) == (out, 3)
