"""How commands speak: JSON Lines on stdout for programs, words on stderr for people; and how they read what another command printed."""
from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from orch.errors import BadData, IOFailed, OrchError, Usage
from orch.host import files

# What moves a terminal's cursor or turns the direction of writing, and JSON does not escape by itself.
COMMANDS = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def json_line(value: Any) -> None:
    """Print one value as one line of JSON."""
    text(_json(value) + "\n")


def shown(value: Any) -> str:
    """One value as a script wants it: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    line = files.line(value)
    return line if line.isprintable() else re.sub(COMMANDS, lambda found: f"\\u{ord(found[0]):04x}", line)


def text(data: str) -> None:
    """Print as it is, but for halves of surrogate pairs that stand for no byte of a file's name: those are shown as JSON escapes them.

    raises IOFailed when it cannot arrive; a reader that went away is main's business
    """
    try:
        sys.stdout.write(data)
    except UnicodeEncodeError:
        text(re.sub("[\ud800-\udc7f\udd00-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", data))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise IOFailed(f"standard output: {error.strerror}", "what was printed is not complete") from None


def raw(data: bytes, fd: int = 1) -> None:
    """Print another program's bytes as they are, on our stdout (1) or stderr (2). raises IOFailed as `text` does"""
    stream = sys.stdout if fd == 1 else sys.stderr
    try:
        if fd == 2:
            sys.stdout.flush()  # on a terminal they come in the order in which they were written
        stream.buffer.write(data)
        if fd == 2:
            stream.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise IOFailed(f"standard {'output' if fd == 1 else 'error'}: {error.strerror}", "what was printed is not complete") from None


def deserted(seconds: float) -> bool:
    """Wait a moment; True, at once, when whoever read our stdout has gone away, so that nobody is watched for."""
    import select

    poll = select.poll()
    poll.register(1, 0)  # errors and hang-ups are always told
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(seconds * 1000))


def flush() -> None:
    """Let a reader see now what was printed; for commands that go on for long."""
    sys.stdout.flush()


def say(words: str) -> None:
    """Tell the person something, on stderr; whose words it may be, they only show. When nobody can be told, the status still says it."""
    from orch.core.text import harmless

    try:
        sys.stderr.write(harmless(words.rstrip("\n")) + "\n")
        sys.stderr.flush()
    except OSError:
        pass


def problem(who: str, error: OrchError, name: str = "") -> None:
    """Tell of a failure that stops nothing else in the words of one that does: what happened to which thing, then what to do.

    who   the command, `orch task`: what cron mails says whose words these are
    name  of the thing, as it was given; put before a message that does not name it
    """
    what = error.message.partition(": ")[0]
    named = not name or what.startswith(name) or name.rpartition("#")[2] in re.split(r"[^\w-]+", what)
    say(f"{who}: {'' if named else name + ': '}{error.message}" + (f"\n{who}: hint: {error.hint}" if error.hint else ""))


def lines_in(args: Sequence[str]) -> Iterator[dict[str, Any] | str]:
    """What a plumbing command works on: the ids in args, or, for a lone `-`, each line of stdin (a JSON object or an id).

    raises Usage when there is nothing at all; BadData with the line's number
    """
    if tuple(args) == ("-",):
        yield from read_lines()
        return
    if not args:
        raise Usage("no task is named", "name one or more, or - to read them from standard input")
    if "-" in args:
        raise Usage("- stands alone: standard input is read, or tasks are named", "use one or the other")
    yield from args


def ref(each: dict[str, Any] | str) -> str:
    """The task that a line is about, as people write it: an id, a record, or an event, act or check, which name it as `task`.

    raises BadData for an object that names none
    """
    if isinstance(each, str):
        return each
    id, project = each.get("id") or each.get("task"), each.get("project")
    if not isinstance(id, (str, int)):
        raise BadData(f"an object that names no task: {json.dumps(each, ensure_ascii=False)[:80]}", "it needs an id, best with a project")
    return f"{project}#{id}" if project else str(id)


def read_lines() -> Iterator[dict[str, Any] | str]:
    """The lines of standard input, as they come; empty ones are passed over. raises BadData with the line's number"""
    for number, raw in enumerate(sys.stdin.buffer, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            value = json.loads(line) if line[:1] in ("{", "[", '"') else line
        except ValueError as error:
            raise BadData(f"standard input, line {number}: not JSON ({error})") from None
        if not isinstance(value, (dict, str)):
            raise BadData(f"standard input, line {number}: expected an object or an id")
        if value:
            yield value
