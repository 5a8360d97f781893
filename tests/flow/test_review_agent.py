"""What an agent can do to orch with what it may write: its attempt's directory, its checkout, its output. The task may fail; orch may
not hang, stumble again at every tick, or lose anything.
"""
from __future__ import annotations

import json
import os
import re

from tests import board, life
from tests.sandbox import Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"
ODD = ("mkfifo {}", "mkdir -p {}/x", "ln -s /dev/zero {}")
RECORDS = ("proc", "prepared", "spec", "exit", "evidence", "reply", "verify")
PLACES = (*(f"{name}.json" for name in RECORDS), "stdout", "stdout.cut", "stdout.tail", "stderr", "setup", "reap.log", "report")


def test_odd_things_in_the_place_of_records(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__output_bytes=1000)
    ids = []
    for number, how in enumerate(ODD):
        put = f"for f in {' '.join(PLACES)}; do rm -rf $f; {how.format('$f')}; done; touch {sandbox.root}/gate{number}"
        acts = ("write a x", "commit a", f"run cd ${{ORCH_RESULT%/report/*}} && {put}", "spew 9000", "run sleep 1")
        ids.append(life.add(sandbox, f"Odd {number}", "".join(f"on 1: {act}\n" for act in acts) + WORK))
    other = life.add(sandbox, "Innocent", WORK)
    sandbox.orch("tick")
    sandbox.wait_for(lambda: all(os.path.exists(f"{sandbox.root}/gate{number}") for number in range(len(ODD))))
    for words in (("tick",), ("status",), *(("task", "get", id) for id in ids), ("why", ids[0]), ("stream", ids[0], "--no-follow")):
        sandbox.orch(*words, check=False, seconds=10)
    end = life.rest(sandbox)
    assert {end[id]["status"] for id in (*ids, other)} == {"done"}, end
    assert sandbox.orch("tick").err == ""


EVIL = "x\x1b]0;title\x07\x1b[31mred\x9b31m\u202eback"


def test_no_words_of_an_agent_or_of_a_task_command_the_terminal(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__max_attempts=1)
    said = sandbox.write("said.json", json.dumps({"status": "help", "reason": EVIL, "summary": EVIL, "learnings": [EVIL]}))
    asks = life.add(sandbox, f"Ask {EVIL}", f"say {EVIL}\nwarn {EVIL}\nwrite a x\ncommit {EVIL}\nrun cp {said} $ORCH_RESULT\n")
    fails = life.add(sandbox, "Fail", f"write a x\ncommit c\nfail because {EVIL}\n")
    life.rest(sandbox)
    views = [
        ["task", "list", "--all"], ["task", "list", "--json"], ["task", "get", asks, fails], ["task", "get", asks, "--json"], ["status"],
        ["log", "99"], ["log", "--task", asks], ["why", asks], ["task", "tree"], ["at", "0s"], ["sidecar", "get", asks], ["publish", asks],
        ["route", f"{EVIL}#int-1"], [EVIL], ["config", EVIL], ["project", "add", EVIL], ["task", "unblock", fails], ["tick"],
    ]
    for words in views:
        run = sandbox.orch(*words, check=False)
        assert run.code != 70 and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", run.out + run.err), words


def test_a_pipe_in_the_place_of_a_task_s_own_files(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    one, two = board.made(world), board.made(world)
    for path in (world.home.record(board.SLUG, one["id"]), os.path.join(world.home.task(board.SLUG, two["id"]), "events.jsonl")):
        os.unlink(path)
        os.mkfifo(path)
    sandbox.orch("tick", check=False, seconds=10)
    sandbox.orch("task", "set", two["id"], "priority=3", check=False, seconds=10)
    assert [task["id"] for task in sandbox.orch("task", "list", "--json", seconds=10).lines()] == [one["id"], two["id"]]
