"""What a person accepts: he is told first what is special about it, and it is published as it is, not as what was once made of it."""
from __future__ import annotations

import json
import os
import signal

from tests import life
from tests.sandbox import Sandbox

KEY = "AKIA" + "Q7ZK2MP9XW4VT8NB"
CARELESS = f"write conf.py KEY = '{KEY}'\nwrite .github/workflows/ci.yml on: push\ncommit careless\n"


def begin(sandbox: Sandbox) -> str:
    """A task whose agent has committed what must not be published unseen, and hangs."""
    id = life.add(sandbox, "Work", f"{CARELESS}run touch {sandbox.root}/here; sleep 99\n")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: os.path.exists(f"{sandbox.root}/here"))
    return id


def special(why: str) -> bool:
    return "changes protected paths: .github/workflows/ci.yml" in why and "looks like a secret: conf.py" in why


def test_a_killed_attempt_is_not_offered_without_a_word_of_what_is_in_it(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = begin(sandbox)
    sandbox.orch("task", "kill", id)
    sandbox.wait_for(lambda: life.task(sandbox, id)["settled"])
    why = life.task(sandbox, id)["why"]
    assert why.startswith("killed by a person; its work ") and special(why)
    assert special(sandbox.orch("why", id).out)
    assert life.branches(sandbox).keys() == {"main"}
    sandbox.orch("publish", "--accept", id)
    assert life.rest(sandbox)[id]["status"] == "done"


def test_nobody_accepts_what_he_cannot_have_seen(sandbox: Sandbox) -> None:
    """The attempt is taken in by the very command that is to accept it."""
    life.project(sandbox)
    id = begin(sandbox)
    proc = f"{sandbox.orch_home}/.orch/local/app/tasks/{id}/attempts/1-work/proc.json"
    os.kill(json.loads(sandbox.read(proc))["pid"], signal.SIGKILL)  # the shepherd: nobody else takes it in
    sandbox.orch("task", "kill", id)
    assert special(sandbox.orch("publish", "--accept", id, check=77).err)
    assert life.task(sandbox, id)["status"] == "needs_review"
    sandbox.orch("publish", "--accept", id)
    assert life.rest(sandbox)[id]["status"] == "done"


def test_an_agent_that_asks_or_fails_for_good_is_no_way_around(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__max_attempts=1, engine__max_parallel=2)
    asks = life.add(sandbox, "Asks", CARELESS + "help which one?\n")
    fails = life.add(sandbox, "Fails", CARELESS + "exit 1\n")
    end = life.rest(sandbox)
    for id, word in ((asks, "which one?"), (fails, "exit status 1")):
        assert end[id]["status"] == "needs_review" and word in end[id]["why"] and special(end[id]["why"]), end[id]["why"]
    assert not special(end[fails]["failures"][-1]["text"])


def refused(sandbox: Sandbox) -> str:
    """A task whose merge was made for an older target, and refused."""
    path = life.project(sandbox, workflow__finish="merge", workflow__merge_strategy="merge")
    hook = sandbox.write(f"{sandbox.remote()}/hooks/pre-receive", "#!/bin/sh\necho no such luck\nexit 1\n", 0o755)
    id = life.add(sandbox, "Work", "write a.txt one\ncommit mine\ndone\n")
    assert "no such luck" in life.rest(sandbox)[id]["why"]
    os.unlink(hook)
    sandbox.commit(path, {"b.txt": "b\n"}, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    return id


def test_a_refused_merge_is_made_anew_of_the_work_itself(sandbox: Sandbox) -> None:
    id = refused(sandbox)
    sandbox.orch("publish", "--accept", id)
    end = life.rest(sandbox)[id]
    assert end["status"] == "done"
    assert sandbox.git("log", "--merges", "--format=%s", "main", cwd=sandbox.remote()) == f"Merge {id}: Work into main"
    assert sandbox.git("rev-parse", "main^2", cwd=sandbox.remote()) == end["head"]


def test_what_was_made_to_be_merged_is_not_published_as_a_branch(sandbox: Sandbox) -> None:
    gate = f"{sandbox.root}/gate"
    check = f"touch {gate}.begun; until [ -e {gate} ]; do sleep 0.02; done"
    life.project(sandbox, workflow__finish="merge", workflow__merge_strategy="merge", workflow__verify=[check])
    id = life.add(sandbox, "Work", "write a.txt one\ncommit mine\ndone\n")
    sandbox.wait_for(lambda: sandbox.orch("tick") and os.path.exists(f"{gate}.begun"))
    assert life.task(sandbox, id)["candidate"] != life.task(sandbox, id)["head"]
    sandbox.orch("task", "set", id, "finish=branch")
    sandbox.write(gate, "")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["onto"], end["verified"]) == ("done", None, end["head"])
    assert life.branches(sandbox)[end["branch"]] == end["head"]
