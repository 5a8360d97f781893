"""Text for agents, made of text from people: what a prompt is told, how much of it, and how it is kept apart from ours.

Everything that somebody else wrote (title, body, labels, file names, diffs, errors) goes into a prompt in one of two ways: `fenced`, in a
block whose fence is longer than any run of backticks inside, so that nothing in it can end the block; or `code`, on one line, likewise.
"""
from __future__ import annotations

import re
from typing import NamedTuple

from orch.records import Failure


class Facts(NamedTuple):
    """What flow.run knows of the attempt that the prompt is for."""

    n: int  # number of this attempt since the last reset, from 1
    max: int
    checkout: str
    branch: str
    base: str | None  # SHA that the task's commits are counted from; None: nothing was prepared yet
    head: str | None  # SHA of the work so far, in the mirror
    result: str  # path of the file that $ORCH_RESULT names
    verify: list[str]
    last_failure: Failure | None = None
    conflict: bool = False  # merge the moved default branch first
    files: tuple[str, ...] = ()  # the files in conflict, as far as they are known
    detail: str = ""  # what the failed checks printed
    default: str = ""  # name of the default branch; empty: as the mirror says
    setup: tuple[str, ...] = ()  # commands that ran in the checkout, and run in a clone before it is verified
    copy: tuple[str, ...] = ()  # patterns of the files that were copied into the checkout, and will be into that clone


def cap(text: str, limit: int, end: bool = False) -> str:
    """At most `limit` characters: the first of text, or the last, and a line that says how many were left out."""
    if len(text) <= limit:
        return text
    room = max(0, limit - len(f"\n[{len(text)} characters left out]"))
    note = f"[{len(text) - room} characters left out]"
    return f"{note}\n{text[len(text) - room :]}" if end else f"{text[:room]}\n{note}"


def fenced(text: str, info: str = "") -> str:
    """text as a Markdown block that nothing in it can end."""
    fence = "`" * max(3, _run(text) + 1)
    return f"{fence}{info}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{fence}"


def code(text: str) -> str:
    """text as Markdown code within a line; line breaks and other control characters become spaces."""
    flat = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text)
    ticks = "`" * (_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") or not flat.strip() else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _run(text: str) -> int:
    """Length of the longest run of backticks."""
    return max(map(len, re.findall(r"`+", text)), default=0)


def outline(paths: list[str], limit: int) -> list[str]:
    """A file tree in about `limit` lines: every path or, when there are more, folders as deep as fits, with their number of files."""
    if len(paths) <= limit:
        return sorted(paths)
    shown = _at_depth(paths, 1)
    for depth in range(2, 20):
        deeper = _at_depth(paths, depth)
        if len(deeper) > limit:
            break
        shown = deeper
    left = len(shown) - limit
    return shown if left <= 0 else [*shown[:limit], f"[{left} more entries]"]


def _at_depth(paths: list[str], depth: int) -> list[str]:
    """Folders at `depth` stand for the files below them; one that holds a single file is no shorter, and is shown as that file."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        parts = path.split("/")
        groups.setdefault(path if len(parts) <= depth else "/".join(parts[:depth]) + "/", []).append(path)
    return sorted(members[0] if len(members) == 1 else f"{folder} ({len(members)} files)" for folder, members in groups.items())
