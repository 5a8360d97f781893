"""What a push that was done means for a task, whatever has become of the task meanwhile."""
from __future__ import annotations

from typing import Any

import pytest

from orch.core import act as acts
from orch.records import Act, Task

PUSH: Act = {"kind": "push", "sha": "a" * 40, "ref": "refs/heads/main", "expect": "b" * 40}


@pytest.mark.parametrize(("task", "why"), [
    ({"status": "in_progress"}, "merged into main at aaaaaaaaaa"),
    ({"status": "in_progress", "published": "a" * 40}, "merged into main at aaaaaaaaaa"),
    ({"status": "done", "why": "cancelled by a person"}, "cancelled by a person; merged into main at aaaaaaaaaa before that took effect"),
    ({"status": "needs_review", "why": ""}, "needs_review; merged into main at aaaaaaaaaa before that took effect"),
    ({"status": "done", "why": "merged", "published": "a" * 40}, None),
    ({"status": "new", "candidate": None}, None),
    ({"status": "in_progress", "candidate": "c" * 40}, None),
])
def test_what_the_record_says(task: dict[str, Any], why: str | None) -> None:
    whole: Task = {"candidate": "a" * 40, **task}  # type: ignore[typeddict-item]
    change = acts.sent(whole, PUSH)
    assert (change and change.fields["why"]) == why
    assert change is None or change.fields["published"] == "a" * 40


def test_a_branch_is_published() -> None:
    assert acts.words({**PUSH, "ref": "refs/heads/x/y", "expect": None}) == "published as x/y at aaaaaaaaaa"
