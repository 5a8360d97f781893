"""Other people's text in prompts: it cannot leave its fence, it is kept to the letter, and it is not too much."""
from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from orch.core.prompt import cap, code, fenced, outline

PIECES = ("`", "``", "```", "````", "~~~", "\n", "\r", "a", " ", "\u2028", "{{ x }}")
wild = st.text(max_size=200) | st.lists(st.sampled_from(PIECES)).map("".join)


def block(text: str) -> tuple[str, str]:
    """Read the fenced block at the start of text as CommonMark does: (its content, what follows).

    It ends at the first line that holds only backticks, as many as its opening has or more.
    """
    opening, _, rest = text.lstrip("\n").partition("\n")
    fence = re.match("```+", opening)
    assert fence, text
    taken = ""
    for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", rest):
        closing = re.fullmatch(r" {0,3}(`+)[ \t]*\s?", line)
        if closing and len(closing[1]) >= len(fence[0]):
            return taken, rest[len(taken) + len(line) :]
        taken += line
    raise AssertionError("the block has no end")


def ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


@given(wild)
def test_a_fence_holds_whatever_is_in_it(text: str) -> None:
    assert block(fenced(text)) == (ended(text), "")
    assert fenced(text, "diff").startswith(fenced(text).partition("\n")[0] + "diff\n")


def test_a_fence_is_as_short_as_it_can_be() -> None:
    assert fenced("a") == "```\na\n```"
    assert fenced("a\n") == "```\na\n```"
    assert fenced("") == "```\n\n```"
    assert fenced("x ``` y") == "````\nx ``` y\n````"


@given(wild)
def test_code_stays_on_its_line_and_holds(text: str) -> None:
    made = code(text)
    assert len(made.splitlines()) == 1
    ticks = re.match("`+", made)
    assert ticks and made.endswith(ticks[0])
    inner = made[len(ticks[0]) : -len(ticks[0])]
    assert ticks[0] not in re.findall("`+", inner)
    assert inner.replace(" ", "") == re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029 ]", "", text)


@given(st.text(max_size=300), st.integers(0, 300), st.booleans())
def test_cap_keeps_one_end_and_says_how_much_is_gone(text: str, limit: int, end: bool) -> None:
    made = cap(text, limit, end)
    if len(text) <= limit:
        assert made == text
        return
    note = re.search(r"\A\[(\d+) characters left out\]\n" if end else r"\n\[(\d+) characters left out\]\Z", made)
    assert note
    kept = made[note.end() :] if end else made[: note.start()]
    assert len(kept) + int(note[1]) == len(text)
    assert text.endswith(kept) if end else text.startswith(kept)
    assert len(made) <= max(limit, len(note[0]))
    assert cap(made, max(limit, len(made)), end) == made


def test_an_outline_folds_what_is_deep() -> None:
    paths = ["b.py", "a/x.py", "a/y.py", "a/deep/er/one", "a/deep/er/two", "c/z"]
    assert outline(paths, 10) == sorted(paths)
    assert outline(paths, 5) == ["a/deep/er/ (2 files)", "a/x.py", "a/y.py", "b.py", "c/z"]
    assert outline(paths, 3) == ["a/ (4 files)", "b.py", "c/z"]
    assert outline([f"f{n}" for n in range(10)], 3) == ["f0", "f1", "f2", "[7 more entries]"]
    assert outline([], 3) == []


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map("/".join), unique=True, max_size=80), st.integers(1, 30))
def test_an_outline_counts_every_file(paths: list[str], limit: int) -> None:
    lines = outline(paths, limit)
    assert len(lines) <= limit + 1
    counted = 0
    for line in lines:
        folded = re.fullmatch(r".*/ \((\d+) files\)", line)
        counted += int(folded[1]) if folded else 0 if line.startswith("[") else 1
    assert counted == len(paths) or lines[-1].startswith("[")
