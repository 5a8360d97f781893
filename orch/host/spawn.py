"""Run one program to its end: argument list, constructed environment, its own session, a time-out that ends all of its group.

Output is bytes. The caller gives the whole environment; nothing of ours leaks in. A session of its own means that no program can ask
a question on our terminal. The caller judges the exit status; only what stopped the program from running to its end is raised.
"""
from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from orch.errors import BadData, NotFound, OrchError, TryLater, Unavailable
from orch.host import files

if TYPE_CHECKING:
    import subprocess
    from typing import IO

_BEAT = 0.2  # seconds between two looks at what was said; without a hearer they become longer, up to
_LONG = 5.0
_PIPE = 1 << 20  # bytes; no pipe holds more
_DRAIN = 2.0  # seconds to read what is left in the pipes once the group is killed
# What somebody else sends: a person, a shutdown, the kernel when memory is short. A program's own faults (SIGSEGV ...) come again.
_SENT = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM)


class Accident(TryLater):
    """What says nothing about the program or what it was asked: somebody ended it, or there is no process or memory to be had just now."""


class Silence(NamedTuple):
    """Seconds without a word on stdout or stderr after which a program is given up."""

    first: float  # until it says anything at all
    later: float  # between two words


class Done(NamedTuple):
    code: int  # exit status; 128 + n after signal n
    out: bytes
    err: bytes


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    input: bytes | None = None,
    timeout: float = 60,
    hear: Callable[[bytes], None] | None = None,
    silence: Silence | None = None,
) -> Done:
    """Run argv and wait. raises Unavailable when the program is missing, TryLater when it is late or silent (its group is killed)

    timeout  seconds that it may take
    hear     is given, several times a second, all that the program has written to its stderr so far
    """
    import subprocess

    try:
        child = subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise refusal(error, argv, cwd) from None
    try:
        out, err = _listen(child, input, timeout, hear, silence)
    except subprocess.TimeoutExpired as late:
        out, err = _stop(child)
        if child.returncode in (None, -signal.SIGKILL):  # None: it sleeps in the kernel, and will end when that lets it
            said = err.decode(errors="replace").strip().replace("\r", "\n").rsplit("\n", 1)[-1]
            what = f"not finished after {timeout:g} s" if late.timeout == timeout else f"nothing was heard for {late.timeout:g} s"
            raise TryLater(f"{argv[0]}: {what}" + (f" ({said})" if said else "")) from None
    except BaseException:
        _stop(child)
        raise
    return Done(status(child.returncode), out, err)


def status(returncode: int) -> int:
    """What subprocess says of an end, as shells say it: 128 + n after signal n."""
    return returncode if returncode >= 0 else 128 - returncode


def killed(code: int) -> bool:
    """Whether somebody else ended the program that has this exit status, or one that it stands for: a wrapper hands the status on."""
    return code - 128 in _SENT


def _listen(
    child: subprocess.Popen[bytes], input: bytes | None, timeout: float, hear: Callable[[bytes], None] | None, silence: Silence | None
) -> tuple[bytes, bytes]:
    """As communicate, but waits for nobody who holds a pipe once the program has ended.

    raises TimeoutExpired, with the time that was too long
    """
    import subprocess

    begin = last = time.monotonic()
    known, beat = 0, _BEAT  # bytes that were heard
    while True:
        now = time.monotonic()
        left = begin + timeout - now
        try:
            return child.communicate(input, timeout=max(0.0, min(beat, left)))
        except subprocess.TimeoutExpired as late:
            if child.poll() is not None:
                if child.stdin:
                    with contextlib.suppress(OSError):  # not all of it was wanted
                        child.stdin.close()
                return _rest(child.stdout, late.output), _rest(child.stderr, late.stderr)
            if left <= 0:
                raise subprocess.TimeoutExpired(child.args, timeout) from None
            heard = len(late.output or b"") + len(late.stderr or b"")
            if heard > known:
                known, last = heard, now
            bound = (silence.later if known else silence.first) if silence else timeout
            if now - last > bound:
                raise subprocess.TimeoutExpired(child.args, bound) from None
            input = None  # it goes on with the rest by itself
            if hear:
                hear(late.stderr or b"")
            else:
                beat = min(2 * beat, _LONG, bound / 4)  # each look copies all that was said so far


def _rest(pipe: IO[bytes] | None, said: bytes | None) -> bytes:
    """All that a program which has ended said: what was read, and what is in the pipe. Who else holds its other end is not waited for."""
    found = said or b""
    if pipe and not pipe.closed:
        os.set_blocking(pipe.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            end = len(found) + _PIPE
            while len(found) < end and (more := os.read(pipe.fileno(), _PIPE)):
                found += more
        pipe.close()
    return found


def _stop(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Kill the child's whole group; returns what had been read of its output."""
    import subprocess

    kill(child)
    try:
        out, err = child.communicate(timeout=_DRAIN)
    except subprocess.TimeoutExpired as late:
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                pipe.close()
        out, err = late.output or b"", late.stderr or b""
    child.poll()
    return out, err


def kill(child: subprocess.Popen[bytes]) -> None:
    """Kill the group of a child that was started in a session of its own and has not been waited for, so that the number is still its."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a zombie
            os.killpg(child.pid, signal.SIGKILL)


def refusal(error: OSError | ValueError, argv: Sequence[str], cwd: str | None) -> OrchError:
    """Say why argv could not be started at all."""
    if isinstance(error, ValueError):
        return BadData(f"{argv[0]}: cannot be run: {error}", "an argument or a variable holds a NUL byte or a name with =")
    if cwd and not os.path.isdir(cwd):
        return NotFound(f"{cwd}: no such directory to run {argv[0]} in")
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        path = "correct its path, which no shell reads, or install it there"
        hint = path if "/" in argv[0] else "install it, or put its directory on PATH (engine.path)"
        return Unavailable(f"{argv[0]}: no such program", hint)
    if isinstance(error, PermissionError):
        return Unavailable(f"{argv[0]}: not an executable program", "check its mode, and the PATH (engine.path)")
    if error.errno == 7:  # E2BIG
        return BadData(f"{argv[0]}: the command line or environment is too long", "hand long text over by stdin or in a file")
    if error.errno in (11, 12, 35):  # EAGAIN, ENOMEM: no more processes or memory just now
        return Accident(f"{argv[0]}: {error.strerror}")
    return files.failure(error, argv[0])


def which(program: str, path: str) -> str | None:
    """The full path of a program, looked up in path as PATH is written (an empty entry is no place); None when it is not there."""
    places = [program] if "/" in program else [os.path.join(folder, program) for folder in path.split(":") if folder]
    return next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), None)


def warm() -> None:
    """Import what starting a program needs, before there is one to start."""
    import subprocess  # noqa: F401
