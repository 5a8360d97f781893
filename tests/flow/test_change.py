"""What people do to tasks that are there: set, retry, unblock, cancel, kill."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from orch.core import task as life
from orch.errors import BadData, NotAllowed, NotFound
from orch.flow import cancel, edit, retry
from orch.host import files, lock, proc
from orch.records import OPEN
from orch.stores import local
from tests import board
from tests.board import SLUG
from tests.sandbox import Sandbox

WAY = {  # how a task gets into a status
    "new": (), "routed": ("routed",), "in_progress": ("routed", "in_progress"), "in_review": ("routed", "in_progress", "in_review"),
    "blocked": ("blocked",), "needs_review": ("needs_review",), "done": ("done",),
}


@pytest.mark.parametrize("status", OPEN)
def test_cancel_and_kill_from_every_status(sandbox: Sandbox, status: str) -> None:
    world = board.project(sandbox)
    for stop, wanted in ((cancel.cancel, ("done", "cancelled")), (cancel.kill, ("needs_review", None))):
        task = board.moved(world, board.made(world), *WAY[status])
        after = stop(world, SLUG, task["id"])
        assert (after["status"], after["resolution"]) == wanted
        assert stop(world, SLUG, task["id"]) == after, "again changes nothing"


def test_a_done_task_is_not_cancelled_or_killed(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.moved(world, board.made(world), "done", resolution="no_change")
    for stop in (cancel.cancel, cancel.kill):
        with pytest.raises(NotAllowed, match="is done"):
            stop(world, SLUG, "int-1")
    with pytest.raises(NotFound):
        cancel.cancel(world, SLUG, "int-9")


SHEPHERD = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('ready', flush=True); signal.pause()"


def shepherd() -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A process that waits for a TERM, and its proc.json."""
    child = subprocess.Popen([sys.executable, "-c", SHEPHERD], stdout=subprocess.PIPE, text=True)
    assert child.stdout and child.stdout.readline() == "ready\n"
    start, boot = proc.identity(child.pid) or ("", "")
    return child, {"v": 1, "pid": child.pid, "start": start, "boot": boot}


@pytest.mark.parametrize("stop, status", [(cancel.cancel, "done"), (cancel.kill, "needs_review")])
def test_a_running_attempt_is_told_by_a_file_and_by_a_signal(sandbox: Sandbox, stop: Any, status: str) -> None:
    world = board.project(sandbox)
    task = board.moved(world, board.made(world), "routed", "in_progress", attempt="1-work")
    child, record = shepherd()
    try:
        folder = board.attempt(world, task, proc=record)
        held = lock.take(os.path.join(folder, "lock"))
        assert held is not None
        assert stop(world, SLUG, "int-1")["status"] == status
        assert child.wait(20) == 7
        assert "by a person" in files.read_text(os.path.join(folder, "cancel"))
        for again in (retry.retry, retry.unblock):
            with pytest.raises(NotAllowed, match="attempt 1-work still runs"):
                again(world, SLUG, "int-1")
        os.close(held)
        assert retry.retry(world, SLUG, "int-1")["status"] == "new"
    finally:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()


