"""The terminal: how large it is, and whether and how to colour. Data that goes to a pipe is neither cut nor coloured."""
from __future__ import annotations

import os
from collections.abc import Mapping

# Of 256 colours, those that stand out from white and from black alike (contrast 3.9 and more with both), because nobody tells
# what the background is; the first eight are whatever the person's theme says, and blue on black or yellow on white cannot be read.
CODES = {
    "bold": "1", "dim": "38;5;243", "red": "38;5;160", "green": "38;5;28", "yellow": "38;5;130", "blue": "38;5;32", "magenta": "38;5;133",
    "cyan": "38;5;30",
}
FEW = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "1", "blue": "", "magenta": "35", "cyan": ""}
OLD = ("linux", "vt", "ansi", "cons", "sun")  # terminals of eight colours, which may take 38;5 for blinking


class Terminal:
    """What one stream can show. width is None when it is no terminal: then nothing is cut."""

    def __init__(self, env: Mapping[str, str], fd: int = 1) -> None:
        self.live = _is_terminal(fd)
        self.size = _size(env, fd) if self.live else (80, 24)  # columns, rows
        self.width = self.size[0] if self.live else None
        self.moves = self.live and env.get("TERM", "dumb") not in ("dumb", "")  # its cursor can be sent about
        self.colours = self.moves and not env.get("NO_COLOR")
        self.codes = FEW if env.get("TERM", "").startswith(OLD) else CODES

    def paint(self, text: str, colour: str) -> str:
        """Text in one of CODES, or as it is; an empty colour means none."""
        code = self.codes[colour] if colour and self.colours and text.strip() else ""
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def _size(env: Mapping[str, str], fd: int) -> tuple[int, int]:
    """As the terminal says; COLUMNS and LINES in the environment count for more."""
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        columns, rows = 0, 0
    return max(20, _number(env, "COLUMNS") or columns or 80), max(2, _number(env, "LINES") or rows or 24)


def _number(env: Mapping[str, str], name: str) -> int:
    value = env.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else 0
