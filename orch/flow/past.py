"""The board of a past moment, rebuilt from the events: every record as it was, open or archived since."""
from __future__ import annotations

import os
from collections.abc import Sequence

from orch.core import names
from orch.core import task as life
from orch.errors import BadData, NotFound
from orch.host import files
from orch.host.world import World
from orch.records import Task
from orch.stores import local


def at(world: World, slugs: Sequence[str], moment: str) -> tuple[list[Task], list[str]]:
    """The tasks that existed at a time text, as they were then; and the ids whose history does not go back to their creation."""
    found: list[Task] = []
    torn: list[str] = []
    for slug in slugs:
        ids = {*files.names(world.home.tasks(slug)), *files.names(world.home.archive(slug))}
        for id in sorted((id for id in ids if os.path.basename(id) == id and ".bad-" not in id), key=_order):
            try:
                events = local.events(world, slug, id)
            except (BadData, NotFound):
                torn.append(f"{slug}#{id}")
                continue
            # in their own order, whatever the clock said meanwhile
            last = max((event["seq"] for event in events if event["at"] <= moment), default=0)
            events = [event for event in events if event["seq"] <= last]
            task = life.fold(events)
            if task:
                found.append(task)
            elif events:
                torn.append(f"{slug}#{id}")
    return found, torn


def _order(id: str) -> tuple[object, ...]:
    try:
        return names.order(id)
    except BadData:
        return ()
