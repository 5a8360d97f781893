from __future__ import annotations

import errno
import json
import os
import time
from typing import Any

import pytest

from orch.core import config as table
from orch.core.config import Key
from orch.errors import BadConfig, NotFound, TryLater, Usage
from orch.flow import config, configure
from orch.host import files, lock
from tests.core.test_config import PLAIN, values
from tests.sandbox import Sandbox

SLUG = "acme/app"


def mine(sandbox: Sandbox, text: str) -> str:
    return sandbox.write("orch/config.yml", text)


def theirs(sandbox: Sandbox, text: str) -> str:
    return sandbox.write(f"orch/.orch/{SLUG}/project.yml", text)


def settled(sandbox: Sandbox) -> None:
    """Wait until files that were just written are old enough to be cached."""
    sandbox.wait_for(lambda: all(
        os.stat(path).st_mtime_ns < time.time_ns() - files.SETTLED_NS
        for path in (sandbox.orch_home + "/config.yml", sandbox.orch_home + f"/.orch/{SLUG}/project.yml") if os.path.exists(path)
    ))  # fmt: skip


def origin(lines: list[config.Line], key: str) -> str:
    return next(line.origin for line in lines if table.dotted(line.path) == key)


def test_defaults(sandbox: Sandbox) -> None:
    assert config.load(sandbox.world()) == table.DEFAULTS
    assert config.load(sandbox.world(), SLUG) == table.DEFAULTS
    assert {line.origin for line in config.explain(sandbox.world())} == {"default"}


def test_every_layer_wins_over_the_ones_below(sandbox: Sandbox) -> None:
    """defaults < config.yml < .orch.yml < environment < flags"""
    world = sandbox.world()
    seen = [config.load(world, SLUG)["workflow"]["max_attempts"]]
    path = mine(sandbox, "workflow: {max_attempts: 11, idle_seconds: 1}\n")
    seen.append(config.load(world, SLUG)["workflow"]["max_attempts"])
    theirs(sandbox, "workflow: {max_attempts: 12}\n")
    seen.append(config.load(world, SLUG)["workflow"]["max_attempts"])
    world = sandbox.world(ORCH_WORKFLOW_MAX_ATTEMPTS="13")
    seen.append(config.load(world, SLUG)["workflow"]["max_attempts"])
    flags = [("workflow.max_attempts", "14")]
    seen.append(config.load(world, SLUG, flags)["workflow"]["max_attempts"])
    assert seen == [5, 11, 12, 13, 14]
    assert config.load(world)["workflow"]["max_attempts"] == 13  # without a project its file is not read
    assert origin(config.explain(world, SLUG, flags), "workflow.max_attempts") == "flag"
    assert origin(config.explain(world, SLUG), "workflow.max_attempts") == "ORCH_WORKFLOW_MAX_ATTEMPTS"
    assert origin(config.explain(world, SLUG), "workflow.idle_seconds") == f"{path}:workflow.idle_seconds"
    assert origin(config.explain(sandbox.world(), SLUG), "workflow.max_attempts") == f"{SLUG}/.orch.yml:workflow.max_attempts"


def test_maps_merge_and_lists_replace_across_files(sandbox: Sandbox) -> None:
    mine(sandbox, f"projects: {{{SLUG}: {{trust: true}}}}\nworkflow: {{verify: [a, b]}}\nmodel_map: {{simple: {{x: m1, y: m2}}}}\n")
    theirs(sandbox, "workflow: {verify: [c]}\nmodel_map: {simple: {y: m3}}\n")
    found = config.load(sandbox.world(), SLUG)
    assert found["workflow"]["verify"] == ["c"]
    assert found["model_map"]["simple"] == {"x": "m1", "y": "m3"}
    assert found["workflow"]["timeout_seconds"] == 1800


