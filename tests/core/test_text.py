"""Text in columns."""
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import text

ANY = st.text(max_size=40)


@given(ANY)
def test_clean_text_only_shows(words: str) -> None:
    shown = text.clean(words)
    assert not any(unicodedata.category(each) in ("Cc", "Cs") or each in text._TURNS for each in shown)
    assert text.clean(shown) == shown


@given(ANY, st.integers(min_value=0, max_value=50))
def test_a_cut_fits_and_leaves_alone_what_fits(words: str, cells: int) -> None:
    shown = text.cut(words, cells)
    assert text.width(shown) <= cells or (shown == words and text.width(words) <= cells)
    if text.width(words) <= cells:
        assert shown == words


@given(st.lists(st.tuples(ANY, ANY, ANY), min_size=1, max_size=5))
def test_columns_begin_at_the_same_cell(rows: list[tuple[str, str, str]]) -> None:
    lines = text.columns(rows, right=[1])
    for column in range(2):
        assert len({text.width(line[column]) for line in lines}) == 1


@pytest.mark.parametrize("words, cells", [("abc", 3), ("日本", 4), ("😀", 2), ("e\u0301", 1), ("", 0), ("ﾊ", 1), ("a\u200db", 2)])
def test_widths(words: str, cells: int) -> None:
    assert text.width(words) == cells


@pytest.mark.parametrize("words, shown", [
    ("\x1b[31m", "\\x1b[31m"), ("a\nb", "a\\x0ab"), ("\u202egpj", "\\u202egpj"), ("ü 日本 😀", "ü 日本 😀"), ("\x9b1m", "\\x9b1m"),
])
def test_what_is_shown_instead(words: str, shown: str) -> None:
    assert text.clean(words) == shown


@pytest.mark.parametrize("count, shown", [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (1_300_000_000, "1.3 GB"), (5e12, "5.0 TB"), (5e15, "5000.0 TB"),
])
def test_sizes(count: float, shown: str) -> None:
    assert text.size(count) == shown


@given(st.text(), st.integers(1, 40))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(words: str, cells: int) -> None:
    lines = text.wrap(words, cells)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(text.width(line) <= max(cells, 2) for line in lines)


def test_wrap() -> None:
    assert text.wrap("", 5) == [""]
    assert text.wrap("one two three", 7) == ["one two", "three"]
    assert text.wrap("    code stays in", 11) == ["    code", "stays in"]
    assert text.wrap("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert text.wrap("\u65e5\u672c\u8a9e", 5) == ["\u65e5\u672c", "\u8a9e"]
