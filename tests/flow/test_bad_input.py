"""Bad input and a bad world, through the real binary: one clear line, the exit status of the manual, and nothing is lost.

Each test ends with the trouble removed and the work done, or with the record as it was.
"""
from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests import life
from tests.gitbox import collide
from tests.sandbox import ORCH, Run, Sandbox

WORK = "write work.txt one\ncommit some work\ndone it is done\n"
GATE = "say here\nrun while [ ! -e {gate} ]; do sleep 0.05; done\n"


def refused(sandbox: Sandbox, code: int, said: str, *words: str, **more: Any) -> Run:
    """A command that ends with this status, prints no data, and says in its one line (with or without a hint) what is wrong."""
    return clear(sandbox.orch(*words, check=code, **more), said)


def clear(run: Run, said: str) -> Run:
    lines = run.err.splitlines()
    assert run.out == "" and 1 <= len(lines) <= 2 and said in lines[0], run
    assert len(lines) == 1 or ": hint: " in lines[1], run
    return run


def task_folder(sandbox: Sandbox, id: str, *parts: str) -> str:
    return os.path.join(sandbox.orch_home, ".orch", "local", "app", "tasks", id, *parts)


def no_bug(sandbox: Sandbox) -> None:
    assert not os.path.exists(os.path.join(sandbox.orch_home, ".orch", "bugs"))


NAMED = [
    ["task", "get"], ["task", "retry"], ["task", "unblock"], ["task", "cancel"], ["task", "kill"], ["task", "tree"], ["sidecar", "get"],
    ["route"], ["run"], ["reap"], ["verify"], ["publish"], ["publish", "--accept"], ["diff"], ["undo"], ["why"], ["stream"],
    ["log", "--task"], ["task", "add", "x", "--depends-on"], ["task", "add", "x", "--parent"],
]


def test_an_unknown_task(sandbox: Sandbox) -> None:
    life.project(sandbox)
    before = life.fingerprint(sandbox.orch_home)
    for words in NAMED:
        refused(sandbox, 66, "no task int-9", *words, "int-9")
    refused(sandbox, 66, "no task int-9", "task", "set", "int-9", "priority=1")
    refused(sandbox, 66, "no task int-9", "sidecar", "set", "int-9", "x=1")
    for words in (["task", "retry"], ["task", "set"], ["run"], ["why"]):
        refused(sandbox, 2, "", *words)
    for name in ("../../x", "int-01", "local/app#int-9/..", "a b"):
        refused(sandbox, 65, "not a", "task", "get", "--", name)
    refused(sandbox, 66, "no task int-1 in nobody/app", "task", "get", "nobody/app#int-1")
    for words in (["task", "get"], ["task", "retry"], ["sidecar", "get"], ["run"], ["diff"]):
        refused(sandbox, 66, "no such project: ap", *words, "--project", "ap", "int-9")
    assert life.fingerprint(sandbox.orch_home) == before


def test_a_malformed_record_is_told_and_comes_back(sandbox: Sandbox) -> None:
    life.project(sandbox)
    bad, good = life.add(sandbox, "Bad luck", WORK, "--label", "precious"), life.add(sandbox, "Other", WORK)
    record = task_folder(sandbox, bad, "task.json")
    sandbox.write(record, '{"v": 1, "id": "int')
    for words in (["task", "get"], ["route"], ["run"], ["task", "retry"], ["why"], ["why", "-p", "app"], ["diff", "-p", "APP"]):
        refused(sandbox, 65, "task.json: not JSON", *words, bad)
    listed = sandbox.orch("task", "list", "--json", check=65)
    assert [task["id"] for task in listed.lines()] == [good] and listed.err.count("not JSON") == 1
    tick = sandbox.orch("tick", check=65)
    assert tick.err.count("not JSON") == 1 and [task["id"] for task in tick.lines()] == [good]
    end = life.rest(sandbox)
    assert {end[bad]["status"], end[good]["status"]} == {"done"} and end[bad]["labels"] == ["precious"]
    assert any(name.startswith("task.json.bad-") for name in os.listdir(task_folder(sandbox, bad)))