def test_what_a_caller_changes_stays_his(sandbox: Sandbox) -> None:
    mine(sandbox, "workflow: {verify: [a]}\n")
    world = sandbox.world()
    for _ in range(3):
        found = config.load(world)
        assert found["workflow"]["verify"] == ["a"] and found["workflow"]["protected"] == [".github/workflows/**"]
        found["workflow"]["verify"].append("b")
        found["workflow"]["protected"].clear()
        found["agents"]["x"] = {}
        settled(sandbox)
    assert config.load(sandbox.world(), SLUG) == config.load(sandbox.world())


@pytest.mark.parametrize("key", PLAIN, ids=lambda key: key.path)
def test_each_key_by_its_variable(sandbox: Sandbox, key: Key) -> None:
    path = tuple(key.path.split("."))
    text, value = values(key)["text"][0]
    world = sandbox.world(**{str(key.env()): text})
    assert table.at(config.load(world), path) == value
    assert origin(config.explain(world), key.path) == key.env()
    typo = values(key)["typo"][0]
    with pytest.raises(BadConfig) as caught:
        config.load(sandbox.world(**{str(key.env()): typo}))
    assert caught.value.problems[0].startswith(f"{key.env()}: ")


def test_what_orch_itself_sets_is_no_configuration(sandbox: Sandbox) -> None:
    names = {name: "x" for name in config.NOT_CONFIG if name != "ORCH_HOME"} | {"ORCH_TEST_NOW": "x", "ORCH_ENGINE": "x", "ORCH_": "x"}
    assert config.load(sandbox.world(**names)) == table.DEFAULTS


def test_bad_flags(sandbox: Sandbox) -> None:
    with pytest.raises(BadConfig) as caught:
        config.load(sandbox.world(), None, [("engine.max_parallel", "x"), ("engine", 1), ("nosuch", 1), ("git.name", 5)])
    assert len(caught.value.problems) == 4


def test_a_project_file_without_trust(sandbox: Sandbox) -> None:
    path = mine(sandbox, "workflow: {verify: [mine]}\n")
    theirs(sandbox, "workflow: {verify: [evil], max_attempts: 2}\nagents: {claude: {command: [evil]}}\nengine: {max_parallel: 99}\n"
                    f"projects: {{{SLUG}: {{trust: true}}}}\n")  # fmt: skip
    world = sandbox.world()
    found = config.load(world, SLUG)
    assert found["workflow"]["verify"] == ["mine"] and found["workflow"]["max_attempts"] == 2
    assert found["agents"] == {} and found["engine"]["max_parallel"] == 4 and found["projects"] == {}
    assert config.warnings(world, SLUG) == [
        f"{SLUG}/.orch.yml: ignored until you trust this project: workflow.verify, agents.claude.command; add to {path} the line "
        f"`projects: {{{SLUG}: {{trust: true}}}}` (or run `orch config set projects.{SLUG}.trust=true`)",
        f"{SLUG}/.orch.yml: engine.max_parallel counts only in your own {path}",
        f"{SLUG}/.orch.yml: projects.{SLUG}.trust counts only in your own {path}",
    ]
    assert config.warnings(world) == []


def test_the_line_of_the_warning_gives_trust(sandbox: Sandbox) -> None:
    theirs(sandbox, "workflow: {verify: [x]}\n")
    warning = config.warnings(sandbox.world(), SLUG)[0]
    mine(sandbox, warning.split("`")[1] + "\n")
    assert config.load(sandbox.world(), SLUG)["workflow"]["verify"] == ["x"]
    assert config.load(sandbox.world(), "acme/other")["workflow"]["verify"] == []
    assert config.warnings(sandbox.world(), SLUG) == []
    mine(sandbox, f"projects: {{{SLUG}: {{trust: false}}}}\n")
    assert config.load(sandbox.world(), SLUG)["workflow"]["verify"] == []


