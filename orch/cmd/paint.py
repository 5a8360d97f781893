"""Print lines that are made of (text, colour) pieces, in colour when the terminal can."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from orch.cmd import out
from orch.host.tty import Terminal


def lines(terminal: Terminal, many: Iterable[Sequence[tuple[str, str]]]) -> None:
    out.text("".join(line(terminal, pieces) + "\n" for pieces in many))


def line(terminal: Terminal, pieces: Iterable[tuple[str, str]]) -> str:
    return "".join(terminal.paint(text, colour) for text, colour in pieces).rstrip()
