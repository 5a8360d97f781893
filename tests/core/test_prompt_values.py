"""The variables of the prompts: what is told of the past, and of the project's own instructions."""
from __future__ import annotations

from typing import Any, cast

import pytest

from orch.core import prompt_values
from orch.core.prompt import Facts
from orch.core.prompt_values import Context
from orch.records import Task

CONFIG = {"workflow": {"body_chars": 60_000}}
FACTS = Facts(n=2, max=5, checkout="/c", branch="b", base=None, head=None, result="/r", verify=["make test"])


NOTHING = Context()


def of(context: Context = NOTHING, facts: Facts = FACTS, **more: Any) -> dict[str, Any]:
    return prompt_values.of(cast(Task, {"id": "int-5", "project": "o/r", "title": "t", **more}), CONFIG, facts, context)


def failed(number: int, kind: str = "timeout") -> dict[str, str]:
    return {"kind": kind, "text": f"text {number}", "attempt": f"{number}-work"}


def test_a_record_of_the_bare_minimum_will_do() -> None:
    values = of()
    assert values["body"] == "" and values["labels"] == [] and values["failure"] is None and values["earlier"] == []
    assert values["target"] == "origin/HEAD" and values["tree"] == [] and values["files"] == []


def test_the_last_failure_is_told_once_and_four_before_it() -> None:
    failures = [failed(number) for number in range(1, 8)]
    values = of(facts=FACTS._replace(last_failure=cast(Any, failures[-1])), failures=failures)
    assert values["failure"]["text"] == "text 7" and values["failure"]["means"] == "the time limit passed"
    assert values["earlier"] == [f"{number}-work: timeout: text {number}" for number in (3, 4, 5, 6)]
    assert of(failures=failures[:2])["earlier"] == ["1-work: timeout: text 1", "2-work: timeout: text 2"]


@pytest.mark.parametrize("kind", ["lost", "of another version"])
def test_a_failure_without_advice_was_not_about_the_work(kind: str) -> None:
    values = of(facts=FACTS._replace(last_failure=cast(Any, failed(1, kind))))
    assert values["failure"]["advice"] == prompt_values.UNRELATED


def test_a_conflict_names_its_files_or_what_was_said_of_it() -> None:
    last = cast(Any, failed(1, "conflict"))
    known = FACTS._replace(last_failure=last, conflict=True)
    assert of(facts=known)["files"] == ["text 1"]
    assert of(facts=known._replace(files=("a", "b")))["files"] == ["a", "b"]


@pytest.mark.parametrize(("found", "kept"), [
    ([("AGENTS.md", "do"), ("CLAUDE.md", "@AGENTS.md\n")], ["AGENTS.md"]),
    ([("AGENTS.md", "do"), ("CLAUDE.md", "AGENTS.md")], ["AGENTS.md"]),  # a symbolic link
    ([("AGENTS.md", "do\n"), ("CLAUDE.md", "do")], ["AGENTS.md"]),
    ([("AGENTS.md", " \n"), ("CLAUDE.md", "do"), ("README", "")], ["CLAUDE.md"]),
    ([("CLAUDE.md", "@docs/rules.md"), ("readme.rst", "x")], ["CLAUDE.md", "readme.rst"]),
])
def test_instructions_that_say_something(found: list[tuple[str, str]], kept: list[str]) -> None:
    assert [each["path"] for each in prompt_values.instructions(tuple(found))] == kept


def test_readme_names() -> None:
    assert all(map(prompt_values.is_readme, ["README", "README.md", "readme.rst", "ReadMe.de.txt"]))
    assert not any(map(prompt_values.is_readme, ["README_old.md", "docs/README.md", "readme.d/x", "x/README"]))


def test_a_long_diff_begins_with_its_files() -> None:
    short = Context(diff="d" * prompt_values.DIFF, stat="stat")
    assert of(short)["diff"] == short.diff
    long = of(Context(diff="d" * (prompt_values.DIFF + 1), stat=" a | 1 +"))["diff"]
    assert long.startswith(" a | 1 +\nddd") and long.endswith("characters left out]")


def test_the_facts_of_the_caller_come_first() -> None:
    context = Context(default="main", detail="from the record")
    assert of(context)["default"] == "main" and of(context)["detail"] == "from the record"
    values = of(context, FACTS._replace(default="trunk", detail="x" * 7000))
    assert values["target"] == "origin/trunk" and values["detail"].startswith("[1027 characters left out]\nxxx")