def test_values_that_no_command_takes_stop_nobody(sandbox: Sandbox) -> None:
    """An older orch, or a hand, wrote them. What only looks odd is shown; what readers trip over is left out, and told once."""
    life.project(sandbox)
    broken = {"failures": [1], "learnings": [1], "branch": "../../../evil", "deep": [[]], "options": {"agent": 5}}
    odd = {"title": "half \ud800", "mine": float("nan"), "\udcff": 1}
    ids = {key: life.add(sandbox, "Work", WORK) for key in (*broken, *odd)}
    deep = "[" * 400 + "]" * 400
    for key, value in {**broken, **odd}.items():
        for name in ("task.json", "events.jsonl"):
            path = task_folder(sandbox, ids[key], name)
            record = json.loads(sandbox.read(path))
            more = {key: value}
            if name == "events.jsonl":
                added = {"v": 1, "seq": 2, "at": record["at"], "task": ids[key], "project": "local/app", "event": "set", "set": more}
                content = f"{json.dumps(record)}\n{json.dumps(added)}\n"
            else:
                content = json.dumps({**record, **more, "seq": 2})
            sandbox.write(path, content.replace("[[]]", deep))
    listed = sandbox.orch("task", "list", "--json", check=65)
    assert {task["id"] for task in listed.lines()} == {ids[key] for key in odd}
    assert "\\ud800" in listed.out and "NaN" not in listed.out
    for word in (["list"], ["get", ids["failures"], "--json"]):
        assert "the next tick" in sandbox.orch("task", *word, check=65).err
    for key in odd:
        sandbox.orch("task", "get", ids[key])
        sandbox.orch("sidecar", "get", ids[key], key)
    tick = sandbox.orch("tick", check=65)
    assert all(f"#{ids[key]}: " in tick.err for key in broken)
    end = life.rest(sandbox)
    assert {end[id]["status"] for id in ids.values()} == {"done"}
    no_bug(sandbox)


def test_records_and_histories_that_are_no_help_stop_nobody(sandbox: Sandbox) -> None:
    """Each broken record is set aside or left for itself; the rest of its project goes on in the same tick."""
    life.project(sandbox)
    folder, odd, left, good = (life.add(sandbox, title, WORK) for title in ("folder", "odd", "left", "good"))
    for id in (folder, odd):
        sandbox.write(task_folder(sandbox, id, "task.json"), "{")
    os.unlink(task_folder(sandbox, folder, "events.jsonl"))
    os.mkdir(task_folder(sandbox, folder, "events.jsonl"))
    with open(task_folder(sandbox, odd, "events.jsonl"), "a", encoding="utf-8") as file:
        file.write('{"v": 1, "seq": 2, "at": "2026-11-20T23:00:00.000Z", "event": "set", "set": "abc"}\n')
    sandbox.write(task_folder(sandbox, ".new-int-9", "there", "file"), "x")  # nothing that orch makes, so it cannot sweep it
    sandbox.orch("task", "cancel", left)
    record = task_folder(sandbox, left, "task.json")
    sandbox.write(record, re.sub('"done_at": "[^"]*"', '"done_at": "a while ago"', sandbox.read(record)))
    tick = sandbox.orch("tick", check=False)
    assert [task["id"] for task in tick.lines()] == [good]
    assert f"{folder}: " in tick.err and "set aside as" in tick.err and "brought back from its history" in tick.err
    assert f"local/app#{left}: done_at: not a time: 'a while ago'" in tick.err and "next tick" not in tick.err
    shutil.rmtree(task_folder(sandbox, ".new-int-9"))
    end = life.rest(sandbox)
    assert {id: end[id]["status"] for id in (odd, left, good)} == {odd: "done", left: "done", good: "done"} and folder not in end
    no_bug(sandbox)


