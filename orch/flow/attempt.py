"""The shepherd: the process that owns one attempt from its start to its exit record, and everything that runs for it.

    lock DIR/lock for life -> proc.json -> checkout -> set-up -> agent, watched -> end every descendant -> auto-commit
    -> exit.json -> release the lock -> take in the result, as `orch reap` does

It holds no state that matters: killed at any moment, it leaves a free lock without exit.json, which the next tick finds as `lost`, and
processes that carry the attempt's token, by which it finds and ends them. What it needs is in spec.json. An attempt that has exit.json
is over, and a second shepherd on the same directory does nothing.

Taking in the result happens in this same process: another Python would cost as much processor time as all of an attempt's own work.
"""
from __future__ import annotations

import contextlib
import os
import time
from typing import Any, cast

from orch.core.failure import one_line
from orch.errors import NotAllowed, OrchError, TryLater, Unavailable
from orch.flow.within import CANCELLED, Attempt, Failed, note
from orch.host import files, lock, output, tree, watch
from orch.host.bell import Bell, Stopped
from orch.host.pane import Pane
from orch.host.world import World
from orch.records import Exit, Spec

PATIENCE = 2.0  # seconds for a probe of the lock, which takes microseconds
RECORDING = 60.0  # seconds for which a full disk is asked again to take the exit record


def shepherd(world: World, folder: str) -> Attempt | None:
    """Live through one attempt; returns it, with its lock free again, or None when it was over already.

    raises TryLater when another shepherd has it, NotFound or BadData when there is no attempt to read"""
    spec = cast(Spec, files.read_json(os.path.join(folder, "spec.json")))
    spec["env"] = {**{name: world.env[name] for name in spec.get("handed") or () if name in world.env}, **spec["env"]}
    held = lock.take(os.path.join(folder, "lock"), patience=PATIENCE)
    if held is None:
        raise TryLater(f"{folder}: another shepherd has this attempt", "it is running; nothing needs to be done")
    if os.path.exists(os.path.join(folder, "exit.json")):
        return None
    log = os.open(os.path.join(folder, "shepherd.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.dup2(log, 2)
    tree.adopt_orphans()
    attempt = Attempt(world, folder, spec, Bell(), Pane(1, world.env), _ahead)
    started = world.now_text()
    note(attempt, None)
    record = _live(attempt)
    _write(os.path.join(folder, "exit.json"), {"v": 1, **record, "started_at": started, "ended_at": world.now_text()})
    os.close(held)
    return attempt


def _ahead() -> None:
    """Import what comes after the agent while it runs, when nobody waits; and an orch that is installed meanwhile must not mix in."""
    from orch.flow import reap  # noqa: F401


def _live(attempt: Attempt) -> Exit:
    """Do what the spec says, whatever happens; then nothing of it runs any more. Returns the exit record but for its times."""
    try:
        record = _do(attempt)
    except Failed as failure:
        record = {"reason": failure.reason, "code": None, "signal": None, "text": failure.text, "kind": failure.kind}
    except Stopped:
        record = {"reason": "cancelled", "code": None, "signal": None, "text": CANCELLED.text}
    except OrchError as error:
        record = {"reason": "spawn_failed", "code": None, "signal": None, "text": _words(error), "kind": _kind(error)}
    except Exception as error:
        import traceback

        traceback.print_exc()  # to shepherd.log
        text = f"a bug in orch: {type(error).__name__}: {error} (see shepherd.log)"
        record = {"reason": "spawn_failed", "code": None, "signal": None, "text": one_line(text), "kind": "crashed"}
    if not tree.childless() and not tree.end_tree(attempt.spec["token"], [os.getpid()], watch.GRACE):
        record["text"] = one_line("some of its processes could not be ended; " + (record.get("text") or ""))
    return record


def _do(attempt: Attempt) -> Exit:
    """Import what the kind of attempt needs, all of it before anything is done: an orch that is installed meanwhile must not mix in."""
    if attempt.spec["kind"] == "verify":
        from orch.flow import checks

        return checks.verify(attempt)
    from orch.flow import work

    return work.work(attempt)


def _kind(error: OrchError) -> str:
    """The failure class of an error before the agent ran."""
    if isinstance(error, TryLater):
        return "network"
    if isinstance(error, Unavailable):
        return "tool_missing"
    return "permission_denied" if isinstance(error, NotAllowed) else "setup_failed"


def _words(error: OrchError) -> str:
    return one_line(error.message + (f" ({error.hint})" if error.hint else ""))


def _write(path: str, record: Exit) -> None:
    """Write the exit record; a disk that is full may have room again in a moment. raises IOFailed when it has not"""
    end = time.monotonic() + RECORDING
    while True:
        try:
            files.replace_json(path, cast(dict[str, Any], record))
            return
        except OrchError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.5)


def leave(attempt: Attempt) -> None:
    """What follows is an ordinary program again, and needs no terminal: it goes on in a session of its own, since a terminal ends with
    its first process, and writes to DIR/reap.log."""
    if os.isatty(1) and os.fork():
        os._exit(0)
    with contextlib.suppress(PermissionError):  # we lead a session already
        os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        log = os.open(os.path.join(attempt.folder, "reap.log"), os.O_WRONLY | os.O_APPEND | output.OPEN, 0o600)
    except OSError:  # the disk is full, or the agent has put something else there
        log = os.open(os.devnull, os.O_WRONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    os.chdir("/")
    attempt.bell.end()  # not sooner: the end of the terminal is a signal too
