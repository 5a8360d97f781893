"""Text in columns: how wide it is on a terminal, and how it is shown without harm. No colours and no clocks here.

Widths count cells: East Asian wide characters and emoji have two, combining marks none. Whatever could move the cursor, colour the screen
or turn the direction of writing is shown as `\\x1b` or `\\u202e`, so a title can deceive nobody.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_TURNS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def clean(text: str) -> str:
    """Text that does nothing but show."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or _harmless(each) else _escape(each) for each in text)


def harmless(words: str) -> str:
    """As clean, for words of several lines."""
    return "\n".join(map(clean, words.expandtabs(4).split("\n")))


def _harmless(each: str) -> bool:
    return each not in _TURNS and unicodedata.category(each) in ("Zs", "Cf", "Co", "Cn")


def _escape(each: str) -> str:
    return f"\\x{ord(each):02x}" if ord(each) < 256 else f"\\u{ord(each):04x}"


def width(text: str) -> int:
    """How many cells text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(each: str) -> int:
    if unicodedata.combining(each) or unicodedata.category(each) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(each) in "WF" else 1


def cut(text: str, cells: int) -> str:
    """At most so many cells of text; what is cut ends with an ellipsis."""
    if width(text) <= cells:
        return text
    kept, used = [], 1  # the ellipsis
    for each in text:
        used += _cells(each)
        if used > cells:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…" if cells > 0 else ""


def wrap(text: str, cells: int) -> list[str]:
    """Text in lines of at most so many cells, at least one line; broken at spaces, and within words that are longer."""
    lines, line, used = [], "", 0
    for word in re.findall(r" *[^ ]+", text):
        size = width(word)
        if used + size > cells:
            if line:
                lines.append(line)
                word = word.lstrip(" ")
            while width(word) > cells:
                part = _first(word, cells)
                lines.append(part)
                word = word[len(part):]
            line, used = word, width(word)
        else:
            line, used = line + word, used + size
    return [*lines, line] if line or not lines else lines


def _first(word: str, cells: int) -> str:
    """As much of a word as fits, but something of it."""
    used = 0
    for number, each in enumerate(word):
        used += _cells(each)
        if used > cells and number:
            return word[:number]
    return word


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = (), gap: str = "  ") -> list[list[str]]:
    """The cells of a table, cleaned and padded to their column; the last column is not padded. right: columns that end flush."""
    flush = set(right)
    clear = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*clear, strict=True)]
    last = len(widths) - 1
    padded = []
    for row in clear:
        line = []
        for number, cell in enumerate(row):
            space = " " * (widths[number] - width(cell)) if number < last or number in flush else ""
            line.append((space + cell if number in flush else cell + space) + (gap if number < last else ""))
        padded.append(line)
    return padded


def size(count: float) -> str:
    """Bytes for people: `812 B`, `4.2 kB`, `1.3 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def count(number: int, word: str) -> str:
    """`1 task`, `3 tasks`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
