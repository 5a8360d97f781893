"""End everything that an attempt started, wherever it went: sessions of its own, daemons, orphans.

They are found anew in each round, because they fork: by the attempt's token in their environment, as descendants of the given roots (a
sub-reaper is the ancestor of everything below it, whoever died in between) and, when the sub-reaper is gone, by where they work. TERM
first, KILL after the grace, until none is left or the bound is reached. A signal goes to the very process that was found, never to a
later owner of its number, and never to us.
"""
from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterable

from orch.host import kin

BOUND = 10.0  # seconds after the grace; what has not gone by then sleeps in the kernel or is not ours to kill
_ROUND = 0.2  # seconds between two looks, at most


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends first, so that none can hide. Only Linux has this."""
    if sys.platform.startswith("linux"):
        import ctypes

        PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def childless() -> bool:
    """Whether nothing is left of what this process started. True is certain: a sub-reaper has all its descendants as children in the end,
    and the kernel says that there are none. Anywhere else, and while a zombie waits to be reaped, it is False, and end_tree has to look."""
    if not sys.platform.startswith("linux") or not _adopts():
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return False
    except ChildProcessError:
        return True


def _adopts() -> bool:
    """Whether this process is a sub-reaper."""
    import ctypes

    PR_GET_CHILD_SUBREAPER = 37
    answer = ctypes.c_int(0)
    return ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0) == 0 and answer.value == 1


def members(token: str, roots: Iterable[int], place: str = "", since: str = "") -> dict[int, kin.Kin]:
    """Who belongs to it now, this process apart."""
    people = kin.everybody()
    more: Iterable[int] = ()
    if since:
        from orch.host import strays

        more = strays.inside(place, since, people)
    found = kin.descendants([*roots, *kin.holders(token), *more], people)
    return {pid: people[pid] for pid in found if pid != os.getpid()}


def signal_all(token: str, roots: Iterable[int], number: int) -> int:
    """Send one signal to all of them; returns how many there were."""
    found = members(token, roots)
    for each in found.values():
        _send(each, number)
    return len(found)


def end_tree(
    token: str, roots: Iterable[int] = (), grace: float = 5.0, *, bound: float = BOUND, place: str = "", since: str = ""
) -> bool:
    """TERM, grace, KILL. roots that are not this process are ended too. Returns whether all are gone; the caller reaps his children.

    place, since  with these, also those who carry no token and work in that directory (host/strays)
    """
    roots = list(roots)
    asked: set[kin.Kin] = set()
    begin = time.monotonic()
    empty = 0
    while True:
        found = members(token, roots, place, since)
        # one look can miss a child whose parent died while we read; a second one sees it
        empty = 0 if found else empty + 1
        if empty == 2:
            return True
        late = time.monotonic() - begin
        if found and late > grace + bound:
            return False
        for each in found.values():
            if late >= grace:
                _send(each, signal.SIGKILL)
            elif each not in asked:
                _send(each, signal.SIGTERM)
                _send(each, signal.SIGCONT)  # a stopped process does not see the TERM before it runs again
                asked.add(each)
        if found:
            _await(found, min(_ROUND, grace - late) if late < grace else 0.02)


def _send(one: kin.Kin, number: int) -> None:
    """Signal exactly this process. Through a pid descriptor, where the system has them, there is no moment at which it could be another."""
    fd = _descriptor(one.pid)
    try:
        now = kin.identity(one.pid)
        if now is None or now[0] != one.start:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if fd is None:
                os.kill(one.pid, number)
            else:
                signal.pidfd_send_signal(fd, number)
    finally:
        if fd is not None:
            os.close(fd)


def _descriptor(pid: int) -> int | None:
    """A descriptor of the process; None when it is gone, or the system has no such thing."""
    # a Python that was built for old kernels has neither
    if sys.platform.startswith("linux") and hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal"):
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return None


def _await(found: Iterable[int], seconds: float) -> None:
    """Wait until one of them ends, or for that long."""
    descriptors = [fd for fd in map(_descriptor, list(found)[:100]) if fd is not None]
    poll = select.poll()
    for fd in descriptors:
        poll.register(fd, select.POLLIN)
    try:
        poll.poll(max(1, int(seconds * 1000)))
    finally:
        for fd in descriptors:
            os.close(fd)
