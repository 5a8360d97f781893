"""What an attempt came to: the kernel before git before the agent's word."""
from __future__ import annotations

from typing import Any

import pytest

from orch.core.conclude import Said, conclude
from orch.core.failure import Fault
from orch.records import Evidence, Exit, Reply

DONE: Reply = {"status": "done", "summary": "did it", "by": "output"}
SOME: Evidence = {"commits": 2, "new_commits": 1, "head": "a" * 40}
NONE: Evidence = {"commits": 0, "new_commits": 0}


def end(reply: Reply | None = None, evidence: Evidence | None = None, *, reason: str = "exited", code: int | None = 0, words: str = "",
        envelope: Fault | None = None, mode: str = "json", before: str | None = None, **more: Any) -> tuple[str, str | None]:
    exit: Exit = {"reason": reason, "code": code, **more}  # type: ignore[typeddict-item]
    last = words.strip().rpartition("\n")[2]
    found = conclude(exit, evidence, Said(reply, envelope, words, mode, last), failed_before=before)
    return found.kind, found.fault.kind if found.fault else None


def test_done_needs_commits() -> None:
    assert end(DONE, SOME) == ("done", None)
    assert end(DONE, NONE) == ("failed", "no_evidence")
    assert end(DONE, None) == ("failed", "no_evidence")


def test_a_repository_in_the_place_of_its_files_is_mended_by_the_next_attempt() -> None:
    nested: Evidence = {**SOME, "nested": ["app"]}
    assert end(DONE, nested) == ("failed", "no_evidence")
    text = conclude({"reason": "exited", "code": 0}, nested, Said(DONE, None, "", "json")).text
    assert text == "the files of app are not in its commits: it is a repository of its own"
    assert end(DONE, {**SOME, "nested": []}) == ("done", None)


def test_commits_that_the_default_branch_has_are_told_apart_from_none() -> None:
    def text(base: str, head: str) -> str:
        evidence: Evidence = {**NONE, "base": base, "head": head}
        fault = conclude({"reason": "exited", "code": 0}, evidence, Said(DONE, None, "", "json")).fault
        return fault.text if fault else ""

    assert text(base="a" * 40, head="a" * 40) == "it says done, but there is no commit since the base"
    assert text(base="a" * 40, head="b" * 40) == "it says done, but all that it committed is in the default branch already"


def test_a_no_op_needs_a_reason_and_an_unchanged_branch() -> None:
    assert end({"status": "no_change", "reason": "it is there already"}, NONE) == ("no_change", None)
    assert end({"status": "no_change"}, NONE) == ("failed", "no_evidence")
    assert end({"status": "no_change", "reason": "x"}, SOME) == ("person", None), "commits of an attempt that failed are not published"
    assert end({"status": "no_change"}, SOME) == ("failed", "no_evidence")


@pytest.mark.parametrize("reason", [
    "the test for unauthorized access still fails", "the rate limiter drops every tenth", "usage limit reached, resets in 190 hours",
    "connection refused by the redis of the tests",
])
def test_what_an_agent_says_of_the_task_says_nothing_of_the_agent(reason: str) -> None:
    assert end({"status": "failed", "reason": reason, "by": "result file"}, SOME) == ("failed", "agent_failed")
    limit = Fault("usage_limit", "limit reached")
    assert end({"status": "failed", "reason": reason, "by": "result file"}, SOME, envelope=limit) == ("failed", "usage_limit")


def test_work_that_could_not_be_committed_is_not_done() -> None:
    assert end(DONE, SOME, uncommitted="auto-commit failed: git commit: no") == ("failed", "no_evidence")
    assert end(DONE, SOME, uncommitted="") == ("done", None)


def test_prose_is_never_done() -> None:
    assert end(None, SOME, words="All done! Everything works.") == ("failed", "garbage_reply")


def test_exit_status_speaks_for_a_command() -> None:
    assert end(None, SOME, mode="exit") == ("done", None)
    assert end(None, SOME, mode="exit", code=3) == ("failed", "agent_failed")
    assert end(None, NONE, mode="exit") == ("failed", "no_evidence")
    assert end(None, SOME, mode="exit", code=127, words="sh: 1: jq: not found\n") == ("failed", "tool_missing")


@pytest.mark.parametrize(("reason", "kind"), [
    ("timeout", "timeout"), ("idle", "idle"), ("budget", "budget"), ("lost", "lost"), ("cancelled", "lost"), ("signal", "crashed"),
    ("spawn_failed", "crashed"),
])
def test_how_it_ended(reason: str, kind: str) -> None:
    assert end(None, SOME, reason=reason, code=None) == ("failed", kind)


def test_the_shepherd_may_know_the_class() -> None:
    assert end(None, None, reason="spawn_failed", kind="network", text="no route") == ("failed", "network")
    assert end(None, None, reason="spawn_failed", kind="no such class") == ("failed", "crashed")


def test_a_written_report_counts_although_the_program_hung_afterwards() -> None:
    assert end({**DONE, "by": "result file"}, SOME, reason="timeout", code=None) == ("done", None)
    assert end(DONE, SOME, reason="timeout", code=None) == ("failed", "timeout")


def test_a_hung_prompt_has_a_name() -> None:
    assert end(None, NONE, reason="idle", code=None, words="Enter passphrase for key:") == ("failed", "waiting_for_input")


def test_an_envelope_comes_before_the_exit_status() -> None:
    assert end(None, NONE, code=1, envelope=Fault("auth", "no key")) == ("failed", "auth")
    assert end(None, NONE, code=1, words="You've hit your usage limit") == ("failed", "usage_limit")
    assert end(DONE, SOME, words="we met a rate limit and waited") == ("done", None)


def test_help_and_failure_as_the_agent_says() -> None:
    assert end({"status": "help", "reason": "which licence?"}, SOME) == ("person", None)
    assert end({"status": "blocked", "blockers": ["no key"]}, NONE) == ("person", None)
    assert end({"status": "failed", "reason": "cannot"}, SOME) == ("failed", "agent_failed")


def test_done_again_without_new_commits_is_no_answer_to_failed_checks() -> None:
    assert end(DONE, {**SOME, "new_commits": 0}, before="verify_failed") == ("failed", "no_evidence")
    assert end(DONE, SOME, before="verify_failed") == ("done", None)
