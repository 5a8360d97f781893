"""The tasks as they change: read again only when something has happened to one of them.

Every change of a record ends with a line in orch.log, and every task that is added or archived with a new time of its directory: a look
at those few files says whether there is anything new.
"""
from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from orch.errors import OrchError
from orch.flow import tasks as found_by
from orch.host import files
from orch.host.world import World
from orch.records import Task

AT_LEAST = 60.0  # seconds after which everything is read again, whatever the stamps say: somebody may have mended a record by hand


class Seen(NamedTuple):
    tasks: list[Task]
    errors: list[OrchError]


class Watch:
    def __init__(self, world: World, slugs: Sequence[str], archived: bool = False) -> None:
        self.world, self.slugs, self.archived = world, slugs, archived
        self.stamp: object = None
        self.seen: Seen | None = None
        self.at = 0.0

    def look(self) -> Seen:
        """What there is; the very same object as before when nothing has happened."""
        home = self.world.home
        # stamps first: what changes while we read is seen as a change by the next look
        stamp = [files.stamp(path) for path in (home.log(), *map(home.tasks, self.slugs))]
        if self.seen is None or stamp != self.stamp or time.monotonic() - self.at > AT_LEAST:
            self.stamp, self.at = stamp, time.monotonic()
            self.seen = Seen(*found_by.open_tasks(self.world, self.slugs, self.archived))
        return self.seen
