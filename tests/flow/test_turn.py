"""Merges of one project, one after the other: what each costs, who comes when, and that nobody is held up for good."""
from __future__ import annotations

import os

from orch.core.task import Change
from orch.flow import due, turn
from orch.host.world import World
from orch.records import Task
from orch.stores import local
from tests import board, life
from tests.sandbox import Sandbox


def verified(sandbox: Sandbox, ids: list[str]) -> int:
    return sum(each.endswith("-verify") for id in ids for each in life.attempts(sandbox, id))


def test_parallel_merges_are_checked_once_each_and_need_no_tick(sandbox: Sandbox) -> None:
    """All end at the same moment; each hands the turn on to the next, whoever ticks or not."""
    life.project(sandbox, workflow__finish="merge", workflow__verify=["test -e go"], engine__max_parallel=6, files={"go": ""})
    gate = os.path.join(sandbox.root, "gate")
    wait = f"run until test -e {gate}; do sleep 0.05; done"
    ids = [life.add(sandbox, f"Task {n}", f"write w{n} x\n{wait}\ncommit w{n}\ndone\n") for n in range(6)]
    sandbox.orch("tick")
    sandbox.wait_for(lambda: all(life.task(sandbox, id)["status"] == "in_progress" for id in ids))
    sandbox.write(gate, "")
    sandbox.wait_for(lambda: all(life.task(sandbox, id)["status"] == "done" for id in ids), 60)
    assert 6 <= verified(sandbox, ids) <= 8
    listed = sandbox.git("ls-tree", "--name-only", "main", cwd=sandbox.remote()).split()
    assert listed == ["go", *(f"w{n}" for n in range(6))]
    events = [each["text"] for id in ids for each in sandbox.orch("task", "get", id, "--json").json()["events"]]
    assert any(text.startswith("waits until int-") and text.endswith(" is merged") for text in events)


def standing(world: World, title: str, **fields: object) -> Task:
    """A task whose work is taken in, and that stands in the line."""
    task = board.moved(world, board.made(world, title), "routed", "in_progress", attempt="1-work", settled="1-work")
    given = {"candidate": "c", "head": "c", "queued_at": world.now_text(), **fields}
    return local.change(world, board.SLUG, task["id"], lambda _: Change(given))


def test_a_wait_is_written_down_once_and_ends_when_the_turn_comes(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    first, second, third = (standing(world, each) for each in ("one", "two", "three"))

    def seen() -> dict[str, bool]:
        found, _ = local.list_open(world, board.SLUG)
        now = {(each["project"], each["id"]): each for each in found}
        ahead = due.merging(world, now)
        return {each["id"]: due.ended(world, each, ahead.get((each["project"], each["id"]))) for each in found}

    assert seen() == {first["id"]: True, second["id"]: True, third["id"]: True}, "they have not been told yet"
    assert turn.ahead(world, first) is None
    for mine, other in ((second, first), (third, second)):
        ahead = turn.ahead(world, mine)
        assert ahead and ahead["id"] == other["id"]
        told = turn.wait(world, mine, ahead)
        assert told["why"] == f"waits until {other['id']} is merged"
        assert turn.wait(world, told, ahead)["seq"] == told["seq"]
    assert seen() == {first["id"]: True, second["id"]: False, third["id"]: False}
    local.change(world, board.SLUG, first["id"], lambda _: Change({"status": "needs_review"}))
    assert seen() == {first["id"]: True, second["id"]: True, third["id"]: False}


def test_what_waits_for_its_turn_is_not_shown_as_running(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    first, second = standing(world, "one", attempt="2-verify"), standing(world, "two")
    board.attempt(world, first, "2-verify")
    shown = sandbox.orch("status", "--json").json()
    assert ([each["task"]["id"] for each in shown["running"]], board.ids(shown["waiting"])) == ([first["id"]], [second["id"]])


def test_one_that_waits_for_a_time_or_is_lost_lets_the_others_go_first(sandbox: Sandbox) -> None:
    world = board.project(sandbox, ORCH_TEST_NOW="2026-11-20T12:00:00Z")
    standing(world, "later", onto="o", not_before="2026-11-20T12:30:00.000Z")
    lost = standing(world, "lost", onto="o", attempt="2-verify")
    board.attempt(world, lost, "2-verify")
    third = standing(world, "third")
    assert turn.ahead(world, third) is None
    following = turn.first(world, board.SLUG)
    assert following and following["id"] == third["id"]


def test_one_that_cannot_be_merged_at_all_steps_back(sandbox: Sandbox) -> None:
    """Say, its commit is gone: it says so, and the next one has the turn."""
    path = life.project(sandbox, workflow__finish="merge", workflow__verify=["true"])
    world, tip = sandbox.world(), sandbox.git("rev-parse", "main", cwd=path)
    for sha in ("1" * 40, tip):
        id = life.add(sandbox, "Work")
        fields = {"candidate": sha, "head": sha, "base": tip, "branch": f"task-{id}", "attempt": "1-work", "settled": "1-work"}
        task = board.moved(world, local.get(world, "local/app", id), "routed", "in_progress", **fields)
        local.change(world, "local/app", id, lambda _: Change({"queued_at": world.now_text()}))
        sandbox.write(f"{world.home.attempt('local/app', task['id'], '1-work')}/exit.json", '{"v": 1}')
    sandbox.orch("reap", "int-1")
    first = life.task(sandbox, "int-1")
    assert (first["status"], "1111111" in first["why"], first["not_before"] > first["updated_at"]) == ("in_progress", True, True)
    sandbox.orch("tick", check=False)
    sandbox.wait_for(lambda: life.task(sandbox, "int-2")["status"] == "done")


def test_a_merge_that_was_made_too_early_is_made_anew(sandbox: Sandbox) -> None:
    """Two that looked in the same instant: the one that is not first gives up what it made, before it is checked."""
    world = board.project(sandbox)
    first, second = standing(world, "one", onto="o", candidate="m1"), standing(world, "two", onto="o", candidate="m2", verified="m2")
    told = turn.wait(world, second, first)
    assert (told["candidate"], told["onto"], told["verified"]) == ("c", None, None)
