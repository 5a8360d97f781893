"""Signals of a process that sleeps until something happens: they ring a descriptor that a poll can wait for.

TERM, INT and QUIT ask to stop. HUP (the terminal went away), TSTP, TTIN and TTOU (somebody's ^Z in it) change nothing. CHLD only rings.
All of them get a handler rather than being ignored, since what is ignored would stay ignored in the programs that we start; PIPE
alone is ignored, and subprocess puts that right in the child.

While `impatient`, a request to stop is raised as Stopped wherever the code is, and `ask` is called once a second to see whether there
is one in a file: so a slow clone can be stopped too.
"""
from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType

STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
DEAF = (signal.SIGHUP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD)


class Stopped(BaseException):
    """Somebody asked to stop; not an error, and nothing that handles errors may catch it."""


class Bell:
    def __init__(self) -> None:
        self.stopped = False
        self._impatient = False
        self._ask: Callable[[], bool] = bool
        self.fd, self._ring = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else _pipe()
        for each in STOP:
            signal.signal(each, self._stop)
        for each in DEAF:
            signal.signal(each, lambda number, frame: None)
        signal.signal(signal.SIGALRM, self._tick)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)

    def hush(self) -> None:
        """Forget what rang so far."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fd, 4096):
                pass

    def end(self) -> None:
        """From now on signals do what they do to any program."""
        signal.set_wakeup_fd(-1)
        for each in (*STOP, *DEAF, signal.SIGALRM):
            signal.signal(each, signal.SIG_DFL)
        os.close(self.fd)
        os.close(self._ring)

    @contextlib.contextmanager
    def impatient(self, ask: Callable[[], bool]) -> Iterator[None]:
        """raises Stopped, from anywhere in the block, when a signal or `ask` says so"""
        self._ask, self._impatient = ask, True
        signal.setitimer(signal.ITIMER_REAL, 1, 1)
        try:
            if self.stopped or ask():
                raise Stopped
            yield
        finally:
            self._impatient = False
            signal.setitimer(signal.ITIMER_REAL, 0)  # it would go on after an exec

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True
        if self._impatient:
            raise Stopped

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self._impatient and self._ask():
            self.stopped = True
            raise Stopped


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write
