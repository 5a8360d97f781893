"""What another program printed, made harmless for a terminal: text, line ends, tabs and colours pass; all else that would be obeyed goes.

Cursor movements, titles, the clipboard, questions that the terminal would answer: an agent prints what a web page told it to. Bytes in,
bytes out, in pieces that may end anywhere.
"""
from __future__ import annotations

import re

_LONGEST = 4096  # bytes of a sequence that has not ended; longer ones are taken for broken
_COLOUR = rb"\x1b\[[0-9;:]*m"
_SEQUENCES = rb"""
      (""" + _COLOUR + rb""")
    | \x1b \[ [0-?]* [ -/]* [@-~]                     # other control sequences
    | \x1b [\]PX^_] [^\x07\x1b]* (?: \x07 | \x1b\\ )  # strings for the terminal
    | \x1b [ -/]* [0-OQ-WYZ`-~\\]                     # short ones
    | \x1b                                            # half a sequence
    | \xc2 (?: [\x80-\x9f] | (?![\x80-\xbf]) )        # the same in one character, and what could become one
    | [\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]       # controls but tab, line feed and carriage return
"""
_OBEYED = re.compile(_SEQUENCES, re.X)
_UNFINISHED = re.compile(rb"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?|\xc2)\Z")
RESET = b"\x1b[0m"


class Filter:
    """Feed it what comes; it gives back what may be shown. colours: False takes them out too."""

    def __init__(self, colours: bool = True) -> None:
        self.colours = colours
        self.rest = b""
        self.coloured = False  # a colour may still be on

    def feed(self, data: bytes) -> bytes:
        data = self.rest + data
        found = _UNFINISHED.search(data)
        cut = found.start() if found and len(data) - found.start() <= _LONGEST else len(data)
        self.rest = data[cut:]
        return self._clean(data[:cut])

    def end(self) -> bytes:
        """What is to be shown after the last piece: no colour stays on."""
        self.rest = b""
        return RESET if self.coloured and self.colours else b""

    def _clean(self, data: bytes) -> bytes:
        if b"\x1b" in data:
            self.coloured = True
        return _OBEYED.sub(self._keep, data)

    def _keep(self, found: re.Match[bytes]) -> bytes:
        return found[1] if found[1] and self.colours else b""
