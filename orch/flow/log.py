"""orch.log: what happened, one JSON line per event, over all projects (stores/journal.py writes the lines of tasks).

The file is rotated when it has grown beyond engine.log_bytes; one old file, orch.log.1, is kept. A writer that opened the old file just
before it was renamed still writes to it, and readers read both, so no line is lost.
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from orch.flow import config as configs
from orch.host import files
from orch.host.world import World
from orch.stores import journal

Line = dict[str, Any]
_CHUNK = 1 << 16


def note(world: World, event: str, text: str, **more: str) -> None:
    """Write a line that belongs to no task; more: project, task."""
    journal.write(world, {"at": world.now_text(), "event": event, "text": text, **more})


def rotate(world: World) -> bool:
    """Begin a new file when this one has more than engine.log_bytes; one look at the file when it has not. 0: never.

    The tick calls it, and of ticks there is one at a time.
    """
    path = world.home.log()
    limit = configs.shared(world)["engine"]["log_bytes"]
    if not _size(path) > limit > 0:
        return False
    try:
        os.replace(path, path + ".1")
    except OSError as error:
        raise files.failure(error, path) from None
    return True


def _size(path: str) -> int:
    stamp = files.stamp(path)
    return stamp[1] if stamp else 0


def last(world: World, count: int, project: str | None = None) -> list[Line]:
    """The last lines, oldest first; of one project when it is named."""
    found: list[Line] = []
    for path in (world.home.log(), world.home.log() + ".1"):
        if len(found) < count:
            found = _tail(path, count - len(found), project) + found
    return found


def _tail(path: str, count: int, project: str | None) -> list[Line]:
    """The last `count` good lines of a file, read from its end as far as need be."""
    try:
        with open(path, "rb") as file:
            start = file.seek(0, os.SEEK_END)
            raw = b""
            found: list[Line] = []
            while start and len(found) < count:
                step = min(max(_CHUNK, len(raw)), start)
                start = file.seek(start - step)
                raw = file.read(step) + raw
                whole = raw if start == 0 else raw[raw.find(b"\n") + 1:]
                found = [line for line in _parse(whole.splitlines()) if project in (None, line.get("project"))]
            return found[-count:] if count else []
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.failure(error, path) from None


def _parse(raw: list[bytes]) -> list[Line]:
    found = []
    for each in raw:
        try:
            value = json.loads(each)
        except ValueError:
            continue  # cut by a crash, or by where reading began
        if isinstance(value, dict):
            found.append(value)
    return found


class Follower:
    """Reads what is appended from the moment it is made, over rotations."""

    def __init__(self, world: World) -> None:
        self.path = world.home.log()
        self.fd = self._open()
        if self.fd is not None:
            os.lseek(self.fd, 0, os.SEEK_END)
        self.rest = b""

    def _open(self) -> int | None:
        try:
            return os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise files.failure(error, self.path) from None

    def read(self) -> Iterator[Line]:
        """The whole lines that have come since the last call."""
        if self.fd is None:
            self.fd = self._open()
        if self.fd is None:
            return
        stamp = files.stamp(self.path)
        turned = stamp is None or stamp[2] != os.fstat(self.fd).st_ino
        while more := os.read(self.fd, _CHUNK):
            self.rest += more
        *whole, self.rest = self.rest.split(b"\n")
        yield from _parse(whole)
        if turned and stamp is not None:
            os.close(self.fd)
            self.fd, self.rest = self._open(), b""
            yield from self.read()

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
