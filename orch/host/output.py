"""What a program wrote, on disk, in bounded space: the beginning and the end are kept, the middle is left out.

    NAME            the first half of the cap
    NAME.tail.old   then two files of a quarter each that rotate, so that the end is always there, after a crash too
    NAME.tail
    NAME.cut        how many bytes were left out between them, as a number

A cap of 0 keeps everything. A full disk loses output but never the writer: what cannot be written is counted as left out.
"""
from __future__ import annotations

import contextlib
import os
import re
import stat

from orch.errors import BadData, NotFound
from orch.host import files

# An agent may have put a pipe there, which is not waited for, or a link, which is not written through.
OPEN = os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
_ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"  # colours, titles, cursor movements
_ENDS = (4096, 65_536, 1_048_576)  # bytes at the end of an output in which its last line is looked for, one after the other


class Writer:
    """Appends to NAME within its cap. `failed` is the last error of the disk, if there was one."""

    def __init__(self, path: str, cap: int) -> None:
        self.path, self.cap = path, cap
        self.failed: OSError | None = None
        self.room = cap - cap // 2  # bytes left in the file that is being written
        self.lost = 0  # bytes in no file
        self.old = 0  # bytes in .tail.old
        self.tail = False
        self.fd = self._open(path)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self.cap and not self.room:
                self._turn()
            part = view[: self.room] if self.cap else view
            self._put(part)
            view = view[len(part) :]
            self.room -= len(part)

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def remove(self) -> None:
        """Close it and take all of it away."""
        self.close()
        for end in ("", ".tail.old", ".tail", ".cut"):
            with contextlib.suppress(OSError):  # not there, or a directory of an agent's
                os.unlink(self.path + end)

    def _turn(self) -> None:
        """Go on in a fresh tail; the one before it becomes the old tail, and the old one is left out."""
        self.close()
        tail = self.path + ".tail"
        if self.tail:
            self._lose(self.old)
            try:
                os.rename(tail, tail + ".old")
            except OSError:  # one of them is a directory now; the tail must not grow for that
                with contextlib.suppress(OSError):
                    os.unlink(tail)
            self.old = max(1, self.cap // 4)
        self.tail, self.room = True, max(1, self.cap // 4)
        self.fd = self._open(tail)

    def _lose(self, count: int) -> None:
        if count:
            self.lost += count
            with contextlib.suppress(OSError):
                fd = os.open(self.path + ".cut", os.O_TRUNC | os.O_WRONLY | OPEN, 0o600)
                try:
                    os.write(fd, str(self.lost).encode())
                finally:
                    os.close(fd)

    def _put(self, part: memoryview) -> None:
        try:
            if self.fd is None:
                self.fd = self._open(self.path + ".tail" if self.tail else self.path)
            while part and self.fd is not None:
                part = part[os.write(self.fd, part) :]
        except OSError as error:
            self.failed = error
        self._lose(len(part))

    def _open(self, path: str) -> int | None:
        try:
            return os.open(path, os.O_WRONLY | os.O_APPEND | OPEN, 0o600)
        except OSError as error:
            self.failed = error
            return None


def read(folder: str, name: str, limit: int | None = None) -> bytes:
    """All that was kept of NAME, with a note where something is left out; at most about `limit` bytes, from both ends."""
    path = os.path.join(folder, name)
    sizes = _sizes(path)
    total = sum(sizes)
    if limit is None or total <= limit:
        head, tail = _part(path, 0, sizes[0]), _end(path, sizes, total - sizes[0])
    else:
        head, tail = _part(path, 0, min(sizes[0], limit // 2)), _end(path, sizes, limit - limit // 2)
    missing = cut(path) + max(0, total - len(head) - len(tail))
    return head + (gap(missing) if missing else b"") + tail


def gap(count: int) -> bytes:
    """What is shown in the place of bytes that are in no file."""
    return f"\n[... {count} bytes left out ...]\n".encode()


def last_line(folder: str, name: str = "stdout") -> str:
    """The last line that says something, without control characters, and in words if it is an agent's JSON; empty when there is none."""
    path = os.path.join(folder, name)
    sizes = _sizes(path)
    for count in _ENDS:
        lines = re.split(r"[\r\n]+", plain(_end(path, sizes, count).decode(errors="replace")))
        whole = count >= sum(sizes)
        found = next((shown for line in reversed(lines if whole else lines[1:]) if (shown := _flat(_words(line)))), "")
        if found or whole:
            return found
    return _flat(lines[0][-_ENDS[0] :])


def _words(line: str) -> str:
    if not line.startswith("{"):
        return line
    from orch.core import tell

    return tell.last(line)


def plain(text: str) -> str:
    """Without colours, titles and movements of the cursor."""
    return re.sub(_ESCAPES, "", text)


def _flat(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain(text)).split())


def size(folder: str, name: str) -> int:
    """How many bytes were written in all, kept or not."""
    path = os.path.join(folder, name)
    return sum(_sizes(path)) + cut(path)


def _end(path: str, sizes: list[int], count: int) -> bytes:
    """The last `count` bytes of the three files taken as one."""
    parts: list[bytes] = []
    for ending, length in zip((".tail", ".tail.old", ""), reversed(sizes), strict=True):
        take = min(count, length)
        if take:
            parts.append(_part(path + ending, length - take, take))
        count -= take
    return b"".join(reversed(parts))


def _part(path: str, start: int, count: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.pread(fd, count, start) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
        finally:
            os.close(fd)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise files.failure(error, path) from None


def _sizes(path: str) -> list[int]:
    stamps = (files.stamp(path + end) for end in ("", ".tail.old", ".tail"))
    return [found[1] if found else 0 for found in stamps]


def cut(path: str) -> int:
    """How many bytes of an output are in no file."""
    try:
        return int(files.read_bytes(path + ".cut") or 0)
    except (NotFound, BadData, ValueError):
        return 0
