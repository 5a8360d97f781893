"""Where an agent's reply is looked for, and what an agent can put there."""
from __future__ import annotations

import os

from orch.core.conclude import Said, conclude
from orch.core.config import DEFAULTS
from orch.core.failure import Fault
from orch.flow import replies
from orch.records import Spec
from tests.sandbox import Sandbox

RESULT = "report/result.json"
DONE = '{"status": "done", "summary": "%s"}'


def read(sandbox: Sandbox, agent: str = "claude", **files: str) -> Said:
    folder = os.path.join(sandbox.root, "attempt")
    for name, content in files.items():
        sandbox.write(f"attempt/{name}", content)
    spec: Spec = {"agent": agent}
    return replies.read(folder, spec, DEFAULTS)


def by(said: Said) -> tuple[str, str]:
    assert said.reply
    return said.reply["by"], said.reply["summary"]


def test_the_result_file_comes_first(sandbox: Sandbox) -> None:
    assert by(read(sandbox, **{RESULT: DONE % "file"}, done="sentinel", stdout=DONE % "answer")) == ("result file", "file")


def test_then_a_sentinel_then_the_answer(sandbox: Sandbox) -> None:
    assert by(read(sandbox, stdout=DONE % "answer")) == ("output", "answer")
    assert by(read(sandbox, **{RESULT: "half {"}, stdout=DONE % "answer")) == ("output", "answer")
    assert by(read(sandbox, done="by file")) == ("sentinel", "by file")


def test_a_pipe_or_a_link_in_its_place_blocks_nobody(sandbox: Sandbox) -> None:
    os.makedirs(f"{sandbox.root}/attempt/report")
    os.mkfifo(f"{sandbox.root}/attempt/{RESULT}")
    os.symlink("/etc/passwd", f"{sandbox.root}/attempt/done")
    sandbox.write("attempt/error", "x" * (replies.MOST + 1))
    assert read(sandbox).reply is None


def test_the_output_of_tools_is_not_judged(sandbox: Sandbox) -> None:
    said = read(sandbox, "shell", stdout=DONE % "x", stderr="you have hit your usage limit\nsh: 1: jq: not found")
    assert (said.reply, said.last_words, said.last_line, said.mode) == (None, "", "sh: 1: jq: not found", "exit")
    assert read(sandbox, "shell", stdout="FAIL tests/test_rate_limit.py", stderr="").last_line == "FAIL tests/test_rate_limit.py"


def test_colours_hide_no_failure_and_the_line_of_the_error_is_told(sandbox: Sandbox) -> None:
    coloured = "> build\n\x1b[91m\x1b[1mError: \x1b[0mIncorrect API\x1b[0m key provided\nSee log: /x\n"
    said = read(sandbox, "opencode", stdout="", stderr=coloured)
    assert said.error == "Error: Incorrect API key provided"
    assert conclude({"reason": "exited", "code": 1}, None, said).fault == Fault("auth", said.error)
    said = read(sandbox, "codex", stdout="", stderr="error: no such flag\n\nFor more information, try --help\n")
    assert conclude({"reason": "exited", "code": 2}, None, said).text == "exit status 2: error: no such flag"


def test_of_a_program_whose_exit_status_speaks_only_stderr_is_judged(sandbox: Sandbox) -> None:
    config = {**DEFAULTS, "agents": {"mine": {"command": "true", "output": "exit"}}}
    sandbox.write("attempt/stdout", "FAIL tests/test_rate_limit.py\n")
    sandbox.write("attempt/stderr", "usage limit reached\n")
    spec: Spec = {"agent": "mine"}
    said = replies.read(f"{sandbox.root}/attempt", spec, config)
    assert (said.mode, said.last_words.strip(), said.last_line) == ("exit", "usage limit reached", "usage limit reached")
