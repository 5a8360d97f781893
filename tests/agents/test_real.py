"""The agents' real programs, from a task to a branch, with a model on loopback: what orch believes of them is what they do."""
from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

import pytest

from tests import life
from tests.agents.model import FIRST, Model
from tests.sandbox import CHECKOUT, Sandbox

PROGRAMS = os.path.join(CHECKOUT, ".venv", "agents", "node_modules", ".bin")
REPORT = {"status": "done", "summary": "it says hello"}
IN_WORDS = f"All done.\n\n```json\n{json.dumps(REPORT)}\n```\n"


class Place(NamedTuple):
    """An agent in a sandbox whose home points it to the model."""

    sandbox: Sandbox
    name: str
    model: Model

    def add(self, title: str, body: str = "", *options: str) -> str:
        return life.add(self.sandbox, title, body, "--agent", self.name, *options)

    def ends(self, id: str) -> dict[str, Any]:
        """The record, once one attempt is over. It is not ticked on: what failed would be tried again."""
        self.sandbox.orch("tick")
        self.sandbox.wait_for(lambda: life.task(self.sandbox, id).get("settled"), 120)
        life.quiet(self.sandbox)
        return life.task(self.sandbox, id)


def begin(sandbox: Sandbox, name: str, model: Model, **settings: Any) -> Place:
    env = _SETUPS[name](sandbox, model.url)
    life.project(sandbox, workflow__verify=[], engine__path=f"{PROGRAMS}:{sandbox.env['PATH']}", **settings)
    life.configure(sandbox, agents={name: {"env": [f"{key}={value}" for key, value in env.items()]}})
    return Place(sandbox, name, model)


