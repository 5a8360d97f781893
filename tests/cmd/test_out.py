"""What plumbing reads from a pipe, and what it prints into one."""
from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.cmd import out
from orch.errors import BadData, Usage

Feed = Callable[[bytes], None]


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Give this process a standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_ids_come_from_the_arguments() -> None:
    assert list(out.lines_in(("int-1", "o/r#42"))) == ["int-1", "o/r#42"]


def test_nothing_at_all_is_wrong_usage() -> None:
    with pytest.raises(Usage):
        list(out.lines_in(()))


def test_a_dash_among_ids_is_wrong_usage() -> None:
    with pytest.raises(Usage, match="- stands alone"):
        list(out.lines_in(("int-1", "-")))


@pytest.mark.parametrize("line, said", [
    ("int-1", "int-1"), ({"id": "int-1"}, "int-1"), ({"id": "int-1", "project": "o/r"}, "o/r#int-1"),
    ({"id": 42, "project": "o/r"}, "o/r#42"),
    ({"event": "status", "task": "int-3", "project": "o/r"}, "o/r#int-3"), ({"id": "int-1", "project": None}, "int-1"),
])
def test_a_line_stands_for_its_task(line: dict[str, object] | str, said: str) -> None:
    assert out.ref(line) == said


@pytest.mark.parametrize("line", [{"title": "x"}, {"id": None, "project": "o/r"}, {"id": ["int-1"]}, {"id": {}, "task": {}}])
def test_a_line_that_names_no_task_is_said_to(line: dict[str, object]) -> None:
    with pytest.raises(BadData, match="an object that names no task"):
        out.ref(line)


def test_a_dash_reads_objects_and_ids(feed: Feed) -> None:
    feed('{"id": "int-1", "x": "é"}\n\n  int-2 \n"int-3"\n'.encode())
    assert list(out.lines_in(["-"])) == [{"id": "int-1", "x": "é"}, "int-2", "int-3"]


@pytest.mark.parametrize("bad", [b'{"id": ', b"[1]", b"\xff\xfe", b'{"a":1} x'])
def test_a_bad_line_is_named(feed: Feed, bad: bytes) -> None:
    feed(b"int-1\n" + bad + b"\nint-2\n")
    with pytest.raises(BadData, match="standard input, line 2"):
        list(out.lines_in(["-"]))


ANY = st.text(st.characters())  # halves of surrogate pairs as well


@given(st.dictionaries(ANY, ANY | st.lists(ANY) | st.floats()))
def test_whatever_is_printed_is_json_in_utf8(value: dict[str, object]) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    stdout, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), "utf-8")
    try:
        out.json_line(value)
        sys.stdout.flush()
        printed = sys.stdout.buffer.getvalue()
    finally:
        sys.stdout = stdout
    finite = {key: None if isinstance(each, float) and not math.isfinite(each) else each for key, each in value.items()}
    assert json.loads(printed.decode(), parse_constant=refuse) == finite


def test_text_is_printed_whatever_it_holds() -> None:
    stdout, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape")
    try:
        out.text("é \udcff \ud800\n")
        sys.stdout.flush()
        assert sys.stdout.buffer.getvalue() == "é ".encode() + b"\xff \\ud800\n"
    finally:
        sys.stdout = stdout


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), min_size=1)))
def test_what_is_printed_can_be_read(values: list[dict[str, object]]) -> None:
    stdout, stdin = sys.stdout, sys.stdin
    try:
        sys.stdout = io.StringIO()
        for value in values:
            out.json_line(value)
        printed = sys.stdout.getvalue()
        sys.stdin = io.TextIOWrapper(io.BytesIO(printed.encode(errors="surrogateescape")))
        assert len(printed.splitlines(keepends=False)) >= len(values)
        assert list(out.lines_in(["-"])) == values == [json.loads(line) for line in printed.split("\n")[:-1]]
    finally:
        sys.stdout, sys.stdin = stdout, stdin
