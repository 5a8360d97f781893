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

_BEAT = 0.2  # seconds between two looks at what was said; without a hearer they become longer, up to
_LONG = 5.0
_LINGER = 0.5  # seconds to read what is left in the pipes of a program that has ended while another holds them
_DRAIN = 2.0  # seconds to read what is left in the pipes once the group is killed


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
) -> Done:
    """Run argv and wait. raises Unavailable when the program is missing, TryLater after `timeout` seconds (its group is killed)

    hear  is given, several times a second, all that the program has written to its stderr so far
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
        out, err = _listen(child, input, timeout, hear)
    except subprocess.TimeoutExpired:
        out, err = _stop(child)
        if child.returncode in (None, -signal.SIGKILL):  # None: it sleeps in the kernel, and will end when that lets it
            said = err.decode(errors="replace").strip().rsplit("\n", 1)[-1]
            raise TryLater(f"{argv[0]}: not finished after {timeout:g} s" + (f" ({said})" if said else "")) from None
    except BaseException:
        _stop(child)
        raise
    return Done(child.returncode if child.returncode >= 0 else 128 - child.returncode, out, err)


def _listen(
    child: subprocess.Popen[bytes], input: bytes | None, timeout: float, hear: Callable[[bytes], None] | None
) -> tuple[bytes, bytes]:
    """As communicate, but waits for nobody who holds a pipe once the program has ended. raises TimeoutExpired"""
    import subprocess

    end, beat = time.monotonic() + timeout, _BEAT
    while True:
        left = end - time.monotonic()
        try:
            return child.communicate(input, timeout=max(0.0, min(beat, left)))
        except subprocess.TimeoutExpired as late:
            if child.poll() is not None:
                return _drain(child, _LINGER)
            if left <= 0:
                raise
            input = None  # it goes on with the rest by itself
            if hear:
                hear(late.stderr or b"")
            else:
                beat = min(2 * beat, _LONG)  # each look copies all that was said so far


def _stop(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Kill the child's whole group; returns what had been read of its output."""
    if child.returncode is None:  # not waited for yet, so the number is still its own
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a zombie
            os.killpg(child.pid, signal.SIGKILL)
    return _drain(child, _DRAIN)


def _drain(child: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
    """Read what there is for that long at most, and close the pipes."""
    import subprocess

    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as late:
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                pipe.close()
        out, err = late.output or b"", late.stderr or b""
    child.poll()
    return out, err


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
        return TryLater(f"{argv[0]}: {error.strerror}")
    return files.failure(error, argv[0])


def which(program: str, path: str) -> str | None:
    """The full path of a program, looked up in path as PATH is written (an empty entry is no place); None when it is not there."""
    places = [program] if "/" in program else [os.path.join(folder, program) for folder in path.split(":") if folder]
    return next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), None)


def warm() -> None:
    """Import what starting a program needs, before there is one to start."""
    import subprocess  # noqa: F401
