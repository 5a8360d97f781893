"""A terminal that somebody may be looking at. Writing to it never waits and never fails: what it does not take at once is not shown."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orch.core.harmless import Filter
    from orch.core.telling import Teller


class Pane:
    def __init__(self, fd: int, env: Mapping[str, str]) -> None:
        self.fd: int | None = None
        self.env = env
        self.shown: dict[str, tuple[Teller, Filter]] = {}
        if os.isatty(fd):
            with contextlib.suppress(OSError):
                # opened once more: not to wait would else be true for everybody who has this terminal, a person's shell for one
                self.fd = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)

    def write(self, data: bytes) -> None:
        if self.fd is None:
            return
        try:
            os.write(self.fd, data)
        except BlockingIOError:
            return
        except OSError:  # the terminal is gone
            self.fd = None

    def show(self, stream: str, data: bytes) -> None:
        """What a program writes to one of its streams: an agent's events in words, and nothing that would command the terminal."""
        if self.fd is None:
            return
        if stream not in self.shown:
            from orch.core.harmless import Filter
            from orch.core.telling import Teller
            from orch.host.tty import Terminal

            terminal = Terminal(self.env, self.fd)
            self.shown[stream] = Teller(terminal.paint), Filter(terminal.colours)
        teller, filter = self.shown[stream]
        self.write(filter.feed(teller.feed(data)))

    def end(self) -> None:
        """The program has ended: half a line of it is shown, and no colour stays on."""
        for teller, filter in self.shown.values():
            self.write(filter.feed(teller.end()) + filter.end())
        self.shown.clear()
