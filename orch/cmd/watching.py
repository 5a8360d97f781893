"""`--watch` of the board: of `task list` and of `status`. On a terminal it is drawn again when it looks different; with --json each
change is a line, into a pipe too."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from orch.cmd import out, screen
from orch.core import overview, text, view
from orch.core.view import Piece
from orch.errors import OrchError
from orch.flow import board
from orch.flow.watch import Seen, Watch
from orch.host.tty import Terminal
from orch.host.world import World
from orch.records import Task

FEWER = (overview.MANY, 12, 9, 7, 5, 4, 3, 2, 1)
SIZES = 30.0  # seconds between two looks at all files for the room that they take


def tasks(world: World, slugs: Sequence[str], archived: bool, json: bool, choose: Callable[[list[Task]], list[Task]]) -> None:
    """The list that choose makes of all tasks. As JSON: each of them at first, then those that changed, also when they left the list."""
    watched = Watch(world, slugs, archived)
    if json:
        _changes(watched, choose)
        return

    def lines(seen: Seen, terminal: Terminal) -> list[list[Piece]]:
        chosen, rows = choose(seen.tasks), terminal.size[1] - 3
        shown = view.table(chosen[:rows] if len(chosen) > rows + 1 else chosen, world.now(), terminal.width) if chosen else []
        more = len(chosen) - len(shown) + 1
        return [*shown, *([[(f"... and {text.count(more, 'more task')}", "dim")]] if chosen and more else []),
                *([] if chosen else [[("no tasks", "dim")]]), *_errors(seen.errors)]

    screen.watch(world, watched.look, lines)


def status(world: World, slugs: Sequence[str], json: bool) -> None:
    """The board of `orch status`. As JSON: one object, and another whenever a record has changed."""
    watched = Watch(world, slugs)
    size, whole, at = 0, True, -SIZES

    def look(seen: Seen) -> overview.Board:
        nonlocal size, whole, at
        if time.monotonic() - at >= SIZES:
            (size, whole), at = board.room(world), time.monotonic()
        return board.of(world, *seen, size, whole)

    def lines(seen: Seen, terminal: Terminal) -> list[list[Piece]]:
        now, board, errors = world.now(), look(seen), _errors(seen.errors)
        for many in FEWER:  # rather all sections and less of each
            shown = overview.lines(board, now, terminal.width, many)
            if len(shown) + len(errors) < terminal.size[1]:
                break
        return [*shown, *errors]

    if not json:
        screen.watch(world, watched.look, lines)
        return
    before: Seen | None = None
    while True:
        seen = watched.look()
        if seen is not before and (before is None or seen.tasks != before.tasks):
            out.json_line(overview.value(look(seen)))
            out.flush()
        before = seen
        if out.deserted(screen.PAUSE):
            return


def _changes(watched: Watch, choose: Callable[[list[Task]], list[Task]]) -> None:
    known: dict[tuple[str, str], int] = {}
    before: Seen | None = None
    while True:
        seen = watched.look()
        if seen is not before:
            chosen = choose(seen.tasks)
            listed = {(task["project"], task["id"]) for task in chosen}
            gone = [task for task in seen.tasks if (task["project"], task["id"]) in known.keys() - listed]
            for task in [*chosen, *gone]:
                key = task["project"], task["id"]
                if known.get(key) != task["seq"]:
                    out.json_line(task)
                known[key] = task["seq"]
            known = {key: seq for key, seq in known.items() if key in listed}
            out.flush()
        before = seen
        if out.deserted(screen.PAUSE):
            return


def _errors(errors: Iterable[OrchError]) -> list[list[Piece]]:
    return [[(text.clean(error.message), "red")] for error in errors]
