"""click under our rules: our statuses, our two lines, lazy groups."""
from __future__ import annotations

import sys

import click
import pytest

from orch.cmd import clicks
from orch.errors import NotFound, Usage


@click.command()
@click.argument("number", type=int)
@click.option("--mode", type=click.Choice(["a", "b"]), default="a")
@click.pass_obj
def command(world: str, number: int, mode: str) -> int:
    """Do it."""
    if number == 66:
        raise NotFound("nothing")
    click.echo(f"{world} {mode}")
    return number


def test_the_callback_gets_the_world_and_gives_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert clicks.invoke(command, "orch do", ["3", "--mode", "b"], "W") == 3
    assert capsys.readouterr().out == "W b\n"


def test_both_spellings_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert clicks.invoke(command, "orch do", ["-h"], None) == 0
    short = capsys.readouterr().out
    assert clicks.invoke(command, "orch do", ["--help"], None) == 0
    assert capsys.readouterr().out == short
    assert short.startswith("Usage: orch do [OPTIONS] NUMBER")


@pytest.mark.parametrize("args", [["x"], [], ["1", "2"], ["--nosuch"], ["1", "--mode", "c"]])
def test_wrong_usage_is_one_line_and_a_hint(args: list[str]) -> None:
    with pytest.raises(Usage) as caught:
        clicks.invoke(command, "orch do", args, None)
    assert "\n" not in caught.value.message
    assert caught.value.hint == "see `orch do --help`"


def test_errors_of_ours_pass_through() -> None:
    with pytest.raises(NotFound):
        clicks.invoke(command, "orch do", ["66"], None)


def test_a_group_imports_a_member_when_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    group = clicks.Lazy("task", {"never": ("no_such_module", "is not imported for help")}, help="Tasks.")
    assert clicks.invoke(group, "orch task", ["--help"], None) == 0
    assert "is not imported for help" in capsys.readouterr().out
    assert "orch.cmd.no_such_module" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        clicks.invoke(group, "orch task", ["never"], None)


def test_a_group_without_a_word_shows_its_help_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    group = clicks.Lazy("task", {"list": ("task_list", "list tasks")}, help="Tasks.")
    assert clicks.invoke(group, "orch task", [], None) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and "list tasks" in shown.err


def test_an_unknown_member_has_a_nearest_name() -> None:
    group = clicks.Lazy("task", {"list": ("task_list", "list tasks")})
    with pytest.raises(Usage) as caught:
        clicks.invoke(group, "orch task", ["lits"], None)
    assert caught.value.hint == "did you mean `orch task list`?"
