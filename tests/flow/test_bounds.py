"""What never happens too often, too much or at once: launches, slots, merges of what only works alone."""
from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

from tests import life
from tests.sandbox import ORCH, Sandbox


def test_a_task_that_always_fails_is_tried_as_often_as_allowed_however_often_one_looks(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__max_attempts=4)
    id = life.add(sandbox, "Fails", f"run echo x >> {sandbox.root}/ran\non 1: fail one\non 2: fail two\non 3-9: fail in another way\n")
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"], [each["text"] for each in end["failures"]]) == (
        "needs_review", 4, ["one", "two", "in another way", "in another way"],
    )
    for words in (["tick"], ["status"], ["task", "list"], ["task", "get", id], ["why", id], ["reap"], ["run", id], ["route", id], ["tick"]):
        sandbox.orch(*words)
    assert len(sandbox.read("ran").split()) == 4 and life.task(sandbox, id) == end


def test_racing_starts_of_one_task_make_one_attempt_and_of_many_no_more_than_there_are_slots(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=2)
    gate = f"{sandbox.root}/gate"
    sandbox.write("ran", "")
    ids = [life.add(sandbox, f"Task {number}", f"run echo $ORCH_TASK $ORCH_SLOT >> {sandbox.root}/ran\n"
                    f"run while [ ! -e {gate} ]; do sleep 0.05; done\nno-change nothing to do\n") for number in range(4)]
    sandbox.orch("route", *ids)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda id: sandbox.orch("run", id, check=False).code, [ids[0]] * 5 + ids[1:]))
    assert set(codes) <= {0, 75}
    assert len(running(sandbox)) in (1, 2), "a racer may hold a slot for a moment and then not need it"
    sandbox.orch("tick")
    assert len(running(sandbox)) == 2
    sandbox.wait_for(lambda: len(sandbox.read("ran").split()) == 4)
    sandbox.write(gate, "")
    life.configure(sandbox, workflow__max_attempts=1)
    assert {task["attempts"] for task in life.rest(sandbox).values()} == {1}
    assert all(life.attempts(sandbox, id) == ["1-work"] for id in ids)
    lines = [line.split() for line in sandbox.read("ran").splitlines()]
    assert sorted(ref for ref, _ in lines) == sorted(f"local/app#{id}" for id in ids) and {slot for _, slot in lines} <= {"0", "1"}


def running(sandbox: Sandbox) -> list[str]:
    return [task["id"] for task in life.tasks(sandbox).values() if task["status"] == "in_progress"]


def test_what_works_alone_and_not_together_is_not_merged(sandbox: Sandbox) -> None:
    """The merge result is checked, not the branch; the second task sees why and mends it."""
    path = life.project(sandbox, files={"check.sh": "test $(ls | grep -c part) -le 1 || { echo 'not ok - too many parts'; exit 1; }\n"},
                        workflow__verify=["sh check.sh"], workflow__finish="merge", engine__max_parallel=2)
    gate = f"{sandbox.root}/gate"
    wait = f"on 1: run echo x >> {gate}; while [ $(wc -l < {gate}) -lt 2 ]; do sleep 0.05; done\n"  # both begin before one is merged
    mend = "on 2: run git fetch -q origin && git merge -q --no-edit origin/main && git rm -q --ignore-unmatch {other}\non 2: commit mend\n"
    for mine, other in (("part-a", "part-b"), ("part-b", "part-a")):
        life.add(sandbox, mine, wait + f"on 1: write {mine} x\non 1: commit {mine}\n" + mend.format(other=other) + "done\n")
    end = life.rest(sandbox)
    assert {task["status"] for task in end.values()} == {"done"}
    failures = [each for task in end.values() for each in task["failures"]]
    assert [each["kind"] for each in failures] == ["verify_failed"] and "not ok - too many parts" in failures[0]["text"]
    for sha in [task["published"] for task in end.values()]:  # where main stood after each of them
        names = sandbox.git("ls-tree", "--name-only", sha, cwd=sandbox.remote()).split()
        assert sum(name.startswith("part") for name in names) == 1
    assert sandbox.git("status", "--porcelain", cwd=path) == ""


def test_tasks_added_by_many_at_once_are_all_there(sandbox: Sandbox) -> None:
    life.project(sandbox)
    lines = "".join(f'{{"title": "task {number}"}}\n' for number in range(125))
    sandbox.write("lines", lines)
    running = [subprocess.Popen([ORCH, "task", "add", "--from", f"{sandbox.root}/lines"], env=sandbox.env, cwd="/", stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL) for _ in range(8)]
    ids = [id for child in running for id in child.communicate(timeout=60)[0].split()]
    assert len(ids) == len(set(ids)) == 1000 == len(sandbox.orch("task", "list", "--json").lines())