def test_unknown_keys_are_warnings(sandbox: Sandbox) -> None:
    path = mine(sandbox, "engine: {max_paralel: 3}\n")
    theirs(sandbox, "workflw: {}\n")
    world = sandbox.world()
    assert config.load(world, SLUG) == table.DEFAULTS
    assert config.warnings(world, SLUG) == [
        f"{path}: engine.max_paralel: unknown key; did you mean engine.max_parallel?",
        f"{SLUG}/.orch.yml: workflw: unknown key; did you mean workflow?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [\n", ":2:1: "),
        ("engine: {max_parallel: lots, executor: x}\n", ": engine.max_parallel: expected"),
        ("[]\n", ": expected a map of sections, got a list"),
        ("a: 1\na: 2\n", ":2:1: the key 'a' is given twice"),
    ],
)
def test_a_bad_file_is_bad_config(sandbox: Sandbox, text: str, said: str) -> None:
    path = mine(sandbox, text)
    with pytest.raises(BadConfig) as caught:
        config.load(sandbox.world())
    assert caught.value.problems[0].startswith(path + said)


def test_a_bad_file_that_is_not_text_or_not_readable(sandbox: Sandbox) -> None:
    path = mine(sandbox, "")
    with open(path, "wb") as file:
        file.write(b"a: \xff\n")
    with pytest.raises(BadConfig, match="not UTF-8"):
        config.load(sandbox.world())
    os.unlink(path)
    os.mkdir(path)
    with pytest.raises(BadConfig, match=os.strerror(errno.EISDIR)):
        config.load(sandbox.world())
    os.rmdir(path)
    mine(sandbox, "git: {name: x}\n")
    os.chmod(path, 0)
    if os.geteuid():
        with pytest.raises(BadConfig, match="ermission"):
            config.load(sandbox.world())


def test_one_projects_bad_file_is_that_projects_problem(sandbox: Sandbox) -> None:
    mine(sandbox, "engine: {max_parallel: 3}\n")
    theirs(sandbox, "workflow: {max_attempts: 0}\nrouter: 1\n")
    world = sandbox.world()
    with pytest.raises(BadConfig) as caught:
        config.load(world, SLUG)
    assert caught.value.problems == [
        f"{SLUG}/.orch.yml: workflow.max_attempts: expected a whole number above 0, got the number 0",
        f"{SLUG}/.orch.yml: router: expected a map, got the number 1",
    ]
    assert config.load(world)["engine"]["max_parallel"] == 3
    assert config.load(world, "acme/other")["engine"]["max_parallel"] == 3


# --- the cache


def cached(sandbox: Sandbox, slug: str | None = None) -> str:
    return os.path.join(sandbox.orch_home, ".orch", "cache", "config", f"{slug}.json") if slug else os.path.join(
        sandbox.orch_home, ".orch", "cache", "config.json")  # fmt: skip


@pytest.mark.parametrize("slug", [None, SLUG])
def test_the_cache_is_written_and_believed(sandbox: Sandbox, slug: str | None) -> None:
    mine(sandbox, "git: {name: first}\nnosuch: 1\n")
    settled(sandbox)
    first = config.load(sandbox.world(), slug)
    path = cached(sandbox, slug)
    with open(path) as file:
        content = json.load(file)
    content["layers"][0][1]["git"]["name"] = "from the cache"
    with open(path, "w") as file:
        json.dump(content, file)
    assert first["git"]["name"] == "first"
    assert config.load(sandbox.world(), slug)["git"]["name"] == "from the cache"
    assert len(config.warnings(sandbox.world(), slug)) == 1


@pytest.mark.parametrize("change", ["replace", "write", "remove", "project", "older", "version"])
def test_the_cache_follows_every_input(sandbox: Sandbox, change: str) -> None:
    path = mine(sandbox, "git: {name: one}\n")
    world = sandbox.world()  # one memory for both loads, as in a long-lived process
    settled(sandbox)
    assert config.load(world, SLUG)["git"]["name"] == "one"
    assert os.path.exists(cached(sandbox, SLUG))
    wanted = "two"
    if change == "replace":
        os.rename(sandbox.write("new.yml", "git: {name: two}\n"), path)
    elif change == "write":
        mine(sandbox, "git: {name: two}\n")
    elif change == "remove":
        os.unlink(path)
        wanted = ""
    elif change == "project":
        theirs(sandbox, "git: {name: two}\n")
    elif change == "older":  # put back from a backup, with the same size
        mine(sandbox, "git: {name: two}\n")
        os.utime(path, (1, 1))
    else:
        with open(cached(sandbox, SLUG)) as file:
            content = json.load(file)
        content["orch"] = "0.0.0"
        content["layers"][0][1]["git"]["name"] = "stale"
        with open(cached(sandbox, SLUG), "w") as file:
            json.dump(content, file)
        world, wanted = sandbox.world(), "one"
    assert config.load(world, SLUG)["git"]["name"] == wanted
    assert config.load(sandbox.world(), SLUG)["git"]["name"] == wanted


