"""What keys of the configuration do to whole lives of tasks, through the real binary; tests/house/test_keys.py has the whole table.

A key that has a variable is set for one command only (`on`): what that command starts, inherits it.
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import partial
from typing import Any

from orch.flow import sweep
from tests import life
from tests.sandbox import ORCH, Sandbox

WORK = "write work.txt one\ncommit some work\ndone it is done\n"
HANG = "say here\nhang\n"


def on(**keys: object) -> dict[str, str]:
    """The environment that sets these keys: `on(workflow__idle_seconds=1)`."""
    return {f"ORCH_{key.upper().replace('__', '_')}": value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}


def added(sandbox: Sandbox, *drafts: dict[str, Any]) -> list[str]:
    """Add tasks, and route them."""
    ids = sandbox.orch("task", "add", "--from", "-", input="\n".join(map(json.dumps, drafts))).out.split()
    sandbox.orch("route", *ids)
    return ids


def record(sandbox: Sandbox, id: str) -> dict[str, Any]:
    """From the file: nobody is started for a look."""
    found: dict[str, Any] = json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/task.json"))
    return found


def rests(sandbox: Sandbox, id: str) -> dict[str, Any]:
    """The record when it has gone as far as it goes without a tick."""
    sandbox.wait_for(lambda: record(sandbox, id)["status"] != "in_progress", 60)
    return record(sandbox, id)


def of(sandbox: Sandbox, id: str, file: str, attempt: str = "1-work") -> Any:
    return json.loads(sandbox.read(f"orch/.orch/local/app/tasks/{id}/attempts/{attempt}/{file}"))


def test_a_branch_that_somebody_else_pushed_to_is_published_when_it_is_out_of_the_way(sandbox: Sandbox) -> None:
    path = life.project(sandbox)
    gate = os.path.join(sandbox.root, "gate")
    id = life.add(sandbox, "Work", f"run until test -e {gate}; do sleep 0.05; done\nwrite x y\ncommit x\ndone\n")
    sandbox.orch("tick")
    branch = sandbox.wait_for(lambda: life.task(sandbox, id)["branch"])
    theirs = sandbox.commit(path, {"theirs": "1\n"}, "a person's")
    sandbox.git("push", "-q", "origin", f"HEAD:refs/heads/{branch}", cwd=path)
    sandbox.write(gate, "")
    sandbox.wait_for(lambda: life.task(sandbox, id)["status"] == "needs_review")
    why = life.task(sandbox, id)["why"]
    assert f"the origin's branch {branch} has commits" in why and theirs[:10] in why and f"`orch publish --accept {id}`" in why
    sandbox.orch("publish", "--accept", id, check=77)
    assert life.branches(sandbox)[branch] == theirs
    sandbox.git("branch", "-m", branch, "mine", cwd=sandbox.remote())
    sandbox.orch("publish", "--accept", id)
    assert life.task(sandbox, id)["status"] == "done"
    assert life.branches(sandbox)[branch] == life.task(sandbox, id)["published"] and life.branches(sandbox)["mine"] == theirs


def test_each_limit_ends_what_it_is_for(sandbox: Sandbox) -> None:
    life.project(
        sandbox, engine__max_parallel=20, workflow__max_attempts=1, agents__clock__command=["/bin/sleep", "1000"],
        agents__clock__output="exit", agents__clock__timeout_seconds=1,
    )
    sizes = {"timeout_by_complexity__simple": 1, "timeout_by_complexity__medium": 2, "timeout_by_complexity__complex": 3}
    rows: list[tuple[dict[str, object], dict[str, Any], str, str]] = [
        ({"timeout_seconds": 1}, {"body": HANG}, "timeout", "not finished after 1 s"),
        ({**sizes, "timeout_seconds": 90}, {"body": HANG, "complexity": "simple"}, "timeout", "not finished after 1 s"),
        ({**sizes, "timeout_seconds": 90}, {"body": HANG}, "timeout", "not finished after 2 s"),
        ({**sizes, "timeout_seconds": 90}, {"body": HANG, "complexity": "complex"}, "timeout", "not finished after 3 s"),
        ({"timeout_seconds": 90}, {"agent": "clock"}, "timeout", "not finished after 1 s"),
        ({"idle_seconds": 1}, {"body": HANG}, "idle", "nothing was heard for 1 s"),
        ({"max_tokens": 100}, {"body": "usage 500\nhang\n"}, "budget", "500 tokens used; the limit is 100"),
        ({"max_cost": 1.5}, {"body": "usage 1 2.5\nhang\n"}, "budget", "2.50 USD spent; the limit is 1.50"),
        ({"setup": "sleep 1000", "setup_seconds": 1}, {"body": WORK}, "setup_failed", "`sleep 1000` had not finished after 1 s in all"),
        ({"verify_seconds": 1}, {"body": WORK, "verify": ["sleep 1000"]}, "verify_failed", "`sleep 1000` ran out of time"),
    ]
    ids = added(sandbox, *({"title": f"{kind}, {words}", **draft} for _, draft, kind, words in rows))
    for id, (keys, _, _, _) in zip(ids, rows, strict=True):
        sandbox.orch("run", id, env=on(**{f"workflow__{key}": value for key, value in keys.items()}))
    for id, (_, _, kind, words) in zip(ids, rows, strict=True):
        end = rests(sandbox, id)
        assert (end["status"], end["failures"][0]["kind"]) == ("needs_review", kind), end
        assert words in end["failures"][0]["text"]


def test_what_is_kept_and_what_is_told(sandbox: Sandbox) -> None:
    """The agent is one that the configuration adds; it commits what it was given."""
    life.project(sandbox, files={"README.md": "# app\n", "check.sh": "test -e argv && tidy\n"}, router__default_agent="")
    sandbox.write("tools/tidy", "#!/bin/sh\nexit 0\n", 0o755)
    script = "cat > prompt; env | sed s/^TOKEN=secret.*/TOKEN=handed-on/ > vars; echo $# $* > argv; head -c 5000 /dev/zero"
    life.configure(
        sandbox, engine__path=f"{sandbox.root}/tools:/usr/bin:/bin", workflow__setup=["tidy"], workflow__verify=["sh check.sh"],
        agents__scribe__command=["/bin/sh", "-c", script, "x"], agents__scribe__output="exit", agents__scribe__model_args=["-m", "{model}"],
        agents__scribe__env=["TOKEN", "NONE", "MODE=fast=yes", "LANG=C", "PATH=/nowhere"],
        model_map__simple__scribe="small", model_map__medium__scribe="middle", model_map__complex__scribe="large",
    )
    models = {"simple": "small", "medium": "middle", "complex": "large"}
    ids = added(sandbox, *({"title": size, "body": "b" * 300, "complexity": size} for size in models))
    sandbox.orch("run", *ids, env={**on(workflow__body_chars=50, workflow__output_bytes=1000), "TOKEN": "secret-of-mine"})
    for id, model in zip(ids, models.values(), strict=True):
        end = rests(sandbox, id)
        assert (end["status"], end["agent"], end["model"]) == ("done", "scribe", model), end
        assert show(sandbox, end, "argv") == f"2 -m {model}"
    prompt = show(sandbox, end, "prompt")
    told = prompt[prompt.index("bbb") :].splitlines()
    assert told[:2] == ["b" * 24, "[276 characters left out]"]
    variables = dict(line.partition("=")[::2] for line in show(sandbox, end, "vars").splitlines())
    assert (variables["TOKEN"], variables["MODE"], variables["LANG"]) == ("handed-on", "fast=yes", "C")
    assert "NONE" not in variables and f"{sandbox.root}/tools" in variables["PATH"]
    assert not sandbox.command(["grep", "-rl", "secret-of-mine", sandbox.orch_home]).out, "no file holds what is handed on"
    folder = f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/1-work"
    assert int(sandbox.command(["sh", "-c", "cat stdout stdout.tail* | wc -c"], cwd=folder).out) <= 1000


def show(sandbox: Sandbox, task: dict[str, Any], path: str) -> str:
    return sandbox.git("show", f"{task['published']}:{path}", cwd=sandbox.remote())


def test_protected_paths_are_those_of_the_configuration(sandbox: Sandbox) -> None:
    life.project(sandbox)
    body = "write {path} x\ncommit a change\ndone\n"
    paths = ("docs/legal/terms.md", ".github/workflows/ci.yml")
    mine, usual = added(sandbox, *({"title": path, "body": body.format(path=path)} for path in paths))
    sandbox.orch("run", mine, usual, env=on(workflow__protected=["docs/**"]))
    end = rests(sandbox, mine)
    assert end["status"] == "needs_review" and "docs/legal/terms.md" in end["why"]
    assert rests(sandbox, usual)["status"] == "done"


def test_a_merge_may_be_a_commit_every_time(sandbox: Sandbox) -> None:
    life.project(sandbox)
    for number, (strategy, parents) in enumerate((("ff", 1), ("merge", 2))):
        body = f"write {number}.txt x\ncommit work\ndone\n"
        [id] = added(sandbox, {"title": strategy, "body": body})
        sandbox.orch("run", id, env=on(workflow__finish="merge", workflow__merge_strategy=strategy))
        assert rests(sandbox, id)["status"] == "done"
        assert len(sandbox.git("show", "-s", "--format=%P", "main", cwd=sandbox.remote()).split()) == parents


def test_trust_lets_the_projects_file_run_programs(sandbox: Sandbox) -> None:
    """Its keys that need none count in any case."""
    file = "workflow:\n  setup: ['echo made > made.txt']\n  max_attempts: 1\n"
    life.project(sandbox, files={".orch.yml": file})
    draft = {"title": "Is it there?", "body": "run test -e made.txt\ndone\n"}
    [id] = added(sandbox, draft)
    sandbox.orch("run", id)
    end = rests(sandbox, id)
    assert (end["status"], end["failures"][0]["kind"], end["attempts"]) == ("needs_review", "agent_failed", 1)
    sandbox.orch("config", "set", "projects.local/app.trust=true")
    [id] = added(sandbox, draft)
    sandbox.orch("run", id)
    assert rests(sandbox, id)["status"] == "done"


def test_days_and_room_of_checkouts(sandbox: Sandbox) -> None:
    life.project(sandbox)
    older, newer = (added(sandbox, {"title": name, "body": WORK})[0] for name in ("older", "newer"))
    for id in (older, newer):
        sandbox.orch("run", id)
        assert rests(sandbox, id)["status"] == "done"
    root = f"{sandbox.orch_home}/worktrees/local/app"
    both = sorted(os.listdir(root))

    def swept(now: str, **keys: object) -> list[str]:
        stamp = f"{sandbox.orch_home}/.orch/local/app/swept"
        if os.path.exists(stamp):
            os.utime(stamp, (1, 1))  # an hour has passed
        sandbox.orch("tick", env={"ORCH_TEST_NOW": now, **on(**{f"engine__{key}": value for key, value in keys.items()})})
        return sorted(os.listdir(root))

    size = sweep.size(root)
    assert len(both) == 2
    assert swept("2099-01-01T00:00:00Z", retention_days=0, retention_bytes=0, archive_after="9999w") == both
    assert swept("2099-01-01T00:00:00Z", retention_days=0, retention_bytes=size // 2 + 20_000, archive_after="9999w") == both[-1:]
    assert both[-1].startswith(f"task-{newer}-")
    at = record(sandbox, newer)["done_at"]
    assert swept(f"{at[:4]}-12-31T00:00:00Z", retention_days=366) == both[-1:]
    assert swept("2099-01-01T00:00:00Z", retention_days=366) == []
    sandbox.orch("undo", older)
    assert os.listdir(root) == both[:1]


def test_where_attempts_run(sandbox: Sandbox) -> None:
    life.project(sandbox)
    ids = added(sandbox, *({"title": name, "body": HANG} for name in ("process", "tmux", "auto")))
    there = bool(shutil.which("tmux", path=sandbox.env["PATH"]))
    for id, wanted in zip(ids, ("process", "tmux", "auto"), strict=True):
        if wanted != "tmux" or there:
            sandbox.orch("run", id, env=on(engine__executor=wanted))
            sandbox.wait_for(partial(os.path.exists, f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/1-work/proc.json"))
    sessions = sandbox.command(["tmux", "-S", f"{sandbox.orch_home}/.orch/tmux.sock", "ls", "-F", "#S"]).out.split() if there else []
    assert sessions == sorted(of(sandbox, id, "spec.json")["session"] for id in ids[1:] if there)
    sandbox.orch("task", "kill", *ids)


def test_the_pause_between_two_ticks(sandbox: Sandbox) -> None:
    """A file that is dropped rings nobody: it is found when the pause is over."""
    life.project(sandbox)
    server = subprocess.Popen([ORCH, "serve"], env={**sandbox.env, **on(engine__tick_interval=1)}, cwd="/", stdout=subprocess.DEVNULL)
    inbox = f"{sandbox.orch_home}/.orch/inbox/new"
    os.makedirs(inbox)
    for name in ("first", "second"):
        sandbox.write(f"{inbox}/.{name}", f"# {name}\nhelp me\n")
        os.rename(f"{inbox}/.{name}", f"{inbox}/{name}.md")
        sandbox.wait_for(lambda: not os.listdir(inbox), 9)  # less than the pause of those who say nothing
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0


def chosen(sandbox: Sandbox, ids: Sequence[str], **router: object) -> list[str]:
    lines = sandbox.orch("route", "-n", *ids, env=on(**{f"router__{key}": value for key, value in router.items()})).lines()
    return [line["agent"] for line in lines]


def test_who_is_chosen(sandbox: Sandbox) -> None:
    for name in ("claude", "codex", "mine"):
        sandbox.write(f"tools/{name}", "#!/bin/sh\n", 0o755)
    sandbox.env["PATH"] += f":{sandbox.root}/tools"
    life.project(sandbox, router__default_agent="", engine__path="", agents__mine__command="mine", agents__absent__command="absent")
    ids = sandbox.orch("task", "add", "--from", "-", input='{"title": "a"}\n{"title": "b"}\n{"title": "c"}\n').out.split()
    one = ids[:1]
    assert chosen(sandbox, one) == ["claude"]
    assert chosen(sandbox, one, default_agent="shell") == chosen(sandbox, one, default_agent="shell", agents=["codex"]) == ["shell"]
    assert chosen(sandbox, one, agents=["absent", "codex", "claude"]) == ["codex"]
    sandbox.orch("config", "set", *(f"agents.{name}.enabled=false" for name in ("claude", "codex", "opencode", "kimi")))
    assert chosen(sandbox, one) == ["mine"]
    turns = on(router__mode="round_robin", router__default_agent="rehearsal", router__agents=["mine", "shell"])
    routed = sandbox.orch("route", *ids, env=turns)
    assert [line["agent"] for line in routed.lines()] == ["mine", "shell", "mine"]


