"""What bats would pass over: a step of a test that fails, and that `set -e` does not notice."""
from __future__ import annotations

import re

import pytest

from tests.house import source

FILES = source.files("tests/bats/*.bats", "tests/bats/*.bash")
ASKED = r"\[.*?\]|(?:test|is|not|cmp|grep|diff) [^|;&]*"  # commands that a test asks with
UNNOTICED = re.compile(rf"^\s+(?:! |(?:{ASKED}) && )")


@pytest.mark.parametrize("name", FILES)
def test_every_step_counts(name: str) -> None:
    """The shell does not end at `! CMD`, nor at the first command of `A && B`: write `not CMD`, and A and B on lines of their own."""
    lines = enumerate(source.read(name).splitlines(), 1)
    assert not [f"{name}:{number}: {line.strip()}" for number, line in lines if UNNOTICED.match(line)]


def test_what_is_found() -> None:
    for line in ('! grep -q x y', '[ "$a" = b ] && [ -z "$c" ]', '[[ $a == b ]] && is "$id" new', 'is "$a" x && is "$b" x'):
        assert UNNOTICED.match(f"    {line}"), line
    for line in ('[[ $a == b && $c != d ]]', '[ -z "$a" ] || b', 'if ! a; then', 'run_status 1 bash -c "a && b"', 'cd x && y'):
        assert not UNNOTICED.match(f"    {line}"), line
