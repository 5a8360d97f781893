"""The only way to tmux: a private server of this ORCH_HOME, no user configuration, exact targets, every call under a time-out.

Somebody's `tmux kill-server` cannot reach it, and `has-session -t orch-1` cannot mean orch-10 (that is what `=` is for). Values of the
environment travel over the socket, never on a command line where every user of the machine could read them: `update-environment` has
the server copy them from its client. What the server itself was started with goes to every session as well, for as long as it lives,
so it is started with nothing.
"""
from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
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
AT_ONCE = 100  # commands in one call; tmux takes about 16 KB
SOCKET_LIMIT = 100  # bytes; sockaddr_un has 104 on macOS and 108 on Linux
_NOBODY = (
    r"can't find session|session not found|no (server running|sessions|current target)|server exited|No such file or directory|refused"
)


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
    """Start a detached session that runs argv with exactly the variables of env (and tmux's own). raises IOFailed, TryLater, Unavailable"""
    _make_place(socket(world))
    # a session that keeps the server alive until the other one is there, since that must not start the server, with all of env
    keeper = f"start-{os.urandom(6).hex()}"
    keep = ("new-session", "-d", "-P", "-F", "#{session_name}", "-s", keeper, "--", "sleep", f"{4 * PATIENCE:.0f}")
    ask = _chain([keep, ("show-environment", "-g"), ("has-session", "-t", f"={session}")])
    done = call(world, *ask, env=_least(world.env))
    if b"server exited" in done.err:  # its last session ended just now; the next one is another server
        done = call(world, *ask, env=_least(world.env))
    if not done.out.startswith(keeper.encode()):
        raise _none(session, done)
    if done.code == 0:  # left over: what it ran has released its lock, or we would not be here
        kill(world, session)
    # next to nothing when this orch started the server; an earlier one let it inherit everything
    there = re.findall(r"(?m)^([^=\n]+)=", done.out.decode(errors="surrogateescape"))
    words: list[tuple[str, ...]] = [("set-environment", "-gu", "--", name) for name in there]
    while len(words) > AT_ONCE:
        call(world, *_chain(words[:AT_ONCE]), env=_least(world.env))
        del words[:AT_ONCE]
    start = ("new-session", "-d", "-s", session, "-x", "200", "-y", "50", "--", *argv)
    done = call(world, *_chain([*words, *_carry(env), start, ("kill-session", "-t", f"={keeper}")]), env=env)
    if done.code:
        raise _none(session, done)


def _carry(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The commands that have the next session take these variables from its client."""
    plain = {name for name in names if re.fullmatch(r"\w+", name)}
    odd = [re.sub(r"([\\*?\[;])", r"\\\1", name) for name in names if name not in plain]  # each is a pattern, and a list splits at spaces
    found: list[tuple[str, ...]] = [("set-option", "-g", "update-environment", " ".join(sorted(plain)))]
    return found + [("set-option", "-g", "--", f"update-environment[{number}]", name) for number, name in enumerate(odd, len(plain))]


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
    become([*_tmux(world), "attach-session", "-E", "-t", f"={session}", *bar], _clean(world.env))


def _tmux(world: World) -> list[str]:
    return ["tmux", "-S", socket(world), "-f", "/dev/null"]


def _chain(commands: Iterable[Sequence[str]]) -> list[str]:
    return [word for command in commands for word in (";", *command)][1:]


def _none(session: str, done: proc.Done) -> IOFailed:
    return IOFailed(f"tmux: no session {session}: {done.err.decode(errors='replace').strip() or f'exit status {done.code}'}")


def _least(env: Mapping[str, str]) -> dict[str, str]:
    """What a tmux needs that only starts the server: where programs lie, and whose it is."""
    return {name: env[name] for name in ("HOME", "PATH") if name in env}


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
