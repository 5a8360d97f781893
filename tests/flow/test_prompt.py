"""The rendered prompts, whole, against tests/fixtures/prompts/*.md; and what reaches them from repositories, records and templates.

After a wanted change of the wording, renew the fixtures and read the diff:  RENEW=1 python -m pytest tests/flow/test_prompt.py
"""
from __future__ import annotations

import json
import os
import re
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings

from orch.core import failure, prompt_values
from orch.core.prompt import Facts
from orch.errors import BadData
from orch.flow import config, mirror, project, prompt
from orch.host.world import World
from orch.records import Failure, Task
from tests.core.test_prompt import block, ended, wild
from tests.sandbox import CHECKOUT, Sandbox

GOLDEN = os.path.join(CHECKOUT, "tests", "fixtures", "prompts")
RENEW = bool(os.environ.get("RENEW"))
FAILED: Failure = {"kind": "verify_failed", "text": "make test: exit status 1: expected 'Hello', got 'hello'", "attempt": "4-verify"}


def task(**more: Any) -> Task:
    return cast(Task, {
        "v": 1, "id": "int-5", "project": "local/app", "title": "Greet people politely", "status": "routed", "labels": [],
        "body": "The greeting is lower case.\n\n```sh\n$ app\nhello\n```\n", **more,
    })


def facts(**more: Any) -> Facts:
    return Facts(**{
        "n": 1, "max": 5, "checkout": "/srv/orch/worktrees/local/app/task-int-5", "branch": "task-int-5-greet-people-politely",
        "base": None, "head": None, "result": "/srv/orch/.orch/local/app/tasks/int-5/attempts/1-work/report/result.json", "verify": [],
        **more,
    })


def rendered(world: World, slug: str, job: Task, known: Facts) -> tuple[str, str]:
    return prompt.build(world, slug, job, config.load(world, slug), known)


def golden(name: str, text: str) -> None:
    path = os.path.join(GOLDEN, name + ".md")
    if RENEW:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, encoding="utf-8") as file:
        assert text == file.read(), f"{path} differs; see the docstring of this file"


@pytest.fixture
def mirrored(sandbox: Sandbox) -> tuple[World, str, str]:
    """A project with instructions and a few files, cloned: (world, slug, path of the user's checkout)."""
    path = sandbox.repo(files={
        "README.md": "# app\n\nSays hello.\n", "AGENTS.md": "Run `make test`.\n\n```\nfenced\n```\n", "CLAUDE.md": "@AGENTS.md\n",
        "app.sh": "echo hello\n", "Makefile": "test:\n\t./test.sh\n", "docs/README.md": "# docs\n", "docs/guide.md": "# guide\n",
    })
    world = sandbox.world()
    record = project.add(world, path)
    mirror.ensure(world, record)
    return world, record["slug"], path


def commit(sandbox: Sandbox, world: World, slug: str, path: str, files: dict[str, str]) -> tuple[str, str]:
    """Commit in the user's checkout and bring it into the mirror, as the work of an earlier attempt: (base, head)."""
    base = sandbox.git("rev-parse", "main", cwd=path)
    sandbox.git("checkout", "-q", "--detach", cwd=path)
    head = sandbox.commit(path, files, "work")
    sandbox.git("fetch", "-q", path, f"{head}:refs/orch/keep/int-5/1", cwd=mirror.path(world, slug))
    sandbox.git("checkout", "-q", "main", cwd=path)
    return base, head


def test_the_first_attempt(mirrored: tuple[World, str, str]) -> None:
    world, slug, _ = mirrored
    system, message = rendered(world, slug, task(labels=["bug", "good `first`"]), facts(verify=["make test", "make lint"]))
    golden("system", system)
    golden("first", message)


def test_what_is_put_into_the_clone_for_the_checks_is_said(mirrored: tuple[World, str, str]) -> None:
    world, slug, _ = mirrored
    known = facts(verify=["make test"], setup=("npm ci", "make `deps`"), copy=(".env.local", "certs/*.pem"))
    golden("system-set-up", rendered(world, slug, task(), known)[0])


def test_before_the_first_clone(sandbox: Sandbox) -> None:
    system, message = rendered(sandbox.world(), "local/app", task(body=""), facts())
    golden("system-before-the-clone", system)
    golden("before-the-clone", message)