def test_a_file_that_was_just_written_is_not_cached(sandbox: Sandbox) -> None:
    """It may change again within one tick of the file system's clock, with the same size and inode."""
    path = mine(sandbox, "git: {name: one}\n")
    future = time.time_ns() + 10**12
    os.utime(path, ns=(future, future))
    world = sandbox.world()
    assert config.load(world)["git"]["name"] == "one"
    assert not os.path.exists(cached(sandbox))
    with open(path, "r+") as file:
        file.write("git: {name: two}\n")
    os.utime(path, ns=(future, future))
    assert config.load(world)["git"]["name"] == "two"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"v": 1}', "\0"])
def test_a_torn_cache_is_no_cache(sandbox: Sandbox, content: str) -> None:
    mine(sandbox, "git: {name: one}\n")
    sandbox.write(cached(sandbox), content)
    assert config.load(sandbox.world())["git"]["name"] == "one"


def test_a_home_that_cannot_be_written_is_read(sandbox: Sandbox) -> None:
    mine(sandbox, "git: {name: one}\n")
    sandbox.write("orch/.orch/cache", "a file where the cache's directory should be")
    settled(sandbox)
    for _ in range(2):
        assert config.load(sandbox.world(), SLUG)["git"]["name"] == "one"


def test_a_home_that_is_not_there_is_not_made(sandbox: Sandbox) -> None:
    world = sandbox.world(ORCH_HOME=sandbox.root + "/nowhere")
    assert config.load(world) == table.DEFAULTS


# --- check and set


def test_check(sandbox: Sandbox) -> None:
    path = mine(sandbox, "engine: {max_paralel: 3, max_parallel: 0}\n")
    theirs(sandbox, "workflow: {verify: [x], zzzz: 1}\nrouter: {mode: x}\n")
    world = sandbox.world(ORCH_ENGINE_LOG_BYTES="many", ORCH_ENGINE_MAX_PARALEL="3", ORCH_MY_OWN="x")
    found = configure.check(world, [SLUG])
    assert found.problems == [
        f"{path}: engine.max_parallel: expected a whole number above 0, got the number 0",
        f"{path}: engine.max_paralel: unknown key; did you mean engine.max_parallel?",
        f'{SLUG}/.orch.yml: router.mode: expected default or round_robin, got the text "x"',
        f"{SLUG}/.orch.yml: workflow.zzzz: unknown key",
        'ORCH_ENGINE_LOG_BYTES: expected bytes or a size such as 500kB, 20GB, got the text "many"',
    ]
    assert any(note.startswith("ORCH_ENGINE_MAX_PARALEL: ") for note in found.notes)
    mine(sandbox, "")
    theirs(sandbox, "workflow: {verify: [x]}\n")
    found = configure.check(sandbox.world(), [SLUG])
    assert found.problems == [] and len(found.notes) == 1


SAMPLE: dict[str, Any] = {key.path: values(key)["text"][-1] for key in PLAIN}


@pytest.mark.parametrize("key", PLAIN, ids=lambda key: key.path)
def test_each_key_can_be_set(sandbox: Sandbox, key: Key) -> None:
    text, value = SAMPLE[key.path]
    path = mine(sandbox, "# mine\nengine:\n  tick_interval: 7 # seconds\n")
    assert configure.change(sandbox.world(), [f"{key.path}={text}"]) == path
    assert table.at(config.load(sandbox.world()), tuple(key.path.split("."))) == value
    assert sandbox.read(path).startswith("# mine\n") and "# seconds" in sandbox.read(path)


