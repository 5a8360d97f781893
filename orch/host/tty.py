"""The terminal: how wide it is, and whether and how to colour. Data that goes to a pipe is neither cut nor coloured."""
from __future__ import annotations

import os
from collections.abc import Mapping

CODES = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36",
}


class Terminal:
    """What one stream can show. width is None when it is no terminal: then nothing is cut."""

    def __init__(self, env: Mapping[str, str], fd: int = 1) -> None:
        self.live = _is_terminal(fd)
        self.width = _width(env, fd) if self.live else None
        self.colours = self.live and not env.get("NO_COLOR") and env.get("TERM", "dumb") not in ("dumb", "")

    def paint(self, text: str, colour: str) -> str:
        """Text in one of CODES, or as it is; an empty colour means none."""
        return f"\x1b[{CODES[colour]}m{text}\x1b[0m" if colour and self.colours and text.strip() else text


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def _width(env: Mapping[str, str], fd: int) -> int:
    asked = env.get("COLUMNS", "")
    if asked.isdigit() and int(asked):
        return max(20, int(asked))
    try:
        found = os.get_terminal_size(fd).columns
    except OSError:
        found = 0
    return max(20, found or 80)
