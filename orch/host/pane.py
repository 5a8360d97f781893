"""A terminal that somebody may be looking at. Writing to it never waits and never fails: what it does not take at once is not shown."""
from __future__ import annotations

import contextlib
import os


class Pane:
    def __init__(self, fd: int) -> None:
        self.fd: int | None = None
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
