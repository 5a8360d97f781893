"""Options of the light commands."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.cmd.words import split
from orch.errors import Usage


@pytest.mark.parametrize(("args", "options", "rest"), [
    ([], {}, []),
    (["a", "b"], {}, ["a", "b"]),
    (["--tz", "UTC", "a"], {"--tz": "UTC"}, ["a"]),
    (["a", "--tz=UTC"], {"--tz": "UTC"}, ["a"]),
    (["--tz="], {"--tz": ""}, []),
    (["--tz=a=b"], {"--tz": "a=b"}, []),
    (["--tz", "--json"], {"--tz": "--json"}, []),
    (["-n", "3", "-n4"], {"-n": "4"}, []),
    (["--json", "a"], {"--json": ""}, ["a"]),
    (["-", "a"], {}, ["-", "a"]),
    (["a", "--", "--tz", "--", "-n"], {}, ["a", "--tz", "--", "-n"]),
    ([""], {}, [""]),
])
def test_split(args: list[str], options: dict[str, str], rest: list[str]) -> None:
    assert split(args, ("--tz", "-n"), ("--json",)) == (options, rest)


@pytest.mark.parametrize(("args", "says"), [
    (["--nosuch"], "no such option: --nosuch"), (["--nosuch=1"], "no such option: --nosuch"), (["-x"], "no such option: -x"),
    (["--tz"], "--tz needs a value"), (["-n"], "-n needs a value"), (["--json=1"], "--json takes no value"),
])
def test_what_is_no_option(args: list[str], says: str) -> None:
    with pytest.raises(Usage) as caught:
        split(args, ("--tz", "-n"), ("--json",), "look there")
    assert (caught.value.message, caught.value.hint) == (says, "look there")


@given(st.lists(st.text(max_size=5)))
def test_words_after_the_dashes_are_left_alone(args: list[str]) -> None:
    assert split(["--", *args], ()) == ({}, args)
