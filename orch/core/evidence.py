"""What git's output says of an attempt: which commits are its own, which paths need a person, which added lines look like secrets."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from orch.core import globs, secret
from orch.records import Evidence

# How `git log` is asked to begin each commit: a line that no diff holds, then the commit and its parents.
MARK = b"\0"
FORMAT = "--format=%x00%H %P"


CHUNK = 2000  # lines that are searched together
# Mostly public, and shipped with many a test suite; a private key in one is found by its content.
CERTIFICATES = (".pem", ".key")
_SECRET_NAME = r"(?i)TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL"


class Scan(NamedTuple):
    commits: dict[str, list[str]]  # SHA -> parents
    secrets: list[dict[str, str]]


def scan(lines: Iterable[bytes], known: Mapping[str, str] | None = None) -> Scan:
    """Read `git log -p FORMAT` line by line: every commit is looked at, because what a later one takes out is published all the same.

    In a merge (combined diff) only lines that are in no parent count. known: values that must not be published, each with its name
    """
    commits: dict[str, list[str]] = {}
    found: dict[tuple[str, str], None] = {}
    held = [(value.encode(), name) for value, name in (known or {}).items()]
    path, header, new, plus = "", False, False, b"+"
    added: list[bytes] = []
    for line in lines:
        if added and (line[:1] in b"\0d" or len(added) >= CHUNK):
            found.update(((path, kind), None) for kind in _kinds(added, held))
            added = []
        if line.startswith(MARK):
            sha, *parents = line[1:].decode().split()
            commits[sha] = parents
            header = False
        elif line.startswith(b"diff "):
            path, header, new, plus = "", True, False, b"+"
            if line.startswith((b"diff --cc ", b"diff --combined ")):  # of a merge
                path = _name(line.split(b" ", 2)[2])
        elif line.startswith(b"@@"):  # a changed line always begins with a plus, a minus, a space or a backslash
            header = False
            plus = b"+" * (len(line) - len(line.lstrip(b"@")) - 1)
        elif header:
            new = new or line.startswith(b"new file mode")
            if line.startswith(b"+++ "):
                path = _name(line[4:])
                if new and not path.endswith(CERTIFICATES) and secret.named(path):
                    found[(path, "a file that usually holds secrets")] = None
            elif line.startswith(b"Binary files "):  # all that git tells of such a file in a merge, when it is as in none of the parents
                found[(path, "a binary file that was made in a merge, not looked through")] = None
        elif line.startswith(plus):
            added.append(line[len(plus):])
    found.update(((path, kind), None) for kind in _kinds(added, held))
    return Scan(commits, [{"path": path, "what": what} for path, what in found])


def _kinds(added: Sequence[bytes], held: Iterable[tuple[bytes, str]]) -> list[str]:
    """The kinds of secrets in added lines; all of them are searched at once, which is fast."""
    text = b"\n".join(added)
    return [f"the value of {name}" for value, name in held if value in text] + list(secret.kinds(text))


def values(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that hold a secret, to judge by their names: value -> `$NAME`."""
    return {
        value: f"${name}" for name, value in environment.items()
        if len(value) >= 12 and re.search(_SECRET_NAME, name) and not value.startswith("/") and "\n" not in value
    }


def _name(raw: bytes) -> str:
    """The path in a line such as `+++ b/path`; git quotes names with odd letters as C does."""
    raw = raw.rstrip(b"\t\r")
    if raw.startswith(b'"') and raw.endswith(b'"'):
        raw = re.sub(rb"\\([0-7]{3}|.)", _unescape, raw[1:-1])
    return raw.removeprefix(b"b/").decode(errors="backslashreplace")


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if len(code) == 3:
        return bytes([int(code, 8) & 255])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}.get(code, code)


def after(commits: Mapping[str, Sequence[str]], head: str, start: str) -> int:
    """How many of these commits head has and start has not."""
    return len(_reach(commits, head) - _reach(commits, start))


def _reach(commits: Mapping[str, Sequence[str]], tip: str) -> set[str]:
    seen: set[str] = set()
    stack = [tip]
    while stack:
        each = stack.pop()
        if each in commits and each not in seen:
            seen.add(each)
            stack += commits[each]
    return seen


def protected(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The paths that a pattern means (core/globs)."""
    rules = [globs.compiled(pattern) for pattern in patterns]
    return [path for path in paths if any(rule.fullmatch(path) for rule in rules)]


def objection(found: Evidence) -> str | None:
    """Why a person has to look before this is published; None when nobody has to."""
    said = []
    if paths := found.get("protected"):
        said.append(f"changes protected paths: {_some(paths)}")
    if seen := found.get("secrets"):
        said.append("adds what looks like a secret: " + _some([f"{each['path']} ({each['what']})" for each in seen]))
    return "; ".join(said) or None


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
