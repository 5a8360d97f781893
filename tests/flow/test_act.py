"""The language of the rehearsal agent, as its docstring has it."""
from __future__ import annotations

import json
import os
import re

import pytest

from orch.agents import act
from tests.attempts import Attempt
from tests.sandbox import Run, Sandbox


def acted(sandbox: Sandbox, script: str, attempt: int = 1) -> Run:
    """Act in an empty directory that is no repository."""
    folder = os.path.join(sandbox.root, "stage")
    for each in (folder, f"{sandbox.root}/report"):
        os.makedirs(each, exist_ok=True)
    path = sandbox.write("script", script)
    env = {"PATH": "/usr/bin:/bin", "ORCH_RESULT": sandbox.root + "/report/result.json", "ORCH_TRY": str(attempt)}
    return sandbox.command(["python3", "-I", act.__file__, path], env={**env, "PATH": sandbox.env["PATH"]}, cwd=folder)


def test_the_docstring_lists_every_act() -> None:
    documented = set(re.findall(r"(?:^    |   )([a-z][a-z-]+)(?= [A-Z]| {2,}|\s*$| \[)", act.__doc__ or "", re.M))
    assert documented >= set(act.VERBS)


def test_words_and_files(sandbox: Sandbox) -> None:
    script = "# a comment\n\n  say hello  there\nwarn hm\nwrite d/a.txt one two\nappend d/a.txt three\nappend b.txt <<END\nx\n  y\nEND"
    run = acted(sandbox, f"{script}\nsay {{{{ $x `y`")
    assert (run.code, run.out, run.err) == (0, "hello  there\n{{ $x `y`\n", "hm\n")
    assert sandbox.read("stage/d/a.txt") == "one two\nthree\n"
    assert sandbox.read("stage/b.txt") == "x\n  y\n"
    assert acted(sandbox, "delete b.txt\noutside ../far.txt out\nrun echo $((1+1))").out == "2\n"
    assert not os.path.exists(sandbox.root + "/stage/b.txt")
    assert sandbox.read("far.txt") == "out\n"


@pytest.mark.parametrize(
    "script, words",
    [
        ("say a\nfrobnicate b", "line 2: no such act: 'frobnicate'"),
        ("write", "line 1: write needs a file and a text"),
        ("write a.txt <<END\nx", "line 1: no line 'END' ends what begins here"),
        ("sleep long", "line 1: sleep needs a number, not 'long'"),
        ("exit", "line 1: exit needs a number"),
        ("on 5: what", "line 1: no such act: 'what'"),
    ],
)
def test_a_line_that_is_not_known_stops_it_before_it_begins(sandbox: Sandbox, script: str, words: str) -> None:
    run = acted(sandbox, "write first.txt x\n" + script)
    assert run.code == 65
    assert words.replace("line 2", "line 3").replace("line 1", "line 2") in run.err
    assert not os.path.exists(sandbox.root + "/stage/first.txt")


@pytest.mark.parametrize("attempt, out", [(1, "always\nfirst\n"), (2, "always\nlater\n"), (3, "always\nlater\n"), (4, "always\n")])
def test_acts_of_certain_tries(sandbox: Sandbox, attempt: int, out: str) -> None:
    script = "say always\non 1: say first\non 2-3: say later\non 4: write x.txt <<END\nsay in here\nEND"
    assert acted(sandbox, script, attempt).out == out
    assert os.path.exists(sandbox.root + "/stage/x.txt") == (attempt == 4)


@pytest.mark.parametrize(
    "line, reply",
    [
        ("done", {"status": "done", "summary": "rehearsed"}),
        ("done all well", {"status": "done", "summary": "all well"}),
        ("no-change it is so already", {"status": "no_change", "summary": "it is so already", "reason": "it is so already"}),
        ("help which?", {"status": "help", "summary": "which?", "reason": "which?"}),
        ("fail no", {"status": "failed", "summary": "no", "reason": "no"}),
        ('result {"status": 7}', {"status": 7}),
    ],
)
def test_reports(sandbox: Sandbox, line: str, reply: dict[str, object]) -> None:
    assert acted(sandbox, line).code == 0
    assert json.loads(sandbox.read("report/result.json")) == reply


@pytest.mark.parametrize(
    "line, code, out",
    [
        ("usage-limit", 1, "You've hit your usage limit.\n"),
        ("usage-limit at 4pm (UTC)", 1, "You've hit your usage limit. It resets at 4pm (UTC)\n"),
        ("exit 7", 7, ""),
        ("run exit 5", 5, ""),
        ("run kill -9 $$", 137, ""),
        ("signal 15", -15, ""),
        ("usage 12 0.5", 0, '{"type": "usage", "tokens": 12, "cost": 0.5}\n'),
        ("memory 20", 0, ""),
        ("delete nothing", 74, ""),
        ("commit in no repository", 128, ""),
    ],
)
def test_bad_days(sandbox: Sandbox, line: str, code: int, out: str) -> None:
    run = acted(sandbox, line)
    assert (run.code, run.out) == (code, out)


def test_auth_spew_and_garbage(sandbox: Sandbox) -> None:
    assert "OAuth token has expired" in acted(sandbox, "auth").out
    assert len(acted(sandbox, "spew 5000").out) == 5000
    assert len(acted(sandbox, "garbage 70000").out.encode(errors="surrogateescape")) == 70000


def test_writing_outside_of_the_checkout(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "outside ../far.txt x\ndone").run()
    assert attempt.exit["auto_commit"] is None
    assert os.path.exists(os.path.dirname(attempt.checkout) + "/far.txt")