def _claude(sandbox: Sandbox, url: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-none", "CLAUDE_CODE_MAX_RETRIES": "1"}


def _codex(sandbox: Sandbox, url: str) -> dict[str, str]:
    provider = f'name = "loopback"\nbase_url = "{url}/v1"\nwire_api = "responses"\nenv_key = "LOOPBACK_KEY"\n'
    retries = "request_max_retries = 1\nstream_max_retries = 1\n"
    quiet = 'check_for_update_on_startup = false\n[analytics]\nenabled = false\n[features]\nplugins = false\n[otel]\nexporter = "none"\n'
    more = 'metrics_exporter = "none"\ntrace_exporter = "none"\n'
    head = 'model = "any"\nmodel_provider = "loopback"\n'
    sandbox.write("home/.codex/config.toml", f"{head}{quiet}{more}[model_providers.loopback]\n{provider}{retries}")
    return {"LOOPBACK_KEY": "sk-none"}


def _opencode(sandbox: Sandbox, url: str) -> dict[str, str]:
    models = {name: {"limit": {"context": 200_000, "output": 8192}, "cost": {"input": 3, "output": 15}} for name in ("any", "other")}
    options = {"baseURL": f"{url}/v1", "apiKey": "sk-none"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": models}
    config = {"model": "loopback/any", "small_model": "loopback/any", "provider": {"loopback": provider}}
    sandbox.write("home/.config/opencode/opencode.json", json.dumps(config))
    return {"OPENCODE_DISABLE_MODELS_FETCH": "1", "npm_config_offline": "true"}


def _kimi(sandbox: Sandbox, url: str) -> dict[str, str]:
    provider = f'[providers.loopback]\ntype = "kimi"\nbase_url = "{url}/v1"\napi_key = "sk-none"\n'
    models = "".join(f'[models.{name}]\nprovider = "loopback"\nmodel = "{name}"\nmax_context_size = 200000\n' for name in ("any", "other"))
    loop = "[loop_control]\nmax_attempts_per_step = 2\n"
    sandbox.write("home/.kimi-code/config.toml", f'default_model = "any"\ntelemetry = false\n{provider}{models}{loop}')
    return {}


_SETUPS = {"claude": _claude, "codex": _codex, "opencode": _opencode, "kimi": _kimi}
NAMES = tuple(_SETUPS)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_commits_and_reports_is_published(sandbox: Sandbox, name: str) -> None:
    command = (
        "echo hello > hello.txt && git add . && git commit -qm 'add hello' && env > \"$TMPDIR/env\" && "
        "orch-result --status done --summary 'told by orch-result'"
    )
    with Model(command) as model:
        place = begin(sandbox, name, model)
        sandbox.env["GH_TOKEN"] = "secret"  # of the person who runs orch
        id = place.add("Say hello", "Write hello.txt.", "--model", {"opencode": "loopback/other"}.get(name, "other"))
        done = place.ends(id)
    assert (done["status"], done["summary"]) == ("done", "told by orch-result")
    assert sandbox.git("show", f"{life.branches(sandbox)[done['branch']]}:hello.txt", cwd=sandbox.remote()) == "hello"
    assert {request["model"] for request in model.requests} == {"other"}
    assert "Write hello.txt." in json.dumps(model.requests[0])
    env = sandbox.read("tmp/env")
    assert f"ORCH_AGENT={name}\n" in env and "GH_TOKEN" not in env
    told = sandbox.orch("stream", id, "--words", "--stdout").out.splitlines()
    assert FIRST in told and any(line.startswith("$ ") and "echo hello" in line for line in told) and "All done." in told
    assert not [line for line in told if line.startswith("{")]
    run = json.loads(sandbox.orch("task", "get", id, "--json").out)["runs"][0]
    assert (run["reason"], run["code"]) == ("exited", 0)
    assert run["tokens"] == (0 if name == "kimi" else 240), "kimi tells none"


@pytest.mark.parametrize("name", NAMES)
def test_what_it_forgets_is_committed_and_its_last_words_are_the_report(sandbox: Sandbox, name: str) -> None:
    with Model("echo hello > hello.txt", IN_WORDS) as model:
        place = begin(sandbox, name, model)
        done = place.ends(place.add("Say hello"))
    assert (done["status"], done["summary"]) == ("done", REPORT["summary"])
    assert sandbox.git("log", "-1", "--format=%an", done["published"], cwd=sandbox.remote()) == f"{name}[bot]"


@pytest.mark.parametrize("name", NAMES)
def test_prose_is_not_done(sandbox: Sandbox, name: str) -> None:
    with Model("echo hello > hello.txt", "I have completed the task successfully!") as model:
        place = begin(sandbox, name, model)
        done = place.ends(place.add("Say hello"))
    assert [each["kind"] for each in done["failures"]] == ["garbage_reply"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault, kinds", [(401, {"auth"}), (429, {"rate_limit"})])
def test_why_it_failed_is_known(sandbox: Sandbox, name: str, fault: int, kinds: set[str]) -> None:
    with Model(fault=fault) as model:
        place = begin(sandbox, name, model)
        done = place.ends(place.add("Say hello"))
    assert {each["kind"] for each in done["failures"]} == kinds, done["failures"]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_never_answers_is_silence(sandbox: Sandbox, name: str) -> None:
    with Model(fault=0) as model:
        place = begin(sandbox, name, model, workflow__idle_seconds=6)
        done = place.ends(place.add("Say hello"))
        assert [each["kind"] for each in done["failures"]] == ["idle"]
        sandbox.wait_for(lambda: not sandbox.processes())


@pytest.mark.parametrize("name", NAMES)
def test_cancel_ends_it_and_what_it_has_started(sandbox: Sandbox, name: str) -> None:
    with Model('(setsid sleep 600 &); touch "$TMPDIR/begun"; sleep 600') as model:
        place = begin(sandbox, name, model)
        id = place.add("Wait")
        sandbox.orch("tick")
        sandbox.wait_for(lambda: os.path.exists(f"{sandbox.root}/tmp/begun"), 60)
        sandbox.orch("task", "cancel", id)
        sandbox.wait_for(lambda: not sandbox.processes())
    assert (life.task(sandbox, id)["status"], life.task(sandbox, id)["resolution"]) == ("done", "cancelled")


@pytest.mark.parametrize("name", NAMES)
def test_a_long_prompt_arrives(sandbox: Sandbox, name: str) -> None:
    with Model("echo hello > hello.txt", IN_WORDS) as model:
        place = begin(sandbox, name, model)
        body = sandbox.write("body", "THE-BEGINNING " + "x " * 100_000)
        done = place.ends(place.add("Read this", f"@{body}"))
    assert done["status"] == "done"
    asked = json.dumps(model.requests[0])
    assert "THE-BEGINNING" in asked and asked.count("x x x x") > 5000


@pytest.mark.parametrize("name", NAMES)
def test_its_version_is_told(sandbox: Sandbox, name: str) -> None:
    wanted = json.loads(open(os.path.join(CHECKOUT, "tests/agents/package.json"), encoding="utf-8").read())["dependencies"]
    sandbox.orch("config", "set", f"engine.path={PROGRAMS}:{sandbox.env['PATH']}")
    rows = {row["name"]: row["version"] for row in sandbox.orch("agents", "--json", "--versions").lines()}
    package = next(key for key in wanted if name in key and key != "node")
    assert wanted[package] in rows[name]