@pytest.mark.parametrize("wrong", [{"start": "12345"}, {"boot": "another"}, {"pid": 0}, {"start": ""}])
def test_a_stranger_with_the_same_number_gets_no_signal(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    world = board.project(sandbox)
    task = board.moved(world, board.made(world), "routed", "in_progress", attempt="1-work")
    child, record = shepherd()
    try:
        folder = board.attempt(world, task, proc={**record, **wrong})
        held = lock.take(os.path.join(folder, "lock"))
        assert held is not None
        cancel.cancel(world, SLUG, "int-1")
        assert os.path.exists(os.path.join(folder, "cancel"))
        os.close(held)
        child.send_signal(signal.SIGINT)
        assert child.wait(20) != 7
    finally:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()


def test_an_attempt_that_has_ended_is_not_told(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task = board.moved(world, board.made(world), "routed", "in_progress", attempt="1-work")
    folder = board.attempt(world, task, exit={"v": 1, "reason": "exited", "code": 0})
    cancel.cancel(world, SLUG, "int-1")
    assert not os.path.exists(os.path.join(folder, "cancel"))


@pytest.mark.parametrize("status, retries, unblocks", [
    ("new", True, True), ("routed", True, False), ("in_progress", False, False), ("in_review", False, False), ("blocked", True, True),
    ("needs_review", True, True), ("done", True, False),
])
def test_which_tasks_start_afresh(sandbox: Sandbox, status: str, retries: bool, unblocks: bool) -> None:
    world = board.project(sandbox)
    for again, allowed in ((retry.retry, retries), (retry.unblock, unblocks)):
        task = board.moved(world, board.made(world), *WAY[status], agent="codex")
        if allowed:
            after = again(world, SLUG, task["id"])
            assert after["status"] == "new"
            if status != "new":
                assert after == {**task, **life.reset(task), "seq": task["seq"] + 1, "updated_at": after["updated_at"]}
        else:
            with pytest.raises(NotAllowed, match=status):
                again(world, SLUG, task["id"])


def test_an_archived_task_starts_afresh(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.moved(world, board.made(world), "done")
    local.archive(world, SLUG, "int-1")
    retry.retry(world, SLUG, "int-1")
    assert board.ids(local.list_open(world, SLUG)[0]) == ["int-1"] and not local.is_archived(world, SLUG, "int-1")


def test_set(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    task, other = board.made(world, labels="a"), board.made(world)
    raw = {"title": "new", "labels": "b,c", "priority": "4", "depends_on": other["id"], "model": "m", "timeout": "2m"}
    after = edit.people(world, SLUG, "int-1", raw)
    assert (after["title"], after["labels"], after["priority"], after["depends_on"]) == ("new", ["b", "c"], 4, ["int-2"])
    assert after["options"] == {"model": "m", "timeout": 120} and after["seq"] == task["seq"] + 1
    assert edit.people(world, SLUG, "int-1", {"title": "new"}) == after, "nothing to change, no event"
    for raw, error, said in (
        ({"title": "", "priority": "x"}, BadData, "title: is empty; priority: expected a whole number"),
        ({"status": "done"}, BadData, "status: no such field"), ({"depends_on": "int-1"}, BadData, "int-1 -> int-1"),
        ({"depends_on": "int-9"}, NotFound, "int-9"), ({"agent": "nobody"}, NotFound, "nobody"),
    ):
        with pytest.raises(error, match=said):
            edit.people(world, SLUG, "int-1", raw)
    with pytest.raises(BadData, match="int-2 -> int-1 -> int-2"):
        edit.people(world, SLUG, "int-2", {"depends_on": "int-1"})
    with pytest.raises(BadData, match="circle"):
        edit.people(world, SLUG, "int-2", {"parent": "int-2"})
    assert local.get(world, SLUG, "int-1") == after


def test_another_agent_means_another_route(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.moved(world, board.made(world), "routed", agent="codex", route="default", failures=[{"kind": "timeout", "text": "t"}])
    assert edit.people(world, SLUG, "int-1", {"priority": "1"})["status"] == "routed"
    after = edit.people(world, SLUG, "int-1", {"agent": "shell"})
    assert (after["status"], after["agent"], after["options"], after["failures"]) == ("new", None, {"agent": "shell"}, [])
    board.moved(world, after, "routed", "in_progress", agent="shell")
    assert edit.people(world, SLUG, "int-1", {"model": "m"})["status"] == "in_progress"


def test_the_sidecar_checks_what_it_writes(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    board.made(world)
    after = edit.fields(world, SLUG, "int-1", {"notes.a": 1, "priority": 3, "options.agent": "shell"})
    assert after["notes"] == {"a": 1} and after["options"] == {"agent": "shell"}  # type: ignore[typeddict-item]
    assert edit.fields(world, SLUG, "int-1", {"notes.a": 1}) == after
    with pytest.raises(NotAllowed):
        edit.fields(world, SLUG, "int-1", {"priority": 4, "status": "done"})
    with pytest.raises(BadData, match="circle"):
        edit.fields(world, SLUG, "int-1", {"depends_on": ["int-1"]})
    with pytest.raises(NotFound):
        edit.fields(world, SLUG, "int-1", {"options.agent": "nobody"})
    assert local.get(world, SLUG, "int-1") == after
