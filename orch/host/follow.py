"""Follow what a Writer of host/output.py writes, as it comes: every byte once and in order, over rotations.

The part that is being read is held open, so that it may be renamed or removed meanwhile. The writer closes a part before it makes the
next one visible: when there is a next one, what can still be read of this one is all of it. A reader that falls behind by more than
two parts finds one of them gone; it says how much that is, as host/output.py does, and goes on with what is there.
"""
from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from typing import NamedTuple

from orch.host import files, output

HEAD, OLD, TAIL = "", ".tail.old", ".tail"
_CHUNK = 1 << 16
_ROUND = 16  # chunks of one call, so that a program that never stops writing does not keep others from being read
_SETTLE = 0.002  # seconds in which a writer that has counted a part as left out has also removed it


class Part(NamedTuple):
    ending: str
    inode: int


class Follower:
    """Reads NAME in folder, which need not be there yet. since: parts that were last written before that time (Unix) are passed over."""

    def __init__(self, folder: str, name: str, since: float = 0.0) -> None:
        self.name, self.path, self.since = name, os.path.join(folder, name), since
        self.fd: int | None = None
        self.part: Part | None = None  # the one that is being read, or was read last
        self.at = 0  # bytes of the whole output up to here
        self.passed = False  # the last part was passed over
        self.jumped = False  # something may have been between the last part and this one

    def read(self) -> Iterator[bytes]:
        """What has come since the last call, in pieces; a large backlog is spread over several calls."""
        for _ in range(_ROUND):
            if self.fd is None:
                if not self._open():
                    return
                missed = self._missed() if self.jumped else 0
                self.at += missed
                if missed and not self.passed:
                    yield output.gap(missed)
                self._pass_over()
            data = self._next()
            over = not data and self._over()
            data = data or (self._next() if over else b"")
            if data:
                yield data
            elif over:
                self.close()
            else:
                return

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def _next(self) -> bytes:
        assert self.fd is not None
        data = os.read(self.fd, _CHUNK)
        self.at += len(data)
        return data

    def _over(self) -> bool:
        """Whether the writer has gone on to another part than the one that we hold."""
        assert self.part is not None
        if self.part.ending == HEAD:
            return any(files.stamp(self.path + ending) for ending in (TAIL, OLD))
        return self._inode(TAIL) != self.part.inode

    def _open(self) -> bool:
        """Open the part that comes next; False when there is none yet."""
        while True:
            old, ending = self._inode(OLD), TAIL
            if self.part is None:
                ending = HEAD
            elif old is not None and old != self.part.inode:
                ending = OLD  # we come from the head, or ours is gone
            try:
                fd = os.open(self.path + ending, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except FileNotFoundError:
                return False
            except OSError as error:
                raise files.failure(error, self.path + ending) from None
            if not stat.S_ISREG(os.fstat(fd).st_mode):  # an agent may have put a pipe there, which would be waited for
                os.close(fd)
                return False
            if ending == TAIL and self._inode(OLD) != old:  # turned between the two looks: what came next is not the tail any more
                os.close(fd)
                continue
            self.jumped = self.part is not None and (ending == OLD or self.part.ending == HEAD)
            self.fd, self.part = fd, Part(ending, os.fstat(fd).st_ino)
            return True

    def _missed(self) -> int:
        """How many bytes are gone between what was read last and the part that has just been opened."""
        assert self.fd is not None and self.part is not None
        missed = self._start() - self.at
        if missed > 0 and self.part.ending == OLD:
            time.sleep(_SETTLE)
            if self._inode(OLD) != self.part.inode:  # it was counted already when we looked, and has gone now
                missed -= os.fstat(self.fd).st_size
        return max(0, missed)

    def _start(self) -> int:
        head = files.stamp(self.path)
        return (head[1] if head else 0) + output.cut(self.path)

    def _inode(self, ending: str) -> int | None:
        found = files.stamp(self.path + ending)
        return found[2] if found else None

    def _pass_over(self) -> None:
        assert self.fd is not None
        info = os.fstat(self.fd)
        self.passed = info.st_mtime < self.since
        if self.passed:
            self.at += os.lseek(self.fd, 0, os.SEEK_END)
