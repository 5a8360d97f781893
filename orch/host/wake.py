"""Wake a sleeping `orch serve`: a FIFO in $ORCH_HOME/.orch. Ringing costs one open, never waits, and nobody need be there to hear it."""
from __future__ import annotations

import contextlib
import os
import stat

from orch.host import files
from orch.host.paths import Home


def ring(home: Home) -> None:
    with contextlib.suppress(OSError):  # no server, or its pipe is full of rings already
        fd = os.open(home.wake(), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(fd, b"!")
        finally:
            os.close(fd)


def listen(home: Home) -> int:
    """Make the FIFO and open it; the descriptor becomes readable when somebody rings."""
    path = home.wake()
    files.make_dir(os.path.dirname(path))
    try:
        if os.path.lexists(path) and not stat.S_ISFIFO(os.lstat(path).st_mode):
            os.unlink(path)
        if not os.path.lexists(path):
            os.mkfifo(path, 0o600)
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)  # read-write: it never sees an end of file
    except OSError as error:
        raise files.failure(error, path) from None


def drain(fd: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(fd, 4096):
            pass
