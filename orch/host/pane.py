"""A terminal that somebody may be looking at. Writing to it never waits and never fails: what it does not take at once is not shown."""
from __future__ import annotations

import os


class Pane:
    def __init__(self, fd: int) -> None:
        self.fd: int | None = fd if os.isatty(fd) else None
        if self.fd is not None:
            os.set_blocking(fd, False)

    def write(self, data: bytes) -> None:
        if self.fd is None:
            return
        try:
            os.write(self.fd, data)
        except BlockingIOError:
            return
        except OSError:  # the terminal is gone
            self.fd = None
