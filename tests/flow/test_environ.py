"""What agents see of the world: exactly this, read from inside one."""
from __future__ import annotations

import os

import pytest

from orch import agents
from orch.flow import environ
from orch.host import files
from tests.attempts import CONFIG, Attempt
from tests.sandbox import Sandbox

ALWAYS = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TMPDIR", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL", "GIT_TERMINAL_PROMPT", "GIT_EDITOR", "ORCH_AGENT", "ORCH_MODEL", "ORCH_TASK", "ORCH_RESULT", "ORCH_SLOT",
    "ORCH_ATTEMPT", "ORCH_TRY",
}
FOREIGN = {
    "GH_TOKEN": "t", "GITHUB_TOKEN": "t", "ANTHROPIC_API_KEY": "t", "SSH_AUTH_SOCK": "/s", "CLAUDECODE": "1", "GIT_DIR": "/x",
    "GIT_CONFIG_COUNT": "0", "TMUX": "/t,1,0", "LD_LIBRARY_PATH": "/l", "PYTHONPATH": "/p", "VIRTUAL_ENV": "/v", "BASH_ENV": "/b",
    "PWD": "/w", "ORCH_X": "y",
}


def seen(attempt: Attempt) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in attempt.out.splitlines())


def test_the_exact_set_of_names(sandbox: Sandbox) -> None:
    sandbox.orch("project", "add", sandbox.repo("app"))
    sandbox.env.update(FOREIGN)
    found = seen(Attempt(sandbox, argv=["env"]).run())
    assert set(found) == ALWAYS
    assert found["ORCH_TASK"] == "local/app#int-1"
    assert found["GIT_AUTHOR_NAME"] == found["GIT_COMMITTER_NAME"] == "rehearsal[bot]"
    assert (found["TERM"], found["LANG"], found["HOME"]) == ("dumb", "C.UTF-8", sandbox.home)


def test_a_time_zone_and_a_locale_are_passed_on(sandbox: Sandbox) -> None:
    sandbox.env.update(TZ="Europe/Berlin", LC_TIME="C", LC_ALL="C.UTF-8")
    assert set(seen(Attempt(sandbox, argv=["env"]).run())) == ALWAYS | {"TZ", "LC_TIME", "LC_ALL"}


def test_what_an_agents_entry_lists(sandbox: Sandbox) -> None:
    entry = {"command": "x", "env": ["OPENAI_API_KEY", "NOT_SET", "MODE=fast=yes", "ORCH_ATTEMPT", "PATH=/evil"]}
    agent = agents.entry({"agents": {"x": entry}}, "x")
    sandbox.env.update(OPENAI_API_KEY="key", OTHER="no")
    blank = Attempt(sandbox, number=1)
    env = environ.build(sandbox.world(), CONFIG, agent, blank.spec, blank.folder)  # type: ignore[arg-type]
    assert "OPENAI_API_KEY" not in env, "it would be in a file"
    attempt = Attempt(sandbox, number=2, argv=["env"], env=env, handed=environ.handed(agent)).run()
    found = seen(attempt)
    assert set(found) == ALWAYS | {"OPENAI_API_KEY", "MODE"}
    assert (found["OPENAI_API_KEY"], found["MODE"], found["ORCH_ATTEMPT"]) == ("key", "fast=yes", blank.spec["token"])
    assert "/evil" not in found["PATH"]


def test_identity_and_path_as_configured(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox)
    config = {"engine": {"path": "/opt/tools/bin:/bin"}, "git": {"name": "Robot", "email": "robot@example.org"}}
    env = environ.build(sandbox.world(), config, None, attempt.spec, attempt.folder)  # type: ignore[arg-type]
    assert env["PATH"] == f"{sandbox.orch_home}/.orch/bin:/opt/tools/bin:/bin"
    assert (env["GIT_AUTHOR_NAME"], env["GIT_COMMITTER_EMAIL"]) == ("Robot", "robot@example.org")


@pytest.mark.parametrize("missing", [("USER", "SHELL"), ("HOME", "USER", "SHELL", "LANG", "PATH")])
def test_cron_sets_little(sandbox: Sandbox, missing: tuple[str, ...]) -> None:
    attempt = Attempt(sandbox)
    world = sandbox.world()
    bare = world._replace(env={name: value for name, value in world.env.items() if name not in missing})
    env = environ.build(bare, CONFIG, None, attempt.spec, attempt.folder)  # type: ignore[arg-type]
    assert set(env) == ALWAYS
    assert all(env[name] for name in ("HOME", "USER", "SHELL", "LANG", "PATH", "LOGNAME"))


def test_orch_result_is_found_and_nothing_else_of_orch(sandbox: Sandbox) -> None:
    script = "run orch-result --status done --summary 'it is done' --file a.txt\nrun ! command -v orch"
    attempt = Attempt(sandbox, script)
    attempt.spec["env"]["PATH"] = f"{sandbox.orch_home}/.orch/bin:/usr/bin:/bin"
    files.replace_json(attempt.folder + "/spec.json", attempt.spec)
    attempt.run()
    assert attempt.exit["code"] == 0, attempt.out
    assert attempt.json("report/result.json") == {"v": 1, "status": "done", "summary": "it is done", "files": ["a.txt"]}
    assert os.listdir(sandbox.orch_home + "/.orch/bin") == ["orch-result"]


def test_the_shim_is_written_when_it_differs(sandbox: Sandbox) -> None:
    folder = environ.shims(sandbox.world())
    path = os.path.join(folder, "orch-result")
    before = os.stat(path)
    environ.shims(sandbox.world())
    assert os.stat(path).st_ino == before.st_ino
    sandbox.write(path, "old")
    environ.shims(sandbox.world())
    assert sandbox.read(path).startswith("#!/bin/sh\nexec ")
    assert os.access(path, os.X_OK)