def test_torn_files_of_attempts_stop_nobody(sandbox: Sandbox) -> None:
    """What a power cut may leave of each file of an attempt that has ended: tried again where it is needed, else read from the rest."""
    life.project(sandbox, engine__max_parallel=8)
    alone = {"ORCH_TEST_NO_REAP": "1"}
    torn = {part: life.add(sandbox, part, WORK) for part in ("spec", "exit", "prepared", "evidence", "proc", "report/result")}
    sandbox.orch("tick", env=alone)
    for part, id in torn.items():
        folder = task_folder(sandbox, id, "attempts", "1-work")
        sandbox.wait_for(lambda folder=folder: os.path.exists(f"{folder}/exit.json"))  # type: ignore[misc]
        sandbox.write(f"{folder}/{part}.json", "")
    end = life.rest(sandbox)
    found = {part: (end[id]["status"], [each["kind"] for each in end[id]["failures"]]) for part, id in torn.items()}
    assert found == {
        "spec": ("done", ["lost"]), "exit": ("done", ["lost"]), "prepared": ("done", ["lost"]), "evidence": ("done", []),
        "proc": ("done", []), "report/result": ("done", ["garbage_reply"]),
    }
    no_bug(sandbox)


def test_torn_notes_are_made_anew(sandbox: Sandbox) -> None:
    """Slots, limits and the round are written without being synced: a torn one is as good as none."""
    life.project(sandbox, router__mode="round_robin", router__agents=["rehearsal"])
    sandbox.write("orch/.orch/next", "")
    for name, content in (("slots/0", "{"), ("slots/1", "{}"), ("robin", "[]"), ("limits/rehearsal", ""), ("config", "{")):
        sandbox.write(f"orch/.orch/{name}.json", content)
    sandbox.write("orch/.orch/limits/shell.json", '{"not_before": "soon"}')
    ids = [life.add(sandbox, "Work", WORK), life.add(sandbox, "More", "echo x > y", "--agent", "shell")]
    for words in (["status"], ["why", ids[0]], ["route", *ids]):
        assert sandbox.orch(*words).err == ""
    assert {task["status"] for task in life.rest(sandbox).values()} == {"done"}


def test_an_unreadable_configuration(sandbox: Sandbox) -> None:
    life.project(sandbox)
    ids = [life.add(sandbox, f"Work {number}", WORK) for number in range(3)]
    config = f"{sandbox.orch_home}/config.yml"
    good = sandbox.read(config)
    routed = sandbox.orch("route", ids[0]).lines()[0]
    for bad, said in (("engine: [\n", ":2:1: "), ("\tx: 1\n", "yml:1:1: "), ("engine: {max_parallel: 0}\n", "engine.max_parallel: ")):
        sandbox.write(config, bad)
        for words in (["config", "engine.max_parallel"], ["tick"], ["run", ids[0]], ["why", ids[0]], ["serve", "--ticks", "1"]):
            refused(sandbox, 78, said, *words)
        assert len(sandbox.orch("task", "list", "--json").lines()) == 3
    os.unlink(config)
    os.mkdir(config)
    refused(sandbox, 78, "config.yml: ", "tick")
    os.rmdir(config)
    sandbox.write(config, good)
    assert life.task(sandbox, ids[0]) == routed
    assert {task["status"] for task in life.rest(sandbox).values()} == {"done"}


def test_a_dependency_cycle_is_named_and_not_recorded(sandbox: Sandbox) -> None:
    life.project(sandbox)
    first = life.add(sandbox, "First")
    second = life.add(sandbox, "Second", "", "--depends-on", first)
    before = life.tasks(sandbox)
    for words in (["task", "set", first, f"depends_on={second}"], ["sidecar", "set", first, f'depends_on=["{second}"]'],
                  ["task", "set", second, f"parent={second}"], ["task", "add", "Third", "--depends-on", second, "--parent", first]):
        refused(sandbox, 65, "a circle of dependencies: ", *words)
    lines = '{"title": "a", "ref": "a", "depends_on": ["b"]}\n{"title": "b", "ref": "b", "depends_on": ["c"]}\n'
    run = sandbox.orch("task", "add", "--from", "-", input=lines + '{"title": "c", "ref": "c", "depends_on": ["a"]}\n', check=65)
    assert "line 1: a circle of dependencies: a -> b -> c -> a\n" in run.err
    assert life.tasks(sandbox) == before