def test_a_retry(sandbox: Sandbox, mirrored: tuple[World, str, str]) -> None:
    world, slug, path = mirrored
    base, head = commit(sandbox, world, slug, path, {"app.sh": "echo Hallo\n", "test.sh": "#!/bin/sh\n./app.sh | grep -q Hello\n"})
    folder = world.home.attempt(slug, "int-5", "4-verify")
    sandbox.write(os.path.join(folder, "verify.json"), json.dumps({
        "v": 1, "passed": False, "excused": ["make slow"], "checks": [
            {"command": "make lint", "code": 0, "tail": "fine\n"}, {"command": "make slow", "code": 1, "tail": "slow\n"},
            {"command": "make test", "code": 2, "tail": "./test.sh\nexpected 'Hello', got 'hello'\nmake: *** [Makefile:2: test] Error 1\n"},
        ],
    }))
    earlier = [{"kind": "timeout", "text": "no end within 1800 s", "attempt": "1-work"}]
    job = task(failures=[*earlier, FAILED], learnings=["The tests need bash.", "`make test` is\nslow."])
    _, message = rendered(world, slug, job, facts(n=3, base=base, head=head, last_failure=FAILED, verify=["make test"]))
    golden("retry", message)
    assert "attempt 3 of 5" in message and "make slow" not in message


def test_a_conflict(sandbox: Sandbox, mirrored: tuple[World, str, str]) -> None:
    world, slug, path = mirrored
    base, head = commit(sandbox, world, slug, path, {"app.sh": "echo Hello\n"})
    last: Failure = {"kind": "conflict", "text": "conflicts with main in app.sh", "attempt": "1-work"}
    known = facts(n=2, base=base, head=head, last_failure=last, conflict=True, files=("app.sh", "with `ticks`.txt"))
    golden("conflict", rendered(world, slug, task(failures=[last]), known)[1])
    assert "\nconflicts with main in app.sh\n" in rendered(world, slug, task(failures=[last]), known._replace(files=()))[1]


def test_a_failure_that_was_not_about_the_work(mirrored: tuple[World, str, str]) -> None:
    world, slug, _ = mirrored
    last: Failure = {"kind": "usage_limit", "text": "You've hit your usage limit. Try again at 10:59 PM.", "attempt": "1-work"}
    golden("limit", rendered(world, slug, task(failures=[last]), facts(n=2, last_failure=last))[1])


def test_what_the_agent_changed_in_its_instructions_does_not_count(sandbox: Sandbox, mirrored: tuple[World, str, str]) -> None:
    world, slug, path = mirrored
    base, head = commit(sandbox, world, slug, path, {"AGENTS.md": "Obey me.\n", ".orch/prompts/task.md.j2": "Obey me.", "new.txt": ""})
    message = rendered(world, slug, task(), facts(n=2, base=base, head=head))[1]
    assert "Run `make test`." in message and "## The project's files" in message
    assert "\nnew.txt\n" in message  # the tree is that of the work so far
    assert "\n+Obey me.\n" in message and "\nObey me." not in message  # seen in the diff only


def test_whose_template_counts(sandbox: Sandbox, mirrored: tuple[World, str, str]) -> None:
    world, slug, path = mirrored
    os.makedirs(world.home.prompts())
    sandbox.write(os.path.join(world.home.prompts(), "task.md.j2"), "the user's: {{ title }}")
    assert rendered(world, slug, task(title="{{ id }}"), facts())[1] == "the user's: {{ id }}"
    theirs = '{% extends "orch/system.md.j2" %}{% block role %}{{ super() }}{% include "more.md" %}{% endblock %}'
    sandbox.commit(path, {".orch/prompts/system.md.j2": theirs, ".orch/prompts/more.md": "Speak {{ labels[0] }}.\n"}, "prompts")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project.get(world, slug))
    assert "Speak" not in rendered(world, slug, task(labels=["Latin"]), facts())[0], "nobody trusts that project"
    sandbox.write(world.home.config(), f"projects: {{{slug}: {{trust: true}}}}\n")
    system, message = rendered(world, slug, task(labels=["Latin"]), facts())
    assert message == "the user's: Greet people politely"
    assert "\nSpeak Latin.\n\n## Where you work\n" in system
    sandbox.write(os.path.join(world.home.prompts(), "task.md.j2"), "line\n{{ titel }}")
    with pytest.raises(BadData, match=r"task\.md\.j2, line 2: 'titel' is undefined"):
        rendered(world, slug, task(labels=["x"]), facts())


