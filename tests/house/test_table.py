"""orch/commands.py is the table: its modules, bin/, the scripts of pyproject.toml and every command's help agree with it."""
from __future__ import annotations

import importlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from orch import commands
from tests.house import source
from tests.sandbox import CHECKOUT, Run, Sandbox

ROWS = commands.ROWS
IDS = [row.name for row in ROWS]


def load(row: commands.Row) -> Any:
    return importlib.import_module(f"orch.cmd.{row.module}")


def members(command: Any) -> list[str]:
    return list(getattr(command, "list_commands", lambda _: [])(None))


def words(row: commands.Row) -> Iterator[tuple[str, ...]]:
    """The word, and the word with each of its sub-words."""
    yield (row.name,)
    yield from ((row.name, member) for member in members(getattr(load(row), "command", None)))


def test_names_are_unique_and_groups_are_known() -> None:
    assert len({row.name for row in commands.ROWS}) == len(commands.ROWS)
    assert {row.group for row in commands.ROWS} == set(commands.GROUPS)


def test_a_program_is_a_link_in_bin_and_a_script_of_the_wheel() -> None:
    wanted = {f"orch-{name}" for name in commands.programs()}
    folder = os.path.join(CHECKOUT, "bin")
    assert {name for name in os.listdir(folder) if name != "orch"} == wanted
    for name in wanted:
        assert os.readlink(os.path.join(folder, name)) == "orch"
    with open(os.path.join(CHECKOUT, "pyproject.toml"), "rb") as file:
        scripts = tomllib.load(file)["project"]["scripts"]
    assert set(scripts) == wanted | {"orch"}
    assert set(scripts.values()) == {"orch.main:main"}


def test_the_wheel_carries_every_package() -> None:
    with open(os.path.join(CHECKOUT, "pyproject.toml"), "rb") as file:
        packed = set(tomllib.load(file)["tool"]["setuptools"]["packages"])
    ours = {source.module(name) for name in source.files("orch/*.py") if name.endswith("/__init__.py")}
    assert {name for name in packed if not name.startswith("orch.share")} == ours


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_row_names_one_entry(row: commands.Row) -> None:
    module = load(row)
    assert hasattr(module, "command") != hasattr(module, "main"), "export `command` or `main`, not both"
    if hasattr(module, "command"):
        assert module.command.help.strip()
    else:
        assert module.__doc__.startswith(f"{row.summary}\n\nUsage: orch {row.name}")


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_page_says_what_the_table_says(row: commands.Row) -> None:
    assert f"\n.Nd {row.summary}\n" in source.read(f"man/orch-{row.name}.1")


ASK = """
import contextlib, io, json, sys
from orch import main
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run(words)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@pytest.fixture(scope="module")
def helps() -> Iterator[dict[tuple[str, ...], Run]]:
    """What every word says to --help and to -h: outside any project, in an empty environment, in one process for all."""
    box = Sandbox()
    asked = [(*each, flag) for row in ROWS for each in words(row) for flag in ("--help", "-h")]
    env = {"HOME": os.path.join(box.root, "none"), "PYTHONPATH": CHECKOUT}
    run = box.command([sys.executable, "-c", ASK], env=env, input=json.dumps(asked))
    assert run.code == 0, run.err
    assert not os.path.exists(env["HOME"]), "help wrote something"
    yield {words: Run(*said) for words, said in zip(asked, run.lines(), strict=True)}
    box.close()


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_help_needs_nothing(helps: dict[tuple[str, ...], Run], row: commands.Row) -> None:
    for args in words(row):
        said = helps[(*args, "--help")]
        assert said == helps[(*args, "-h")]
        assert said.out.strip() and not said.err and said.code == 0


def test_help_of_the_real_program_needs_nothing(sandbox: Sandbox, helps: dict[tuple[str, ...], Run]) -> None:
    """A command with click, one without, and one of a group (the launcher finds python3 by PATH)."""
    home = os.path.join(sandbox.root, "none")
    bare = {**{name: None for name in sandbox.env if name != "PATH"}, "HOME": home}
    for args in (("status", "--help"), ("cron", "-h"), ("task", "add", "-h")):
        assert sandbox.orch(*args, env=bare) == helps[args]
    assert not os.path.exists(home)


@pytest.mark.parametrize("name", commands.programs())
def test_a_program_is_its_word(sandbox: Sandbox, helps: dict[tuple[str, ...], Run], name: str) -> None:
    program = sandbox.orch("--help", program=os.path.join(CHECKOUT, "bin", f"orch-{name}"))
    assert program == helps[(name, "--help")]


def test_the_overview_has_every_row(sandbox: Sandbox) -> None:
    shown = [tuple(line.split(maxsplit=1)) for line in sandbox.orch("help").out.splitlines() if re.match("  [a-z]", line)]
    assert shown == [(row.name, row.summary) for group in commands.GROUPS for row in commands.ROWS if row.group == group]
