"""What every step inside a shepherd shares: the attempt, how it fails, how it is stopped, how a program is run for it."""
from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from orch.core.failure import one_line
from orch.errors import BadData, IOFailed, NotFound
from orch.host import files, output, proc, watch
from orch.host.bell import Bell
from orch.host.output import Writer
from orch.host.pane import Pane
from orch.host.watch import Bounds, Ending, Sink, Stop
from orch.host.world import World
from orch.records import Spec

LONGEST = 1_000_000  # bytes of a sentinel; what a longer one says is not read
CANCELLED = Stop("cancelled", "it was cancelled")
SENTINELS = {
    "cancelled": Stop("cancelled", "the agent says that it was cancelled"),
    "timeout": Stop("timeout", "the agent says that its time ran out"),
    "error": Stop("exited", "the agent says that it failed", gently=True, code=1),
    "done": Stop("exited", "", gently=True, code=0),
}


class Attempt(NamedTuple):
    """What every step of one attempt needs."""

    world: World
    folder: str
    spec: Spec
    bell: Bell
    pane: Pane
    ahead: Callable[[], None]  # to be called once a program runs, when there is time


class Failed(Exception):
    """The attempt ends here; the exit record says why."""

    def __init__(self, reason: str, text: str, kind: str | None = None) -> None:
        super().__init__(text)
        self.reason, self.text, self.kind = reason, text, kind


def note(attempt: Attempt, agent: int | None) -> None:
    """Write proc.json: who the shepherd is, and the agent when there is one."""
    pid, start, boot = proc.me()
    record = {"v": 1, "pid": pid, "start": start, "boot": boot, "agent": agent, "at": attempt.world.now_text(),
              "monotonic": time.monotonic()}
    with contextlib.suppress(IOFailed):  # a full disk does not stop an attempt; without it the lock still says that we live
        files.replace_json(os.path.join(attempt.folder, "proc.json"), record, durable=False)  # a boot that is over tells nobody who lives


def tell(attempt: Attempt, text: str) -> None:
    """Say what the shepherd itself does: in shepherd.log and in the terminal."""
    line = f"{text}\n".encode()
    with contextlib.suppress(OSError):  # a full disk
        os.write(2, line)
    attempt.pane.write(line)


def cancelled(attempt: Attempt) -> bool:
    """Whether a person wants it to end; the shepherd gets a signal too, where it can be reached."""
    return attempt.bell.stopped or os.path.lexists(os.path.join(attempt.folder, "cancel"))


def sentinel(attempt: Attempt) -> Stop | None:
    """What a file in the attempt directory says: for agents that can only touch files."""
    for name, stop in SENTINELS.items():
        path = os.path.join(attempt.folder, name)
        if os.path.lexists(path):
            said = ""
            with contextlib.suppress(NotFound, BadData):
                said = one_line(files.read_foreign(path, LONGEST)[:2000])
            return stop._replace(text=said or stop.text)
    return None


def watched(
    attempt: Attempt, argv: Sequence[str], *, cwd: str, out: Sink, err: Sink, bounds: Bounds, ask: Callable[[], Stop | None] | None = None,
    stdin: str | None = None, born: Callable[[int], None] | None = None,
) -> Ending:
    """Run one program of the attempt under watch, and show in the terminal what it writes. ask: more reasons to end it than a person's"""

    def show(name: str, sink: Sink) -> Sink:
        def both(data: bytes) -> None:
            sink(data)
            attempt.pane.show(name, data)

        return both

    def begun(pid: int) -> None:
        if born:
            born(pid)
        attempt.ahead()

    def look() -> Stop | None:
        return CANCELLED if cancelled(attempt) else ask() if ask else None

    try:
        return watch.run(
            argv, env=attempt.spec["env"], cwd=cwd, out=show("stdout", out), err=show("stderr", err), bounds=bounds, bell=attempt.bell,
            token=attempt.spec["token"], ask=look, stdin=stdin, born=begun,
        )
    finally:
        attempt.pane.end()


def set_up(attempt: Attempt, cwd: str, name: str) -> None:
    """Run the project's set-up commands in a checkout; their output goes to DIR/<name>. raises Failed"""
    spec, limits = attempt.spec, attempt.spec.get("limits") or {}
    if not spec.get("setup"):
        return
    writer = Writer(os.path.join(attempt.folder, name), limits.get("output") or 0)
    seconds = limits.get("setup") or 0
    end = time.monotonic() + seconds
    try:
        for command in spec["setup"]:
            writer.write(f"$ {command}\n".encode())
            left = max(0.001, end - time.monotonic()) if seconds else 0
            ending = watched(attempt, ["/bin/sh", "-c", command], cwd=cwd, out=writer.write, err=writer.write, bounds=Bounds(wall=left))
            if ending.reason == "cancelled":
                raise Failed("cancelled", ending.text)
            if ending.reason == "timeout":
                raise Failed("spawn_failed", f"set-up: `{command}` had not finished after {seconds} s in all", "setup_failed")
            if ending.code != 0:
                how = f"signal {ending.signal}" if ending.code is None else f"exit status {ending.code}"
                said = output.last_line(attempt.folder, name)
                raise Failed("spawn_failed", one_line(f"set-up: `{command}`: {how}: {said}"), "setup_failed")
    finally:
        writer.close()
