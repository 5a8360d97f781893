"""Who runs on this machine: one process named for ever, all of them at one moment, and those that carry an attempt's token.

A pid alone names nobody, since it is given away again. A process is (pid, start, boot): its start time as the kernel tells it and the
id of this boot. Linux tells by /proc, other systems by ps and sysctl. A zombie has ended: it is nobody here.
"""
from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

LINUX = sys.platform.startswith("linux")
# ps prints local times and words in the user's language unless told otherwise
PLAIN = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
IN_EXEC = 1.0  # seconds for which a process may be in the midst of an exec, on a machine that has more to do than it can


class Kin(NamedTuple):
    pid: int
    parent: int
    start: str


def me() -> tuple[int, str, str]:
    """This process: pid, start, boot."""
    start, boot = identity(os.getpid()) or ("", "")
    return os.getpid(), start, boot


def identity(pid: int) -> tuple[str, str] | None:
    """What, with its pid, names a process: (start, boot). None: no such process, or not to be known."""
    found = _linux(pid) if LINUX else next(iter(_ps("-p", str(pid))), None)
    return (found.start, boot()) if found else None


def alive(pid: int, start: str, boot_id: str) -> str:
    """Whether that very process still runs: `yes`, `no` or `unknown`. Unknown must never lead to a kill or a removal."""
    if pid <= 0:
        return "no"
    now = identity(pid)
    if now is None:
        if not _exists(pid):
            return "no"
        return "no" if LINUX and status(pid)[:1] in (["Z"], ["X"]) else "unknown"
    if not start or not boot_id or not now[1]:
        return "unknown"
    return "yes" if now == (start, boot_id) else "no"


def boot() -> str:
    """The id of this boot; empty when the system does not tell."""
    if LINUX:
        return _text("/proc/sys/kernel/random/boot_id").strip()
    from orch.host import spawn

    # not kern.boottime, which moves when the clock is set
    return spawn.run(["sysctl", "-n", "kern.bootsessionuuid"], env=PLAIN, timeout=5).out.decode(errors="replace").strip()


def everybody() -> dict[int, Kin]:
    """Every process that has not ended, by pid."""
    if not LINUX:
        return told_by_ps()
    found = (_linux(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return {kin.pid: kin for kin in found if kin}


def told_by_ps() -> dict[int, Kin]:
    """As `everybody`, on any system. What has ended since is left out: the ps itself above all, which was our child when it looked."""
    return {kin.pid: kin for kin in _ps("-ax") if _exists(kin.pid)}


def descendants(roots: Iterable[int], people: dict[int, Kin]) -> set[int]:
    """The roots that are among people, with all children and children's children."""
    children: dict[int, list[int]] = {}
    for kin in people.values():
        children.setdefault(kin.parent, []).append(kin.pid)
    found: set[int] = set()
    waiting = [pid for pid in roots if pid in people]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, ())
    return found


def holders(token: str) -> list[int]:
    """The processes, this one apart, that were started with ORCH_ATTEMPT=token in their environment."""
    if not token:
        return []
    mark = b"ORCH_ATTEMPT=" + os.fsencode(token)
    if not LINUX:
        from orch.host import spawn

        rows = spawn.run(["ps", "axEww", "-o", "pid=,command="], env=PLAIN, timeout=10).out.splitlines()
        pids = [int(row.split()[0]) for row in rows if mark in row.split()]
    else:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit() and mark in environ(int(name)).split(b"\0")]
    return [pid for pid in pids if pid != os.getpid()]


def environ(pid: int) -> bytes:
    """What a process was started with. An exec takes the old one away some milliseconds before the new one is there: look again then."""
    end = time.monotonic() + IN_EXEC
    while not (found := _bytes(f"/proc/{pid}/environ")) and _has_one(pid) and time.monotonic() < end:
        time.sleep(0.001)
    return found


def _has_one(pid: int) -> bool:
    """Fields 50 and 51 bound its environment. Before they are set it has at least a program, unlike a zombie or a thread of the kernel."""
    begin, end = (status(pid)[47:49] or ["0", "0"])
    return begin != end if end != "0" else os.path.exists(f"/proc/{pid}/exe")


def _linux(pid: int) -> Kin | None:
    fields = status(pid)
    return Kin(pid, int(fields[1]), fields[19]) if len(fields) > 19 and not _ended(fields) else None


def status(pid: int) -> list[str]:
    """Fields 3 and on of /proc/<pid>/stat; the second, the name, may hold anything, parentheses too."""
    return _text(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _ended(fields: list[str]) -> bool:
    """A zombie, unless only its first thread has ended."""
    return fields[0] in "ZX" and int(fields[17]) < 2


def _ps(*which: str) -> list[Kin]:
    from orch.host import spawn

    return parse_ps(spawn.run(["ps", *which, "-o", "pid=,ppid=,stat=,lstart="], env=PLAIN, timeout=10).out.decode(errors="replace"))


def parse_ps(text: str) -> list[Kin]:
    """Read lines of `ps -o pid=,ppid=,stat=,lstart=`: `  512   1 Ss   Thu Nov 20 23:01:38 2026`."""
    rows = (line.split(None, 3) for line in text.splitlines())
    return [Kin(int(row[0]), int(row[1]), " ".join(row[3].split())) for row in rows if len(row) == 4 and "Z" not in row[2]]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _text(path: str) -> str:
    return _bytes(path).decode(errors="replace")


def _bytes(path: str) -> bytes:
    """What a file of /proc says; empty when its process is gone or another user's."""
    with contextlib.suppress(OSError), open(path, "rb", buffering=0) as file:
        return file.read()
    return b""
