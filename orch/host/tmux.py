"""The only way to tmux: a private server of this ORCH_HOME, no user configuration, exact targets, every call under a time-out.

Somebody's `tmux kill-server` cannot reach it, and `has-session -t orch-1` cannot mean orch-10 (that is what `=` is for). Values of the
environment travel over the socket, never on a command line where every user of the machine could read them: the server copies from
its client what `update-environment` names.
"""
from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import NoReturn

from orch.errors import IOFailed, NotAllowed, NotFound, TryLater
from orch.host import files, proc
from orch.host.become import become
from orch.host.world import World

PATIENCE = 10.0  # seconds for one call; it normally takes a few milliseconds
# what somebody who never used tmux has to know
BAR = {
    "status-left": " #S ", "status-left-length": "60", "status-right": " C-b d leaves, C-c ends the attempt ", "status-right-length": "40",
}
SOCKET_LIMIT = 100  # bytes; sockaddr_un has 104 on macOS and 108 on Linux
_NOBODY = r"can't find session|session not found|no server running|no sessions|server exited|No such file or directory|refused"


def socket(world: World) -> str:
    """The server's socket: in ORCH_HOME, or in a directory of ours below /tmp when that path is too long for a socket."""
    path = world.home.state("tmux.sock")
    if len(os.fsencode(path)) < SOCKET_LIMIT:
        return path
    import hashlib

    return f"/tmp/orch-{os.getuid()}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}/tmux.sock"


def call(world: World, *words: str, env: Mapping[str, str] | None = None) -> proc.Done:
    """One tmux command, whatever its verdict. raises Unavailable, TryLater"""
    return proc.run([*_tmux(world), *words], env=_clean(world.env if env is None else env), cwd="/", timeout=PATIENCE)


def new(world: World, session: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Start a detached session that runs argv with exactly the variables of env (and tmux's own). raises IOFailed"""
    _make_place(socket(world))
    if session_alive(world, session) == "yes":  # left over: what it ran has released its lock, or we would not be here
        kill(world, session)
    names = " ".join(sorted(name for name in env if re.fullmatch(r"\w+", name)))
    start = ("new-session", "-d", "-s", session, "-x", "200", "-y", "50", "--", *argv)
    done = call(world, "set-option", "-g", "update-environment", names, ";", *start, env=env)
    if done.code:
        raise IOFailed(f"tmux: no session {session}: {done.err.decode(errors='replace').strip() or f'exit status {done.code}'}")


def session_alive(world: World, session: str) -> str:
    """`yes`, `no` or `unknown`."""
    try:
        done = call(world, "has-session", "-t", f"={session}")
    except TryLater:
        return "unknown"
    if done.code == 0:
        return "yes"
    return "no" if re.search(_NOBODY, done.err.decode(errors="replace")) else "unknown"


def sessions(world: World) -> list[str]:
    """The names of all sessions of this server; empty when there is no server. raises IOFailed, TryLater, Unavailable"""
    done = call(world, "list-sessions", "-F", "#{session_name}")
    said = done.err.decode(errors="replace")
    if done.code and not re.search(_NOBODY, said):
        raise IOFailed(f"tmux: {said.strip()}")
    return done.out.decode(errors="replace").splitlines()


def kill(world: World, session: str) -> bool:
    """End a session; True when it is gone."""
    call(world, "kill-session", "-t", f"={session}")
    return session_alive(world, session) == "no"


def capture(world: World, session: str) -> str:
    """What its screen shows. raises NotFound"""
    done = call(world, "-u", "capture-pane", "-p", "-t", f"={session}:")
    if done.code:
        raise NotFound(f"no tmux session {session}", "`orch stream TASK` shows its output")
    return done.out.decode(errors="replace").rstrip() + "\n"


def attach(world: World, session: str) -> NoReturn:
    """Become a client of the session; detach with C-b d. raises NotFound"""
    if session_alive(world, session) == "no":
        raise NotFound(f"no tmux session {session}", "it has ended; `orch stream TASK` shows its output")
    # the bar comes second, so that nothing wrong with it keeps anybody out
    bar = [word for name, value in BAR.items() for word in (";", "set-option", "-t", f"={session}:", name, value)]
    become([*_tmux(world), "attach-session", "-t", f"={session}", *bar], _clean(world.env))


def _tmux(world: World) -> list[str]:
    return ["tmux", "-S", socket(world), "-f", "/dev/null"]


def _clean(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in ("TMUX", "TMUX_PANE")}


def _make_place(path: str) -> None:
    """Make the socket's directory. raises NotAllowed when somebody else got there first"""
    folder = os.path.dirname(path)
    files.make_dir(folder)
    try:
        found = os.lstat(folder)
    except OSError as error:
        raise files.failure(error, folder) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o022:
        hint = f"`chmod go-w {folder}` if it is yours; else set ORCH_HOME to another path"
        raise NotAllowed(f"{folder}: not a directory that only this user can write to", hint)
