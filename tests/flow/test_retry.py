"""What follows a failure, from what the agent or the project really says to the record."""
from __future__ import annotations

import pytest

from tests import life
from tests.flow.test_routes import command
from tests.sandbox import Sandbox

WORK = "write work.txt done\ncommit work\ndone did it\n"


@pytest.mark.parametrize(("zone", "wanted"), [
    ("America/Los_Angeles", "2026-11-21T07:04:00.000Z"), ("Asia/Tokyo", "2026-11-21T14:04:00.000Z"),
    ("No/Where", "2026-11-20T23:04:00.000Z"),
])
def test_an_agent_tells_the_time_in_the_zone_that_it_runs_in(sandbox: Sandbox, zone: str, wanted: str) -> None:
    sandbox.env.update(TZ=zone, ORCH_TEST_NOW="2026-11-20T20:00:00Z")
    life.project(sandbox, router__default_agent="codec")
    command(sandbox, "codec", "echo \"You've hit your usage limit. Upgrade to Pro or try again at 11:04 PM.\" >&2; exit 1")
    id = life.add(sandbox, "Work")
    sandbox.orch("tick")
    sandbox.wait_for(lambda: life.task(sandbox, id)["failures"])
    found = life.task(sandbox, id)
    assert (found["status"], found["not_before"]) == ("routed", wanted)
    assert wanted in sandbox.read("orch/.orch/limits/codec.json")


def test_a_limit_that_ends_at_once_each_time_is_asked_twice_and_then_seldom(sandbox: Sandbox) -> None:
    sandbox.env["ORCH_TEST_NOW"] = "2026-11-20T20:00:00Z"
    life.project(sandbox, router__default_agent="codec", workflow__retry_seconds=60)
    command(sandbox, "codec", f"echo x >> {sandbox.root}/asked; echo 'Too many requests. Try again in 0s' >&2; exit 1")
    id = life.add(sandbox, "Work")
    for number in (1, 2):
        sandbox.orch("tick")
        sandbox.wait_for(lambda number=number: len(life.task(sandbox, id)["failures"]) == number)  # type: ignore[misc]
    life.quiet(sandbox)
    sandbox.orch("tick")
    found = life.task(sandbox, id)
    assert found["not_before"] >= "2026-11-20T20:02:00" and sandbox.read("asked") == "x\nx\n"
    assert f'"not_before": "{found["not_before"]}"' in sandbox.read("orch/.orch/limits/codec.json")


def test_a_verification_whose_set_up_fails_in_ever_new_words_comes_to_a_person(sandbox: Sandbox) -> None:
    says = "od -An -N8 -tu1 /dev/urandom | tr '0-9' 'g-p'"
    life.project(sandbox, workflow__max_attempts=4, workflow__verify=["true"],
                 workflow__setup=[f"case $PWD in *.verify-*) {says}; exit 1;; esac"])
    id = life.add(sandbox, "Work", WORK)
    end = life.rest(sandbox)[id]
    assert (end["status"], end["attempts"]) == ("needs_review", 1) and "4 times" in end["why"]
    assert life.attempts(sandbox, id) == ["1-work", *(f"{number}-verify" for number in range(2, 6))]