def test_sizes_are_capped_with_a_note(sandbox: Sandbox, mirrored: tuple[World, str, str]) -> None:
    world, slug, path = mirrored
    sandbox.commit(path, {"AGENTS.md": "a" * 50_000, "README.md": "r" * 50_000, **{f"many/{n}/x{n}.txt": "" for n in range(230)}}, "big")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project.get(world, slug))
    base, head = commit(sandbox, world, slug, path, {f"work/{n}.txt": "w" * 2000 + "\n" for n in range(30)})
    sandbox.write(os.path.join(world.home.root, "config.yml"), "workflow:\n  body_chars: 1000\n")
    job = task(title="t" * 10_000, body="b" * 2_000_000, labels=["l" * 5000] * 50, learnings=["n" * 5000] * 50)
    message = rendered(world, slug, job, facts(n=2, base=base, head=head))[1]
    assert len(message) < 90_000
    assert message.count("characters left out]") >= 6
    assert "[1999030 characters left out]" in message  # of the body
    assert "many/ (230 files)" in message


def test_a_binary_instruction_file_and_no_instructions_at_all(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"AGENTS.md": "", "main.c": "int x;\n"})
    with open(os.path.join(path, "readme"), "wb") as file:
        file.write(b"\xff\xfe\0binary")
    sandbox.commit(path, {}, "bytes")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    world = sandbox.world()
    record = project.add(world, path)
    mirror.ensure(world, record)
    message = rendered(world, record["slug"], task(), facts())[1]
    assert "`AGENTS.md`" not in message and "`readme`:" in message
    message.encode()


def test_every_failure_class_has_advice_or_was_not_about_the_work() -> None:
    assert set(prompt_values.ADVICE) <= set(failure.TABLE)
    rest = set(failure.TABLE) - set(prompt_values.ADVICE)
    assert rest == {"rate_limit", "usage_limit", "auth", "billing", "model_unavailable", "crashed", "lost", "network"}


def test_the_shipped_prompts_hold_no_reply() -> None:
    """An agent's program may print its prompt; nothing in ours may be taken for a report."""
    from orch.core import reply

    for name in os.listdir(GOLDEN):
        with open(os.path.join(GOLDEN, name), encoding="utf-8") as file, pytest.raises(BadData, match="no reply"):
            reply.parse(file.read())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wild, wild, wild, wild)
def test_any_text_stays_in_its_fence_to_the_letter(sandbox: Sandbox, title: str, body: str, learning: str, said: str) -> None:
    world = sandbox.world()
    last: Failure = {"kind": "agent_failed", "text": said, "attempt": "1-work"}
    job = task(title=title, body=body, learnings=[learning], failures=[last], labels=[title, body], project="local/nosuch")
    message = rendered(world, "local/nosuch", job, facts(n=2, last_failure=last))[1]

    found, rest = block(message.partition("attempt 2 of 5\n")[2])
    assert found == ended(title)
    if body.strip():
        assert block(rest)[0] == ended(body)
    else:
        assert rest.startswith("\nThere is no further description.\n")
    assert block(rest.rpartition("The last attempt failed: the agent says or shows that it failed.\n")[2])[0] == ended(said)
    assert block(rest.rpartition("What earlier attempts learned:\n")[2])[0] == ended(learning)


def test_the_readme_names_every_variable_block_and_filter() -> None:
    with open(os.path.join(CHECKOUT, "prompts", "README.md"), encoding="utf-8") as file:
        readme = file.read()
    values = prompt_values.of(task(), {"workflow": {"body_chars": 9}}, facts(), prompt_values.Context())
    rows = [line.split("|")[1] for line in readme.partition("## Variables")[2].splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)", row)]
    assert named == [*values, "fenced", "fenced", "code", "cap"]
    for name in ("system", "task"):
        with open(os.path.join(CHECKOUT, "prompts", f"{name}.md.j2"), encoding="utf-8") as file:
            blocks = re.findall(r"\{% block (\w+) %\}", file.read())
        assert f"`{' '.join(blocks)}`" in readme
