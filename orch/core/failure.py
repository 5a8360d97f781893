"""The ways an attempt can fail: one closed table. A row says what follows: whether trying again can help, after how long, with the same
agent or the next. core.recognise tells which row a failure belongs to; core.retry draws the consequence.
"""
from __future__ import annotations

import re
from typing import NamedTuple


class Policy(NamedTuple):
    retry: bool
    delay: str  # none | backoff | reset (the time that the agent named, else backoff)
    agent: str  # same | next
    means: str  # for people
    breaker: bool = False  # the agent itself cannot be used for a while: other tasks keep off it too
    outside: bool = False  # nothing of the task's own failed: it does not count as one of its attempts


TABLE: dict[str, Policy] = {
    "rate_limit": Policy(True, "reset", "next", "the service refuses for a short while", True, True),
    "usage_limit": Policy(True, "reset", "next", "the plan's limit is reached until a reset time", True, True),
    "auth": Policy(True, "backoff", "next", "the login is missing, wrong or expired", True),
    "billing": Policy(True, "backoff", "next", "the account has no credit", True),
    "model_unavailable": Policy(True, "none", "next", "the model is unknown or not allowed"),
    "context_overflow": Policy(False, "none", "same", "the task does not fit into the model's context or the prompt's limit"),
    "permission_denied": Policy(False, "none", "same", "the agent was not allowed to do what the task needs"),
    "tool_missing": Policy(False, "none", "same", "a program is not installed"),
    "setup_failed": Policy(True, "backoff", "same", "the checkout could not be prepared"),
    "timeout": Policy(True, "none", "next", "the time limit passed"),
    "idle": Policy(True, "none", "next", "nothing was heard for too long"),
    "budget": Policy(False, "none", "same", "the token or cost limit was reached"),
    "crashed": Policy(True, "backoff", "same", "the program ended by a signal"),
    "lost": Policy(True, "none", "same", "the attempt ended without a word (killed, reboot)"),
    "garbage_reply": Policy(True, "none", "same", "no reply could be read in the output"),
    "no_evidence": Policy(True, "none", "same", "it says done, but its commits do not show it"),
    "verify_failed": Policy(True, "none", "same", "the project's own checks fail on the result"),
    "conflict": Policy(True, "none", "same", "the branch cannot be merged into the moved target"),
    "refused": Policy(False, "none", "same", "the agent declined the task"),
    "waiting_for_input": Policy(False, "none", "same", "the agent waits for an answer that nobody can give"),
    "network": Policy(True, "backoff", "same", "the network or the remote did not answer", False, True),
    "agent_failed": Policy(True, "backoff", "same", "the agent says or shows that it failed"),
}

class Fault(NamedTuple):
    kind: str
    text: str  # one line for people
    reset: str | None = None  # what the agent said of when it may be asked again, as it said it



def print_of(kind: str, text: str) -> str:
    """A fingerprint that is equal for equal failures: numbers, hashes and paths do not count."""
    import hashlib  # its library would be a third of the shepherd's memory

    plain = re.sub(r"/\S+", "/", text.lower())
    plain = re.sub(r"\b[0-9a-f]{7,40}\b", "x", plain)
    plain = re.sub(r"\d+", "n", plain)
    return hashlib.sha256(f"{kind}\n{plain[:2000]}".encode()).hexdigest()[:12]


def one_line(text: str, limit: int = 400) -> str:
    """Words for a record: on one line, cut, and such as UTF-8 has (half a surrogate pair, which JSON can hold, it has not)."""
    flat = " ".join(text.encode("utf-8", "replace").decode().split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