def test_what_is_no_repository_and_what_has_no_commits(sandbox: Sandbox) -> None:
    plain, empty = f"{sandbox.root}/plain", f"{sandbox.root}/empty"
    os.mkdir(plain)
    sandbox.git("init", "-q", "-b", "main", empty)
    sandbox.git("init", "-q", "--bare", f"{sandbox.root}/bare.git")
    for command in (["init"], ["project", "add"]):
        refused(sandbox, 65, "not a git repository", *command, plain)
        refused(sandbox, 65, "nothing is committed yet", *command, empty)
        refused(sandbox, 66, "nowhere", *command, f"{sandbox.root}/nowhere")
    refused(sandbox, 65, "nothing is committed yet", "project", "add", f"{sandbox.root}/bare.git")
    assert sandbox.orch("project", "list").out == "" and not os.path.exists(f"{sandbox.orch_home}/config.yml")
    sandbox.commit(empty, {"a": "b\n"}, "first")
    assert sandbox.orch("init", empty).out == "local/empty\n"


def test_an_origin_that_is_gone_for_a_while(sandbox: Sandbox) -> None:
    """The task waits, with the reason, and goes on when it is back."""
    life.project(sandbox, workflow__retry_seconds=1, workflow__max_attempts=1)
    id = life.add(sandbox, "Work", WORK)
    shutil.move(sandbox.remote(), sandbox.remote("away"))
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, id)["failures"])
    found = life.task(sandbox, id)
    assert [each["kind"] for each in found["failures"]] == ["network"], "no attempt is used up by it"
    assert f"the origin {sandbox.remote()} is not there (is a disk not mounted?" in found["why"]
    shutil.move(sandbox.remote("away"), sandbox.remote())
    assert life.rest(sandbox)[id]["status"] == "done"


def test_a_dirty_checkout_is_left_alone(sandbox: Sandbox) -> None:
    """Changed, staged, untracked and ignored files, a stash, a merge with a conflict, another branch: as they were, byte for byte."""
    path = life.project(sandbox, files={"a.txt": "base\n", ".gitignore": "ignored\n"}, workflow__finish="merge")
    sandbox.write(f"{path}/a.txt", "stashed\n")
    sandbox.git("stash", "-q", cwd=path)
    sandbox.git("checkout", "-q", "-b", "mine", cwd=path)
    collide(sandbox, path, "a.txt", "mine\n", "theirs\n")
    for name in ("untracked", "ignored", "staged"):
        sandbox.write(f"{path}/{name}", name)
    sandbox.git("add", "staged", cwd=path)
    before = life.fingerprint(path)
    id = life.add(sandbox, "Work", WORK)
    assert sandbox.orch("init", "--no-trust", path).out == "local/app\n"
    assert life.rest(sandbox)[id]["status"] == "done"
    sandbox.orch("diff", id)
    assert life.fingerprint(path) == before
    assert sandbox.git("ls-tree", "--name-only", "main", cwd=sandbox.remote()).split() == [".gitignore", "a.txt", "work.txt"]


