"""Output of agents on a terminal: it shows, and does nothing."""
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core.harmless import RESET, Filter


def shown(*pieces: bytes, colours: bool = True) -> bytes:
    filter = Filter(colours)
    return b"".join(filter.feed(piece) for piece in pieces) + filter.end()


@pytest.mark.parametrize("hostile, left", [
    (b"plain\ttext\r\n", b"plain\ttext\r\n"),
    ("grüße 日本 🎉".encode(), "grüße 日本 🎉".encode()),
    (b"\x1b]0;owned\x07title", b"title"),
    (b"\x1b]52;c;cm0gLXJm\x1b\\clipboard", b"clipboard"),
    (b"\x1b[2J\x1b[1;1Hclear", b"clear"),
    (b"\x1b[6nask\x1b[c\x1bZ", b"ask"),
    (b"\x1bPq#0~\x1b\\picture", b"picture"),
    (b"bell\x07back\x08\x7f", b"bellback"),
    ("\x9b2Jone character".encode(), b"2Jone character"),
    (b"\x1b(0line drawing\x1bc", b"line drawing"),
    (b"\x1b]0;never ends", b""),
    (b"\x1b[?1049hother screen", b"other screen"),
])  # fmt: skip
def test_what_would_be_obeyed_goes(hostile: bytes, left: bytes) -> None:
    assert shown(hostile).removesuffix(RESET) == left
    assert shown(*(hostile[n : n + 1] for n in range(len(hostile)))).removesuffix(RESET) == left


def test_colours_pass_and_end() -> None:
    assert shown(b"\x1b[1;31mred\x1b", b"[0m", b" not") == b"\x1b[1;31mred\x1b[0m not" + RESET
    assert shown(b"\x1b[1;31mred", colours=False) == b"red"
    assert shown(b"plain") == b"plain"


def test_a_sequence_without_end_does_not_swallow_all() -> None:
    assert b"after" in shown(b"\x1b]0;" + b"x" * 5000, b"after")


ODD = st.sampled_from([b"\x1b", b"[", b"]", b"0;1", b"m", b"\x07", b"\\", b"\xc2", b"\x9b", b"a", b"P", b"\n"])


@given(st.lists(st.one_of(ODD, st.binary(max_size=4)), max_size=40), st.booleans())
def test_nothing_but_colours_escapes(pieces: list[bytes], colours: bool) -> None:
    left = shown(*pieces, colours=colours)
    rest = re.sub(rb"\x1b\[[0-9;:]*m", b"", left)
    assert colours or rest == left
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]", rest)


@given(st.lists(st.one_of(ODD, st.binary(max_size=4)), max_size=40))
def test_it_is_the_same_in_any_pieces(pieces: list[bytes]) -> None:
    assert shown(*pieces) == shown(b"".join(pieces))
