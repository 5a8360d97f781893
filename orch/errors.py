"""Every way a command can end badly: one class per exit status (design section 6, orch(7)).

Raise the class that says what it means for the caller, never where it happened. The message is one line: what happened, to which
thing. `hint` says what to do next and is printed as the second line. Anything that is not an OrchError is our bug (70).
"""
from __future__ import annotations

from collections.abc import Sequence

OK, NO, BUG = 0, 1, 70


class OrchError(Exception):
    """A failure that a person can act on; `code` is the exit status, `retry` says that the same call may work later."""

    code = BUG
    retry = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Usage(OrchError):
    """The command line does not make sense."""

    code = 2


class BadData(OrchError):
    """Input lines or a record on disk do not have the shape that their format promises."""

    code = 65


class NotFound(OrchError):
    """No such task, project, job, attempt or file."""

    code = 66


class Unavailable(OrchError):
    """An agent or a tool is missing, or a service refuses."""

    code = 69


class Exists(OrchError):
    """The thing to be created is there already."""

    code = 73


class IOFailed(OrchError):
    """The disk is full, a path cannot be read or written, git failed in a way that trying again will not mend."""

    code = 74


class TryLater(OrchError):
    """A lock is busy, a limit is reached, the network is down, a time-out passed."""

    code = 75
    retry = True


class NotAllowed(OrchError):
    """Policy, permission or the task's state forbids it."""

    code = 77


class BadConfig(OrchError):
    """The configuration is wrong; `problems` lists all of it, each with its path."""

    code = 78

    def __init__(self, problems: Sequence[str], hint: str = "run `orch config check` for the whole list") -> None:
        shown = "; ".join(problems[:3]) + (f" (and {len(problems) - 3} more)" if len(problems) > 3 else "")
        super().__init__(f"bad configuration: {shown}", hint)
        self.problems = list(problems)


CLASSES: tuple[type[OrchError], ...] = (Usage, BadData, NotFound, Unavailable, Exists, IOFailed, TryLater, NotAllowed, BadConfig)
CODES: dict[int, str] = {
    0: "done, or the answer is yes",
    1: "the answer is no (a cron expression does not match, a check finds nothing)",
    2: "wrong usage",
    65: "bad data: input or a record does not have the right shape",
    66: "no such task, project, job or file",
    69: "an agent or tool is missing",
    70: "a bug in orch; a report file was written and is named",
    73: "it exists already",
    74: "input or output failed",
    75: "try again later: a lock is held, a limit is reached, the network is down",
    77: "not allowed",
    78: "bad configuration; every problem is listed with its path",
}
