"""What a work attempt came to, from what the kernel, git and the agent say, in this order of trust.

The agent's word alone is never `done`: commits since the recorded base must be there, or a no-op declared with a reason on an unchanged
branch. A reply in the result file counts even when the program had to be ended afterwards (it had reported and then hung).
"""
from __future__ import annotations

from typing import NamedTuple

from orch.core import failure, recognise
from orch.core.failure import Fault
from orch.records import Evidence, Exit, Reply

_LIMITS = {"timeout": "timeout", "idle": "idle", "budget": "budget", "lost": "lost"}


class Conclusion(NamedTuple):
    kind: str  # done | no_change | person | failed
    text: str
    fault: Fault | None = None


class Said(NamedTuple):
    """What there is to read of the agent's output."""

    reply: Reply | None
    envelope: Fault | None  # from its JSON events
    last_words: str  # what the agent's program said itself at the end, which text patterns may judge; empty for `shell`
    mode: str  # result | json | exit: how this agent reports
    last_line: str = ""  # of all that was printed, for people: it may be a tool's
    error: str = ""  # the last line of its standard error that begins as errors do


def conclude(exit: Exit, evidence: Evidence | None, said: Said, *, failed_before: str | None = None) -> Conclusion:
    """Judge one work attempt.

    evidence       None when nothing could be read from the checkout
    failed_before  kind of the task's last failure: `done` without new commits is no answer to verify_failed or conflict
    """
    reply = said.reply
    reported = reply is not None and reply.get("by") in ("result file", "sentinel")
    if not reported:
        early = _not_even_ended(exit, said)
        if early:
            return failed(early)
        if reply is None and said.mode == "exit":
            reply = {"status": "done", "summary": "", "by": "exit status"}
    if reply is None:
        unread = Fault("garbage_reply", "no reply with a status in the output")
        return failed(said.envelope or recognise.from_text(said.last_words) or unread)
    status, words = reply.get("status"), reply.get("summary") or reply.get("reason") or ""
    reason = reply.get("reason") or reply.get("summary") or ""
    if status in ("help", "blocked"):
        blockers = "; ".join(reply.get("blockers") or [])
        return Conclusion("person", failure.one_line(f"the agent asks for help: {reason or blockers or 'it does not say why'}"))
    if status == "failed":
        # its words are about the task, whose own errors may be any of those that stop an agent: no pattern judges them
        return failed(said.envelope or Fault("agent_failed", failure.one_line(reason) or "the agent says that it failed"))
    commits = int((evidence or {}).get("commits") or 0)
    if status == "no_change" and not reason:
        return failed(Fault("no_evidence", "it declares that nothing was to be done, without a reason"))
    if status == "no_change" and commits:  # of an attempt before, which may have failed, or what orch committed for it
        count = "a commit" if commits == 1 else f"{commits} commits"
        return Conclusion("person", failure.one_line(f"it says that nothing has to be done, but its branch has {count}: {reason}"))
    if status == "no_change":
        return Conclusion("no_change", failure.one_line(reason))
    if exit.get("uncommitted"):
        return failed(Fault("no_evidence", "it says done, but not all of its work is committed"))
    if commits == 0:
        elsewhere = evidence and evidence.get("head") != evidence.get("base")
        what = "all that it committed is in the default branch already" if elsewhere else "there is no commit since the base"
        return failed(Fault("no_evidence", f"it says done, but {what}"))
    if nested := (evidence or {}).get("nested"):
        which = "it is a repository of its own" if len(nested) == 1 else "they are repositories of their own"
        return failed(Fault("no_evidence", failure.one_line(f"the files of {', '.join(nested)} are not in its commits: {which}")))
    if failed_before in ("verify_failed", "conflict") and not (evidence or {}).get("new_commits"):
        return failed(Fault("no_evidence", f"it says done, but there is no new commit since the last try ended with {failed_before}"))
    return Conclusion("done", failure.one_line(words) or "done")


def failed(fault: Fault) -> Conclusion:
    """The conclusion that a fault is."""
    return Conclusion("failed", fault.text, fault)


def _not_even_ended(exit: Exit, said: Said) -> Fault | None:
    """Failures that the exit record shows by itself."""
    reason, code = exit.get("reason"), exit.get("code")
    text = exit.get("text") or ""
    if reason == "spawn_failed":
        kind = exit.get("kind") or "crashed"
        return Fault(kind if kind in failure.TABLE else "crashed", text or "the agent could not be started")
    if reason == "cancelled":
        return Fault("lost", text or "it was ended from outside")
    heard = recognise.from_text(said.last_words)
    if reason in ("timeout", "idle") and heard and heard.kind in ("waiting_for_input", "usage_limit"):
        return heard
    if reason in _LIMITS:
        return Fault(_LIMITS[reason], text or failure.TABLE[_LIMITS[reason]].means)
    if said.reply is not None and said.envelope is None and code == 0:
        return None
    if said.envelope:
        return said.envelope
    if reason == "signal":
        return Fault("crashed", text or f"ended by signal {exit.get('signal')}")
    if code:
        tool = recognise.missing_tool(said.last_line) if code in (126, 127) else None
        if tool:
            return Fault("tool_missing", f"{tool}: not installed")
        words = said.error or said.last_line
        return heard or Fault("agent_failed", failure.one_line(f"exit status {code}" + (f": {words}" if words else "")))
    return None
