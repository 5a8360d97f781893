"""From work that is taken in to the origin: what is in the way is told on the task, and tried again later and later or by a person."""
from __future__ import annotations

import os
import shutil

from orch.core import clock
from tests import life
from tests.sandbox import Sandbox

WORK = "write work.txt done\ncommit work\n"
T0 = "2026-11-20T20:00:00.000Z"


def taken_in(sandbox: Sandbox, meanwhile: str) -> str:
    """A task to be merged whose work is done and taken in; its agent runs `meanwhile` at the end, when everything is fetched."""
    sandbox.env["ORCH_TEST_NOW"] = T0
    life.project(sandbox, workflow__finish="merge")
    id = life.add(sandbox, "Work", f"{WORK}run {meanwhile}\ndone did it\n")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: "not published" in (life.task(sandbox, id)["why"] or ""))
    life.quiet(sandbox)
    return id


def test_an_origin_that_is_gone_is_told_on_the_task_and_waited_for(sandbox: Sandbox) -> None:
    id = taken_in(sandbox, f"mv {sandbox.remote()} {sandbox.remote('away')}")
    now, waits = T0, []
    for _ in range(3):
        found = life.task(sandbox, id)
        assert found["status"] == "in_progress" and sandbox.remote() in found["why"] and not found["failures"]
        waits.append((clock.parse(found["not_before"]) - clock.parse(now)).total_seconds())
        assert sandbox.orch("tick").out == "" and life.task(sandbox, id) == found  # not before its time
        said = sandbox.orch("why", id).out
        assert sandbox.remote() in said and "task retry" not in said
        now = sandbox.env["ORCH_TEST_NOW"] = found["not_before"]
        assert "not published" in sandbox.orch("tick").out
    assert waits == [60, 120, 240]
    shutil.move(sandbox.remote("away"), sandbox.remote())
    sandbox.env["ORCH_TEST_NOW"] = life.task(sandbox, id)["not_before"]
    sandbox.orch("tick")
    found = life.task(sandbox, id)
    assert (found["status"], life.branches(sandbox)["main"]) == ("done", found["published"])


def test_an_origin_that_denies_waits_for_a_person_who_is_told_what_to_do(sandbox: Sandbox) -> None:
    sandbox.env["GIT_SSH_COMMAND"] = sandbox.write("ssh", "#!/bin/sh\necho 'me: Permission denied (publickey).' >&2\nexit 255\n", 0o755)
    record = f"{sandbox.orch_home}/projects/local/app.json"
    good = os.path.join(sandbox.root, "good.json")
    elsewhere = 's#"origin": *"[^"]*"#"origin": "ssh://me@localhost/app.git"#'
    id = taken_in(sandbox, f"cp {record} {good}; sed -i.old '{elsewhere}' {record}")
    found = life.task(sandbox, id)
    assert found["status"] == "needs_review" and "Permission denied" in found["why"] and "check the credentials" in found["why"]
    assert sandbox.orch("tick").out == "" and "publish --accept" in sandbox.orch("why", id).out
    shutil.copy(good, record)
    sandbox.orch("publish", "--accept", id)
    assert life.task(sandbox, id)["status"] == "done"


def test_a_default_branch_by_any_name_that_git_takes(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    name = "größe/日本{x}"
    sandbox.git("branch", "-m", "main", name, cwd=path)
    sandbox.git("branch", "-m", "main", name, cwd=sandbox.remote())
    sandbox.orch("init", "--no-trust", cwd=path)
    life.configure(sandbox, router__default_agent="rehearsal", engine__executor="process", workflow__finish="merge")
    id = life.add(sandbox, "Work", WORK + "done did it\n")
    found = life.rest(sandbox)[id]
    assert (found["status"], life.branches(sandbox)) == ("done", {name: found["published"]}), found["why"]
