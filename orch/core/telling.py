"""An agent's JSON events as text that a person reads along; all that is no such event passes as it is, and at once."""
from __future__ import annotations

import re
from collections.abc import Callable

from orch.core import tell

LONGEST = 1 << 20  # bytes of an event; of a longer line it is only said how long it is
LINES = 12  # that are shown of what a tool printed, of a thought and of a command
COLUMNS = 400  # that are shown of such a line
COLOURS = {"does": "cyan", "thinks": "dim", "prints": "dim", "errs": "red", "fails": "red", "notes": "dim"}


class Teller:
    """Takes the bytes of one stream as they come. paint: a text in a colour, as host/tty does it."""

    def __init__(self, paint: Callable[[str, str], str]) -> None:
        self.paint = paint
        self.held = bytearray()  # of a line that may become an event
        self.over = 0  # bytes of a line that is too long to be one
        self.begins = True  # the next byte is the first of a line
        self.said: set[str] = set()
        self.last = ""  # what was told last

    def feed(self, data: bytes) -> bytes:
        return b"".join(map(self._piece, re.findall(rb"[^\n]*\n|[^\n]+", data)))

    def end(self) -> bytes:
        """What is left of a line that did not end."""
        rest, self.held, self.over, self.begins = bytes(self.held), bytearray(), 0, True
        return rest

    def _piece(self, piece: bytes) -> bytes:
        ends, begins = piece.endswith(b"\n"), self.begins
        self.begins = ends
        if self.over:
            self.over += len(piece)
        elif self.held or (begins and piece.startswith(b"{")):
            self.held += piece
            if len(self.held) > LONGEST:
                self.over, self.held = len(self.held), bytearray()
        else:
            return piece
        if not ends:
            return b""
        if self.over:
            shown, self.over = self.paint(f"[a line of {self.over} bytes]", "dim") + "\n", 0
            return shown.encode()
        line, self.held = bytes(self.held), bytearray()
        told = tell.tell(line.decode(errors="replace"))
        return line if told is None else "".join(map(self._told, told)).encode(errors="replace")

    def _told(self, told: tell.Told) -> str:
        words = told.text.strip("\n").rstrip()
        if (told.kind == "answers" and words in self.said) or (told.kind == "fails" and words == self.last):
            return ""  # claude's result is a message of before once more, and codex tells an error and then ends with it
        if told.kind == "says":
            self.said.add(words)
        if told.kind != "notes":
            self.last = words
        lines = words.splitlines()
        if told.kind in ("prints", "errs", "thinks", "does"):
            lines = _cropped(lines)
        colour, margin = COLOURS.get(told.kind, ""), "  " if told.kind in ("prints", "errs") else ""
        return "".join(f"{self.paint(margin + line, colour)}\n" for line in lines)


def _cropped(lines: list[str]) -> list[str]:
    shown = [line if len(line) <= COLUMNS else line[:COLUMNS] + " ..." for line in lines[:LINES]]
    left = len(lines) - LINES
    return shown if left <= 0 else [*shown, f"... {left} more {'line' if left == 1 else 'lines'}"]
