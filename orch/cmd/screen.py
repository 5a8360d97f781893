"""Draw a view over itself, on a terminal, whenever it looks different: what `--watch` does.

The lines are drawn below the prompt and no other screen is used, so the last state stays there when it is over. Ctrl-C ends it.
"""
from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from orch.cmd import out, paint
from orch.core import view
from orch.core.view import Piece
from orch.errors import Usage
from orch.host.tty import Terminal
from orch.host.world import World

T = TypeVar("T")
PAUSE = 0.2  # seconds between two looks
CLOCK = 1.0  # seconds after which what is shown has another age
HERE, WIPE = "\r\x1b[K", "\x1b[J"  # the beginning of this line, emptied; all that is below
ANEW = "\x1b[H\x1b[2J"  # an empty screen


def watch(world: World, look: Callable[[], T], lines: Callable[[T, Terminal], Sequence[Sequence[Piece]]]) -> None:
    """Show lines(look(), terminal) until interrupted. look gives the same object as long as nothing has happened. raises Usage"""
    terminal = Terminal(world.env)
    if not terminal.moves:
        raise Usage("--watch draws on a terminal, and this is none that it can draw on", "with --json it prints what changes, anywhere")
    canvas, seen, at = Canvas(world.env), None, 0.0
    before = signal.signal(signal.SIGCONT, lambda number, frame: canvas.forget())
    try:
        with interrupted(world.env):
            while True:
                now, terminal = look(), Terminal(world.env)
                if now is not seen or time.monotonic() - at >= CLOCK or canvas.size not in (None, terminal.size):
                    seen, at = now, time.monotonic()
                    canvas.draw(terminal, lines(now, terminal))
                if out.deserted(PAUSE):
                    return
    finally:
        signal.signal(signal.SIGCONT, before)


@contextmanager
def interrupted(env: Mapping[str, str]) -> Iterator[None]:
    """Take the ^C away that the terminal has written."""
    try:
        yield
    except KeyboardInterrupt:
        if Terminal(env).moves:
            out.text(HERE)
        raise


class Canvas:
    """The lines that were drawn last, and how to draw others over them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.forget()

    def forget(self) -> None:
        """Something else was written since: begin below it."""
        self.drawn: list[str] = []
        self.size: tuple[int, int] | None = None

    def draw(self, terminal: Terminal, lines: Sequence[Sequence[Piece]]) -> None:
        """Nothing is written when it would look the same. What is too much for the terminal is counted."""
        columns, rows = terminal.size
        room = max(1, rows - 1)  # the cursor stands on a line of its own
        if len(lines) > room:
            lines = [*lines[: room - 1], [(f"... and {len(lines) - room + 1} more lines", "dim")]]
        wanted = [paint.line(terminal, view.fit(line, columns)) for line in lines]
        if wanted == self.drawn and terminal.size == self.size:
            return
        begin = f"\x1b[{len(self.drawn)}A" if self.drawn else ""
        if self.size not in (None, terminal.size):
            begin = ANEW  # the terminal has wrapped what was there in its own way
        out.text(begin + "".join(f"{HERE}{line}\n" for line in wanted) + HERE + WIPE)
        out.flush()
        self.drawn, self.size = wanted, terminal.size
