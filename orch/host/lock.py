"""Locks held by the kernel: they end with their holder, whatever kills it. A lock file is separate from what it protects and is never
removed.

hold     a short critical section: wait, read again inside, replace, release. Take one at a time; never keep it across a child
         that may be slow. The order, where two are needed, is: settle lock of a task, then the project's lock.
take     liveness: the caller keeps the descriptor open for as long as it lives; None when somebody else has it. A probe holds the
         lock for some microseconds, so a taker that must not be turned away by one gives some patience.
probe    held, free or unknown, without waiting and without creating the file.
"""
from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orch.errors import TryLater
from orch.host import files

PATIENCE = 30.0  # seconds; a critical section takes milliseconds, so a longer wait means a stopped process


@contextmanager
def hold(path: str, wait: float = PATIENCE, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file path. on_wait is called once when somebody else has it. raises TryLater after `wait` seconds"""
    held = take(path)
    if held is None:
        if on_wait:
            on_wait()
        held = take(path, patience=wait)
    if held is None:
        raise TryLater(f"{path}: held by another process for more than {wait:g} s", f"see who has it: fuser {path}")
    try:
        yield
    finally:
        os.close(held)


def take(path: str, *, inherit: bool = False, patience: float = 0.0) -> int | None:
    """Take the lock within `patience` seconds; returns the descriptor that holds it, or None. inherit=True keeps it across exec."""
    fd = _open(path)
    if inherit:
        os.set_inheritable(fd, True)
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(fd)
                return None
            time.sleep(0.005)
        except OSError as error:
            os.close(fd)
            raise files.failure(error, path) from None


def _open(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        try:
            return os.open(path, flags, 0o600)
        except FileNotFoundError:
            files.make_dir(os.path.dirname(path))
            return os.open(path, flags, 0o600)
    except OSError as error:
        raise files.failure(error, path) from None


def probe(path: str) -> str:
    """`held`, `free` or `unknown`; a file that is not there is free. Unknown must never lead to a kill or a removal."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return "free"
    except OSError:
        return "unknown"
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return "held"
    except OSError:
        return "unknown"
    finally:
        os.close(fd)
    return "free"