@pytest.fixture
def small_disk(sandbox: Sandbox) -> Iterator[str]:
    """$ORCH_HOME on a file system of 4 MB; the path of a file that may fill it."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", sandbox.orch_home]
    if os.geteuid() or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk (tests/flow/test_store.py limits the size of files instead)")
    try:
        yield f"{sandbox.orch_home}/ballast"
    finally:
        sandbox.close()
        subprocess.run(["umount", "-l", sandbox.orch_home], check=True)
        shutil.rmtree(sandbox.root, ignore_errors=True)


def fill(path: str) -> None:
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            continue


def test_a_full_disk(sandbox: Sandbox, small_disk: str) -> None:
    path = life.project(sandbox)
    gate = f"{sandbox.root}/gate"
    script = GATE.format(gate=gate) + f"run touch {sandbox.root}/goes-on\n" + WORK
    first, second = life.add(sandbox, "Work", script), life.add(sandbox, "Next", WORK)
    sandbox.orch("route", first)
    sandbox.orch("run", first)
    sandbox.wait_for(lambda: "here" in sandbox.orch("status").out)
    board, config = life.tasks(sandbox), sandbox.read("orch/config.yml")
    fill(small_disk)
    for words in (["task", "add", "x"], ["task", "set", second, "priority=3"], ["sidecar", "set", second, "x=1"], ["route", second],
                  ["task", "cancel", second], ["config", "set", "engine.max_parallel=3"]):
        refused(sandbox, 74, "No space left on device", *words)
    assert "No space left on device" in sandbox.orch("init", path, check=74).err
    tick = sandbox.orch("tick", check=74)
    assert tick.out == "" and tick.err.count("free some space") == 1
    sandbox.write(gate, "")  # the agent fails, and there is no room to say so
    sandbox.wait_for(lambda: os.path.exists(f"{sandbox.root}/goes-on"))
    assert life.tasks(sandbox) == board and sandbox.read("orch/config.yml") == config
    os.unlink(small_disk)
    assert {id: task["status"] for id, task in life.rest(sandbox).items()} == {first: "done", second: "done"}
    no_bug(sandbox)


def ordinary() -> list[str]:
    """What makes root obey permissions, like anybody else."""
    if os.geteuid():
        return []
    rights = "-dac_override,-dac_read_search"
    words = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
    if shutil.which("setpriv") is None or subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("root may write anywhere, and there is no setpriv to forbid it")
    return words


def test_no_permission(sandbox: Sandbox) -> None:
    """A home that belongs to somebody else can be read and not written; nothing is half done."""
    words = ordinary()
    path = life.project(sandbox)
    id = life.add(sandbox, "Work", WORK)
    before = life.fingerprint(sandbox.orch_home)
    places = [folder for folder, _, _ in os.walk(sandbox.orch_home)]
    files = [os.path.join(folder, name) for folder in places for name in os.listdir(folder)]
    modes = {name: os.lstat(name).st_mode for name in [*places, *files] if not os.path.islink(name)}
    for name, mode in modes.items():
        os.chmod(name, mode & ~0o222)
    for command in (["task", "add", "x"], ["task", "set", id, "priority=3"], ["sidecar", "set", id, "x=1"], ["route", id],
                    ["task", "cancel", id], ["tick"], ["serve", "--ticks", "1"], ["config", "set", "engine.max_parallel=3"],
                    ["init", path], ["project", "remove", "app"]):
        run = clear(sandbox.command([*words, ORCH, *command]), "Permission denied")
        assert run.code == 77, command
    for command in (["task", "list"], ["task", "get", id], ["status"], ["log"], ["why", id], ["config", "engine.max_parallel"]):
        assert sandbox.command([*words, ORCH, *command]).code == 0
    for name, mode in modes.items():
        os.chmod(name, mode)
    assert life.fingerprint(sandbox.orch_home) == before
    assert life.rest(sandbox)[id]["status"] == "done"


ODD = ["😀 日本語", "../../../etc/passwd", "-rf --force", "{{ 7 * 7 }} {% raw %}", "$(touch x) `id` \"' ;&", "é" * 500, "\x1b[31m\u202e"]


def test_odd_titles_are_only_text_from_the_command_line_to_the_remote(sandbox: Sandbox) -> None:
    """An agent sees each as it was typed, and branch, commit and files are made of it without being led astray."""
    life.project(sandbox, engine__max_parallel=8)
    keep = "cat {prompt_file} > prompt.txt; exit 0"
    sandbox.orch("config", "set", f"agents.scribe.command={json.dumps(['/bin/sh', '-c', keep])}", "agents.scribe.prompt=file",
                 "agents.scribe.output=exit", "router.default_agent=scribe")
    ids = [sandbox.orch("task", "add", "--", title).out.strip() for title in ODD]
    refused(sandbox, 2, "no such option", "task", "add", "-rf")
    end = life.rest(sandbox)
    for id, title in zip(ids, ODD, strict=True):
        task = end[id]
        assert (task["status"], task["title"]) == ("done", title), task
        shown = sandbox.git("show", f"{life.branches(sandbox)[task['branch']]}:prompt.txt", cwd=sandbox.remote())
        assert title in shown
        assert task["branch"].startswith(f"task-{id}-") and len(task["branch"]) <= 60
    refused(sandbox, 65, "title: has 10000 characters; at most 500", "task", "add", "x" * 10_000)
    refused(sandbox, 65, "title: must be one line", "task", "add", "a\nb")
    for field in ("title", "body"):
        run = sandbox.orch("task", "add", "--from", "-", input=json.dumps({"title": "x", field: "a\0b"}), check=65)
        assert run.err.startswith(f"line 1: {field}: contains a NUL character\n")
    refused(sandbox, 65, "body: contains a NUL character", "task", "add", "x", "--body", "-", input="a\0b")
    assert len(life.tasks(sandbox)) == len(ODD)
    no_bug(sandbox)


def test_a_body_of_two_megabytes_and_a_prompt_beyond_the_limit_of_an_argument(sandbox: Sandbox) -> None:
    """A script may be that large; a prompt is cut with a note, and when it is not, an argument that cannot hold it is a plain failure."""
    life.project(sandbox)
    count = "wc -c < {prompt_file} > size; grep -c 'characters left out' {prompt_file} > cut; exit 0"
    sandbox.orch("config", "set", f"agents.counter.command={json.dumps(['/bin/sh', '-c', count])}", "agents.counter.prompt=file",
                 "agents.counter.output=exit", "agents.words.command=/bin/echo", "agents.words.prompt=arg", "agents.words.output=exit")
    big = sandbox.write("big", "#" + "x" * 2_000_000 + "\n" + WORK)
    script = life.add(sandbox, "Script", f"@{big}")
    cut = life.add(sandbox, "Cut", f"@{big}", "--agent", "counter")
    end = life.rest(sandbox)
    assert {end[id]["status"] for id in (script, cut)} == {"done"} and len(end[script]["body"]) == os.path.getsize(big)
    size, notes = (sandbox.git("show", f"{end[cut]['published']}:{name}", cwd=sandbox.remote()) for name in ("size", "cut"))
    assert 60_000 < int(size) < 70_000 and int(notes) == 1

    sandbox.orch("config", "set", "workflow.body_chars=9000000")
    id = life.add(sandbox, "Too large", f"@{big}", "--agent", "words")
    sandbox.orch("route", id)
    run = sandbox.orch("run", id, check=65)
    assert run.err.startswith(f"local/app#{id}: not started: agent words: the prompt makes an argument of 20") and run.err.count("\n") == 1
    found = life.task(sandbox, id)
    assert found["status"] == "needs_review" and "set agents.words.prompt to stdin or file" in found["why"]
    assert not life.attempts(sandbox, id) and len(found["body"]) == os.path.getsize(big)
    sandbox.orch("config", "set", "agents.words.prompt=stdin", "agents.words.command=/bin/sh -c 'wc -c > size'")
    sandbox.orch("task", "retry", id)
    end[id] = life.rest(sandbox)[id]
    assert end[id]["status"] == "done"
    assert int(sandbox.git("show", f"{end[id]['published']}:size", cwd=sandbox.remote())) > 2_000_000


def test_an_agent_that_is_not_installed(sandbox: Sandbox) -> None:
    life.project(sandbox)
    sandbox.orch("config", "set", "agents.ghost.command=ghostwriter --all", "agents.ghost.output=exit")
    by_hand, by_tick = life.add(sandbox, "By hand", "x", "--agent", "ghost"), life.add(sandbox, "By tick", "x", "--agent", "ghost")
    sandbox.orch("route", by_hand)
    run = sandbox.orch("run", by_hand, check=69)
    assert run.err == f"local/app#{by_hand}: not started: agent ghost: ghostwriter is not installed, or not on the PATH\n"
    sandbox.orch("tick")
    for id in (by_hand, by_tick):
        found = life.task(sandbox, id)
        assert (found["status"], found["failures"][-1]["kind"], found["attempts"]) == ("needs_review", "tool_missing", 0)
        assert "install it, give its full path" in found["why"] and not life.attempts(sandbox, id)
    refused(sandbox, 66, "no agent called 'gost'", "task", "add", "x", "--agent", "gost")
    assert "ghost" in sandbox.orch("agents").out

    sandbox.write("tools/ghostwriter", "#!/bin/sh\necho boo > ghost.txt\n", 0o755)
    path = sandbox.orch("config", "engine.path").out.strip()
    sandbox.orch("config", "set", f"engine.path={sandbox.root}/tools:{path or sandbox.env['PATH']}")
    sandbox.orch("task", "retry", by_hand, by_tick)
    assert {life.rest(sandbox)[id]["status"] for id in (by_hand, by_tick)} == {"done"}

    sandbox.orch("route", gone := life.add(sandbox, "Gone", "x", "--agent", "ghost"))
    sandbox.orch("config", "set", "agents.ghost.enabled=false")
    assert "ghost is switched off" in sandbox.orch("run", gone, check=69).err
    assert life.task(sandbox, gone)["status"] == "new"
    assert sandbox.orch("tick").err == ""
    assert (life.task(sandbox, gone)["status"], "switched off" in life.task(sandbox, gone)["why"]) == ("needs_review", True)


def test_a_clock_that_is_set_back(sandbox: Sandbox) -> None:
    """Order is by number, not by time; nothing lasts less than no time; what runs goes on; a pause that is far ahead does not count."""
    life.project(sandbox, workflow__retry_seconds=60)
    gate = f"{sandbox.root}/gate"
    sandbox.env["ORCH_TEST_NOW"] = "2026-11-21T12:00:00Z"
    runs, waits = life.add(sandbox, "Runs", GATE.format(gate=gate) + WORK), life.add(sandbox, "Waits", "run test -e retry.txt\n" + WORK)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, waits)["failures"])

    sandbox.env["ORCH_TEST_NOW"] = "2026-11-20T11:00:00Z"
    later = life.add(sandbox, "Later", WORK)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: len(life.task(sandbox, waits)["failures"]) == 2)
    assert "in 1m" in sandbox.orch("why", waits).out or "in 2m" in sandbox.orch("why", waits).out
    sandbox.write(gate, "")
    sandbox.wait_for(lambda: {life.task(sandbox, id)["status"] for id in (runs, later)} == {"done"})
    seen = sandbox.orch("task", "get", runs, "--json").json()
    assert [event["seq"] for event in seen["events"]] == list(range(1, seen["seq"] + 1)) and seen["attempts"] == 1
    assert all(run["seconds"] >= 0 for run in seen["runs"])
    assert [task["id"] for task in sandbox.orch("task", "list", "--json", "--all").lines()] == [runs, waits, later]
    for view in (["task", "list"], ["status"], ["log"], ["task", "get", runs]):
        assert "-1" not in sandbox.orch(*view).out.replace("int-1", "").replace("2026-11-2", "").replace("task-", "")

    sandbox.orch("sidecar", "set", waits, "body=" + WORK)
    sandbox.orch("task", "retry", waits)
    assert life.rest(sandbox)[waits]["status"] == "done"
    for wrong in ("soon", "2026-11-20"):
        refused(sandbox, 65, "time", "tick", env={"ORCH_TEST_NOW": wrong})
