"""Processes of an attempt that carry nothing of it any more: a daemon with a session of its own and an emptied environment, whose
parents are gone. Only where they work tells where they come from, and only Linux tells that.

A person may be in the same directory, to look. So this finds too few rather than one of his: ours by uid, begun after the attempt did,
without a terminal, without a trace of a login or a desktop in the environment, and not the child of anybody younger who is none of them.
"""
from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from orch.host import kin
from orch.host.kin import Kin

# What a login, a desktop or a terminal leaves in everything that is started there, and what flow/environ gives to no agent.
PERSON = (b"DISPLAY=", b"WAYLAND_DISPLAY=", b"XDG_SESSION_ID=", b"XDG_RUNTIME_DIR=", b"SSH_CONNECTION=", b"TERM=")
DUMB = b"TERM=dumb"  # what it does give
GONE = " (deleted)"  # what the kernel puts behind the name of a directory that is not there any more


def inside(place: str, since: str, people: Mapping[int, Kin]) -> set[int]:
    """The pids of those who work in the directory `place` or below it.

    since  the start of a process of this boot (kin.Kin.start) before which the attempt had not begun
    """
    if not kin.LINUX or not since.isdigit() or not place:
        return set()
    place = os.path.realpath(place)
    ours = set(_ancestors(os.getpid(), people))
    young = {pid: each for pid, each in people.items() if int(each.start) >= int(since)}
    found = {pid for pid in young if pid not in ours and _works(pid, place) and _alone(pid)}
    while others := {pid for pid in found if (parent := people[pid].parent) in young and parent not in found}:
        found -= others
    return found


def _ancestors(pid: int, people: Mapping[int, Kin]) -> Iterator[int]:
    while pid in people:
        yield pid
        pid = people[pid].parent


def _works(pid: int, place: str) -> bool:
    try:
        where = os.readlink(f"/proc/{pid}/cwd").removesuffix(GONE)
        return (where == place or where.startswith(place + "/")) and os.stat(f"/proc/{pid}").st_uid == os.getuid()
    except OSError:  # it has ended, or is not ours to look at
        return False


def _alone(pid: int) -> bool:
    """Whether no terminal and no person's session is to be seen."""
    fields = kin.status(pid)
    words = kin.environ(pid).split(b"\0")
    return fields[4:5] == ["0"] and not any(word.startswith(PERSON) and word != DUMB for word in words)
