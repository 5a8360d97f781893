"""How far something has come, for a person who waits for it: one line on stderr, on a terminal, once it takes long. Nothing in a pipe.

    with Progress(world.env) as progress:
        bulk.many(..., tell=progress.tell)
"""
from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Self

from orch.core import clock, text
from orch.host.tty import Terminal

PATIENCE = 0.5  # seconds that need no explanation
PAUSE = 0.1  # seconds between two drawings
BAR = 24  # cells


class Progress:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.terminal = Terminal(env, 2)
        self.next = time.monotonic() + PATIENCE
        self.drawn = False

    def tell(self, words: str, done: int = 0, total: int = 0) -> None:
        """What is being done; done of total when that is known. Cheap when it is not yet time to draw."""
        if not self.terminal.moves or time.monotonic() < self.next:
            return
        self.next, self.drawn = time.monotonic() + PAUSE, True
        self._write("\r" + text.cut(text.clean(line(words, done, total)), self.terminal.size[0] - 1) + "\x1b[K")

    def hearer(self, words: str) -> Callable[[str], None] | None:
        """For what tells its progress in words of its own; None when nobody would see it."""
        if not self.terminal.moves:
            return None
        begin = time.monotonic()

        def hear(said: str) -> None:
            self.tell(f"{words}  {said or clock.span(time.monotonic() - begin)}")

        return hear

    def clear(self) -> None:
        """Make room for other words."""
        if self.drawn:
            self._write("\r\x1b[K")
            self.drawn = False

    def _write(self, data: str) -> None:
        try:
            sys.stderr.write(data)
            sys.stderr.flush()
        except OSError:
            pass  # the terminal has gone; the work goes on

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def line(words: str, done: int, total: int) -> str:
    if total <= 0:
        return words
    share = min(1.0, done / total)
    full = int(share * BAR)
    return f"{words}  [{'#' * full}{'.' * (BAR - full)}]  {share:4.0%}  {done:,} of {total:,}"
