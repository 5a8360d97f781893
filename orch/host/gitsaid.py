"""What git says on stderr, to what that means for the caller: the error to raise with a hint, the progress, one line for a person."""
from __future__ import annotations

import re
from collections.abc import Sequence

from orch.errors import IOFailed, NotAllowed, OrchError, TryLater
from orch.host import proc, spawn

# First match wins: "could not read from remote" follows many other causes.
_SHORT = r"died of signal (2|9|15)\b|cannot fork|unable to create (async )?thread|resource temporarily unavailable"
_DISK = r"no space left on device|disk quota exceeded|file too large"
_AUTH = (
    r"authentication failed|permission denied \(|could not read (username|password)|terminal prompts disabled|invalid username or"
    r"|returned error: 40[13]\b|access denied|permission to \S+ denied|host key verification failed|sign_and_send_pubkey"
)
_GONE = r"does not appear to be a git repository|repository \S+ does not exist|repository \S* ?not found|not a git repository"
_BUSY = r"\.lock': File exists|cannot lock ref|could not lock|another git process"
_NET = (
    r"could not resolve (host|proxy)|name or service not known|name resolution|failed to connect|couldn't connect"
    r"|connection (refused|timed out|reset|closed)|operation timed out|network is (unreachable|down)|no route to host|early eof"
    r"|hung up unexpectedly|unexpected disconnect|rpc failed|returned error: (5\d\d|429)\b|gnutls_\w+|gnutls recv|ssl_error\w*"
    r"|ssl_connect|tls (connection|handshake)|transfer closed|empty reply from server|broken pipe"
)


KILLED = "it is tried again; is memory short (`dmesg` tells whom the kernel killed)?"


class DiskFull(IOFailed):
    """There is no room just now."""

    retry = True


def failure(done: proc.Done, args: Sequence[str], where: str = "") -> OrchError:
    """Read git's complaint; returns the error to raise."""
    said = redact(done.err.decode(errors="replace")).replace("\r", "\n")  # what follows its progress stands on the same line
    said = re.sub(r"(?m)^ [ *+t=-] .* -> .*\n?", "", said)  # the refs that it has fetched: their names tell of no failure
    killed = spawn.killed(done.code)
    kinds: tuple[tuple[str, type[OrchError], str], ...] = (
        (_SHORT, proc.Accident, KILLED),
        (_DISK, DiskFull, "free some space; nothing was lost"),
        (_AUTH, NotAllowed, "check the credentials: `git ls-remote <origin>` must work without asking, as this user, from cron"),
        (_GONE, IOFailed, "is the repository still there? `orch project list` shows each origin"),
        (_BUSY, TryLater, "another git works on the same repository, or died in it"),
        (_NET, TryLater, "the network or the other side is down; it is tried again"),
    )
    kind: type[OrchError] = proc.Accident if killed else IOFailed
    hint, line = (KILLED, "") if killed else ("", complaint(said))
    for pattern, kind_of, what_next in kinds:
        if not killed and (found := re.search(pattern, said, re.I)):
            kind, hint = kind_of, what_next
            line = said[said.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0].strip()
            break
    if not line:
        line = f"ended by signal {done.code - 128}" if done.code > 128 else f"exit status {done.code}"
    return kind(f"git {verb(args)}: {line[:500]}" + (f" (in {where})" if where else ""), hint)


def progress(said: bytes) -> str:
    """The last that git's --progress says, without its speed: `Receiving objects:  45% (450/1000), 1.20 MiB`; empty before the first."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", said.decode(errors="replace")) if "%" in line]
    return lines[-1].removeprefix("remote: ").split(" | ")[0] if lines else ""


def complaint(said: str) -> str:
    """The one line of git's stderr that tells most."""
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    for start in ("fatal:", "error:", "remote: error", "remote: fatal", "!", "remote:"):
        for each in lines:
            if each.startswith(start):
                return each
    return lines[-1] if lines else ""


def redact(said: str) -> str:
    """Hide the credentials that a URL may carry."""
    return re.sub(r"(\w[\w+.-]*://)[^/ \t\r\n'\"]+@", r"\1***@", said)


def verb(args: Sequence[str]) -> str:
    """What a call is about, for messages: the first word that is no option."""
    words = iter(args)
    for word in words:
        if word in ("-c", "-C"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""
