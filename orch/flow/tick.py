"""Everything that is due, once: the chain of the same functions that the single commands call (design section 9).

    recover -> inbox -> reap (settle, verify, publish) -> unblock -> route -> run -> outbox -> archive -> sweep

What ends comes before what begins, so that slots go first to work that is nearly done. One item's failure stops nothing else. A second
tick at the same time is turned away; and even two at once would be safe, because each step claims what it works on.

A step is imported when flow/due sees something for it: most ticks find nothing to do, and cron starts one every minute.
"""
from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from orch.core import deps, names
from orch.errors import OrchError, TryLater
from orch.flow import due, log
from orch.flow import project as projects
from orch.host import lock
from orch.host.world import World
from orch.records import Task
from orch.stores import local, mend

T = TypeVar("T")


class Report(NamedTuple):
    """What one tick did."""

    changed: list[Task]  # as they are now, each task once
    problems: list[Exception]


def tick(world: World) -> Report:
    """raises TryLater when another tick runs"""
    held = lock.take(world.home.tick_lock()) if os.path.isdir(world.home.root) else -1
    if held is None:
        raise TryLater("another tick is running", "it does the same work; nothing is lost")
    if held == -1:
        return Report([], [])
    one = _Tick(world)
    try:
        one.run()
    finally:
        os.close(held)
    one.tidy()  # that may take minutes: the next tick does not wait for it
    return one.report()


class _Tick:
    """One pass; the board is read once and then kept current with every record that a step returns."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.board: dict[tuple[str, str], Task] = {}
        self.seen: dict[tuple[str, str], int] = {}
        self.problems: list[Exception] = []
        self.slugs: list[str] = []

    def run(self) -> None:
        world = self.world
        slugs = self.slugs = projects.slugs(world)
        for step in (self._recover, self._finish, self._take):
            self._try(step)
        for slug in slugs:
            self._try(self._read, slug)
        ahead = due.merging(world, self.board)
        self._each(lambda task: task["status"] == "in_progress" or due.unsettled(task),
                   lambda task: self._reap(task, ahead.get((task["project"], task["id"]))))
        children = deps.children(self.board.values())
        self._each(lambda task: task["status"] == "blocked", lambda task: self._unblock(task, children.get(task["id"], ())))
        self._each(lambda task: task["status"] == "new", lambda task: self._route(task, children.get(task["id"], ())))
        self._try(self._start, children)
        for slug in slugs:
            self._try(self._deliver, slug)
        self._try(self._archive)
        self._try(log.rotate, world)

    def tidy(self) -> None:
        self._try(self._sweep, self.slugs)

    def report(self) -> Report:
        changed = [task for key, task in self.board.items() if self.seen.get(key) != task["seq"]]
        return Report(changed, self.problems)

    def _read(self, slug: str) -> None:
        tasks, errors = local.list_open(self.world, slug)
        for task in tasks:
            self.board[slug, task["id"]] = task
            self.seen[slug, task["id"]] = task["seq"]
        self._try(mend.sweep, self.world, slug)
        if errors:
            self.problems += self._try(mend.records, self.world, slug) or errors

    def _each(self, wanted: Callable[[Task], bool], step: Callable[[Task], Task]) -> None:
        for key, task in list(self.board.items()):
            if wanted(task):
                after = self._try(step, task)
                if after is not None:
                    self.board[key] = after

    def _recover(self) -> None:
        if due.lost(self.world):
            from orch.flow import recover

            recover.slots(self.world)

    def _finish(self) -> None:
        if due.promised(self.world):
            from orch.flow import intake

            self.problems += intake.finish(self.world)[1]

    def _take(self) -> None:
        if due.dropped(self.world):
            from orch.flow import inbox

            self.problems += inbox.take(self.world)[1]

    def _reap(self, task: Task, ahead: Task | None) -> Task:
        if not due.ended(self.world, task, ahead):
            return task
        from orch.flow import reap

        return reap.reap(self.world, task["project"], task["id"])

    def _unblock(self, task: Task, children: Iterable[Task]) -> Task:
        if not due.freed(self.world, task, self.board, children):
            return task
        from orch.flow import route

        return route.unblock(self.world, task["project"], task, children)

    def _route(self, task: Task, children: Iterable[Task]) -> Task:
        from orch.flow import route

        return route.apply(self.world, task["project"], task["id"], children)

    def _start(self, children: Mapping[str, list[Task]]) -> None:
        """Start routed tasks, the most urgent first, until no slot is free."""
        waiting = due.startable(self.world, self.board)
        if not waiting:
            return
        from orch.flow import launch, run

        waiting.sort(key=lambda task: (-(task.get("priority") or 0), task["created_at"], names.order(task["id"])))
        started: list[launch.Started] = []
        try:
            for task in waiting:
                outcome = self._try(run.start, self.world, task["project"], task["id"], children.get(task["id"], ()))
                if outcome is None:
                    continue
                self.board[task["project"], task["id"]] = outcome.task
                started.append(outcome)
                if outcome.why == launch.FULL:
                    break
        finally:
            launch.wait(started)

    def _deliver(self, slug: str) -> None:
        if due.acts(self.world, slug):
            from orch.flow import outbox

            outbox.deliver(self.world, slug)

    def _archive(self) -> None:
        found, errors = due.old(self.world, self.board)
        self.problems += errors
        for task in found:
            self._try(local.archive, self.world, task["project"], task["id"])

    def _sweep(self, slugs: list[str]) -> None:
        if due.untidy(self.world, slugs):
            from orch.flow import sweep

            self.problems += sweep.now_and_then(self.world, slugs)

    def _try(self, step: Callable[..., T], *args: Any) -> T | None:
        """One item's failure is that item's: it is reported, and the rest goes on, even when the failure is a bug of ours."""
        try:
            return step(*args)
        except Exception as error:
            if not isinstance(error, (OrchError, OSError)):
                import traceback

                error.add_note(traceback.format_exc())
            self.problems.append(error)
            return None
