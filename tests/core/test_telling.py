"""core/telling: the same text however the bytes come, and nothing that is no event waits or changes."""
from __future__ import annotations

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from orch.core import telling
from orch.core.telling import Teller


def teller() -> Teller:
    return Teller(lambda text, colour: f"<{colour}>{text}" if colour else text)


def says(text: str) -> bytes:
    return json.dumps({"type": "item.completed", "item": {"type": "agent_message", "text": text}}).encode() + b"\n"


def prints(text: str) -> bytes:
    return json.dumps({"role": "tool", "tool_call_id": "c", "content": text}).encode() + b"\n"


def answers(text: str) -> bytes:
    return json.dumps({"type": "result", "subtype": "success", "result": text, "num_turns": 2}).encode() + b"\n"


def fails(text: str) -> bytes:
    return json.dumps({"type": "error", "message": text}).encode() + b"\n"


def test_events_are_text_and_all_else_is_as_it_was() -> None:
    given = b"plain \xff\r\n" + says("Hello") + b'{"tests": 3}\n{\n' + prints("a\nb\n") + fails("no") + b"\xffend"
    assert teller().feed(given) == b'plain \xff\r\nHello\n{"tests": 3}\n{\n<dim>  a\n<dim>  b\n<red>no\n\xffend'


@given(st.lists(st.sampled_from([says("é"), prints("x\ny"), b"plain\n", b"half", b"{\n", b"\n", b'{"a": 1}\n', b"a{b}\n"])), st.randoms())
def test_however_it_is_cut(pieces: list[bytes], random: Random) -> None:
    whole, one, many = b"".join(pieces), teller(), teller()
    cuts = sorted(random.randint(0, len(whole)) for _ in range(5))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert b"".join(map(many.feed, parts)) + many.end() == one.feed(whole) + one.end()


def test_what_cannot_become_an_event_does_not_wait() -> None:
    some = teller()
    assert some.feed(b"Downloading") == b"Downloading"
    assert some.feed(b" {50%}\r") == b" {50%}\r"
    assert some.feed(b"\n") == b"\n"
    assert some.feed(b'{"type": "item') == b""
    assert some.end() == b'{"type": "item', "an agent that was killed in the middle of a line"
    assert some.feed(b"next") == b"next"


def test_an_answer_that_was_said_and_an_error_that_was_told_are_not_repeated() -> None:
    given = says("Done.") + answers("Done.") + answers("Else.") + fails("gone") + fails("gone") + says("on") + fails("gone")
    assert teller().feed(given) == b"Done.\n<dim>2 turns\nElse.\n<dim>2 turns\n<red>gone\non\n<red>gone\n"


def test_of_what_tools_print_the_beginning_is_shown() -> None:
    shown = teller().feed(prints("\n".join(map(str, range(1000))))).decode().splitlines()
    assert shown[0] == "<dim>  0" and shown[telling.LINES :] == [f"<dim>  ... {1000 - telling.LINES} more lines"]
    assert len(teller().feed(prints("x" * 100_000))) < telling.COLUMNS + 20
    assert teller().feed(says("x\n" * 100)) == b"x\n" * 100, "of its own words all is shown"


def test_an_endless_line_is_counted_and_not_kept() -> None:
    some, part = teller(), b"{" + b"x" * (telling.LONGEST // 4)
    assert [some.feed(part) for _ in range(9)] == [b""] * 9
    assert not some.held
    assert some.feed(b"\nplain\n") == f"<dim>[a line of {9 * len(part) + 1} bytes]\nplain\n".encode()
