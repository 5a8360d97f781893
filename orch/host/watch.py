"""Run one program under watch: copy its output as it comes, keep its limits, notice requests to stop, leave nothing of it behind.

The end of the program is the end of its main process. What it left running has a moment to write its last words and is then ended,
whatever holds the pipes open. Nothing here polls busily: one wait on pipes and signals, at most a second long.
"""
from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from orch.host import spawn, tree
from orch.host.bell import Bell

if TYPE_CHECKING:
    import subprocess

GRACE = 5.0  # seconds between TERM and KILL
LAST_WORDS = 0.2  # seconds for what still comes out of the pipes after the end
_CHUNK = 65536

Sink = Callable[[bytes], None]


class Stop(NamedTuple):
    """Why a program is to end before its time."""

    reason: str  # timeout | idle | budget | cancelled | exited (it has said itself that it is done)
    text: str
    gently: bool = False  # give it the grace to end by itself before TERM
    code: int | None = None  # exited: what counts as its exit status when it had to be ended


class Ending(NamedTuple):
    reason: str  # exited | signal | timeout | idle | budget | cancelled
    code: int | None
    signal: int | None
    text: str
    alone: bool = True  # nothing that it started is left


class Bounds(NamedTuple):
    """Seconds by the monotonic clock; 0: none."""

    wall: float = 0
    idle: float = 0


def run(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: str, out: Sink, err: Sink, bounds: Bounds, bell: Bell, token: str,
    ask: Callable[[], Stop | None], stdin: str | None = None, born: Callable[[int], None] | None = None,
) -> Ending:
    """Run argv to its end.

    out, err  take what it writes, in pieces
    ask       looks once a second, and after output, whether something outside wants it to end
    stdin     file that feeds it; None: nothing
    born      is told its process id
    raises what refusal() says when it cannot be started
    """
    import subprocess

    try:
        feed = os.open(stdin, os.O_RDONLY | os.O_CLOEXEC) if stdin else subprocess.DEVNULL
        try:
            child = subprocess.Popen(
                list(argv), env=dict(env), cwd=cwd, stdin=feed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                start_new_session=True,
            )
        finally:
            if stdin:
                os.close(feed)
    except (OSError, ValueError) as error:
        raise spawn.refusal(error, argv, cwd) from None
    if born:
        born(child.pid)
    return _Watch(child, out, err, bounds, bell, token, ask).until_end()


class _Watch:
    """The state of one watched program."""

    def __init__(
        self, child: subprocess.Popen[bytes], out: Sink, err: Sink, bounds: Bounds, bell: Bell, token: str, ask: Callable[[], Stop | None]
    ) -> None:
        self.child, self.bounds, self.bell, self.token, self.ask = child, bounds, bell, token, ask
        assert child.stdout and child.stderr
        self.sinks = {child.stdout.fileno(): out, child.stderr.fileno(): err}
        self.poll = select.poll()
        for fd in self.sinks:
            os.set_blocking(fd, False)
            self.poll.register(fd, select.POLLIN)
        self.poll.register(bell.fd, select.POLLIN)
        self.begin = self.heard = self.asked = time.monotonic()
        self.status: int | None = None  # as waitpid tells it
        self.stop: Stop | None = None
        self.term_at: float | None = None
        self.kill_at: float | None = None

    def until_end(self) -> Ending:
        try:
            while self.status is None and (self.kill_at is None or time.monotonic() < self.kill_at):
                self._wait()
                self._reap()
                self._look()
            self._drain(LAST_WORDS)
            grace = GRACE if self.kill_at is None else max(0.0, self.kill_at - time.monotonic())
            alone = tree.childless() or tree.end_tree(self.token, [os.getpid()], grace)
            self._drain(LAST_WORDS)
            self._reap()
        finally:
            for pipe in (self.child.stdout, self.child.stderr):
                if pipe:
                    pipe.close()
        return self._ending(alone)

    def _wait(self) -> None:
        for fd, _ in self.poll.poll(int(self._patience() * 1000) + 1):
            if fd == self.bell.fd:
                self.bell.hush()
            else:
                self._read(fd)

    def _patience(self) -> float:
        """Seconds until something may have to be done without anything happening."""
        now, times = time.monotonic(), [1.0]
        times += [moment - now for moment in (self.term_at, self.kill_at) if moment is not None and moment > now]
        if self.stop is None:
            times += [start + limit - now for start, limit in ((self.begin, self.bounds.wall), (self.heard, self.bounds.idle)) if limit]
        return max(0.0, min(times))

    def _read(self, fd: int) -> bool:
        """Hand on one piece; False when there is none now. A closed pipe is not waited for any more."""
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            self.heard = time.monotonic()
            self.sinks[fd](data)
            return True
        self.poll.unregister(fd)
        del self.sinks[fd]
        return False

    def _drain(self, seconds: float) -> None:
        """Read what is in the pipes, for that long at most."""
        end = time.monotonic() + seconds
        while self.sinks and (left := end - time.monotonic()) > 0:
            poll = select.poll()
            for fd in self.sinks:
                poll.register(fd, select.POLLIN)
            for fd, _ in poll.poll(int(left * 1000) + 1):
                self._read(fd)

    def _reap(self) -> None:
        """Wait for everything that has ended: the program, and the orphans that came to us."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.child.pid:
                    self.status = status
                    self.child.returncode = os.waitstatus_to_exitcode(status)

    def _look(self) -> None:
        """Decide whether it has to end before its time: TERM then, and a moment for when KILL is due."""
        now = time.monotonic()
        if self.status is not None or self.kill_at is not None:
            return
        wanted = self._wanted(now)
        if wanted:
            self.stop, self.term_at = wanted, now + (GRACE if wanted.gently else 0)
        if self.term_at is not None and now >= self.term_at:
            tree.signal_all(self.token, [os.getpid()], signal.SIGTERM)
            self.kill_at = now + GRACE

    def _wanted(self, now: float) -> Stop | None:
        wall, idle = self.bounds
        if self.bell.stopped:
            return Stop("cancelled", "it was cancelled")
        if self.stop:  # it has said that it is done
            return None
        if wall and now - self.begin >= wall:
            return Stop("timeout", f"not finished after {wall:g} s")
        if idle and now - self.heard >= idle:
            return Stop("idle", f"nothing was heard for {idle:g} s")
        if now - self.asked >= 1 or self.heard > self.asked:
            self.asked = now
            return self.ask()
        return None

    def _ending(self, alone: bool) -> Ending:
        value = None if self.status is None else os.waitstatus_to_exitcode(self.status)
        code, number = (value, None) if value is None or value >= 0 else (None, -value)
        if self.stop is None:
            return Ending("signal" if code is None else "exited", code, number, "", alone)
        if self.stop.reason == "exited" and self.kill_at is not None:  # its status only says how it took being ended
            code, number = self.stop.code, None
        return Ending(self.stop.reason, code, number, self.stop.text, alone)