def test_set_makes_the_file_and_keeps_what_was_typed(sandbox: Sandbox) -> None:
    world = sandbox.world(ORCH_HOME=sandbox.root + "/new/home")
    typed = ["engine.tick_interval=5m", "engine.retention_bytes=1.5 GB", f"projects.{SLUG}.trust=yes", "workflow.verify=a, b"]
    configure.change(world, typed)
    assert sandbox.read("new/home/config.yml") == (
        "engine:\n  tick_interval: 5m\n  retention_bytes: 1.5 GB\n"
        f"projects:\n  {SLUG}:\n    trust: true\nworkflow:\n  verify:\n    - a\n    - b\n"
    )
    assert config.load(world)["engine"]["tick_interval"] == 300


def test_set_is_all_or_nothing(sandbox: Sandbox) -> None:
    path = mine(sandbox, "git: {name: x}\n")
    world = sandbox.world()
    with pytest.raises(BadConfig) as caught:
        configure.change(world, ["git.name=y", "engine.max_parallel=x", "router.mode=x"])
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["engine.max_parallel", "router.mode"]
    with pytest.raises(NotFound, match=r"no such key: engine\.max"):
        configure.change(world, ["git.name=y", "engine.max=1"])
    with pytest.raises(NotFound, match="engine is a section"):
        configure.change(world, ["engine=1"])
    with pytest.raises(Usage):
        configure.change(world, ["git.name"])
    assert sandbox.read(path) == "git: {name: x}\n"
    mine(sandbox, "git: [\n")
    with pytest.raises(BadConfig, match=r"config\.yml:2:1"):
        configure.change(world, ["git.name=y"])


def test_one_wrong_key_can_be_mended_while_another_is_wrong(sandbox: Sandbox) -> None:
    path = mine(sandbox, "router: {mode: x}\nengine: {max_parallel: 0}\n")
    configure.change(sandbox.world(), ["router.mode=default"])
    assert sandbox.read(path) == "router: {mode: default}\nengine: {max_parallel: 0}\n"


def test_set_in_a_project_file(sandbox: Sandbox) -> None:
    path = sandbox.write("code/.orch.yml", "# ours\nworkflow:\n  verify: [a]\n")
    configure.change(sandbox.world(), ["workflow.verify=b, c"], path)
    assert sandbox.read(path) == "# ours\nworkflow:\n  verify:\n    - b\n    - c\n"
    with pytest.raises(BadConfig, match="counts only in your own"):
        configure.change(sandbox.world(), ["engine.max_parallel=2"], path)
    assert not os.path.exists(sandbox.orch_home + "/config.yml")


def test_set_waits_for_its_lock(sandbox: Sandbox) -> None:
    world = sandbox.world()
    held = lock.take(world.home.state("config.lock"))
    assert held is not None
    with pytest.raises(TryLater), lock.hold(world.home.state("config.lock"), wait=0):
        pass
    os.close(held)
    configure.change(world, ["git.name=x"])


def test_trust_is_given_once_and_taken_back(sandbox: Sandbox) -> None:
    world = sandbox.world()
    assert configure.trust(world, SLUG) == "set"
    assert configure.trust(world, SLUG) == "kept"
    assert configure.distrust(world, SLUG) is True
    assert configure.distrust(world, SLUG) is False
    assert configure.trust(world, SLUG) == "refused"
    assert config.load(world)["projects"] == {SLUG: {"trust": False}}


def test_the_first_config_is_right_and_keeps_the_path(sandbox: Sandbox) -> None:
    world = sandbox.world(PATH="/a b:/usr/bin:relative::/usr/bin:/x#y")
    assert configure.create(world) is True
    assert configure.create(world) is False
    assert configure.check(world, []) == ([], [])
    assert config.load(world) == table.merge([("", table.DEFAULTS), ("", {"engine": {"path": "/a b:/usr/bin:/x#y"}})])[0]
    assert sandbox.read("orch/config.yml").count("#") >= 5
