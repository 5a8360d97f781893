"""Tell which class of core.failure a failure belongs to.

Definitive signals (fields of an agent's JSON envelope) come before text patterns, and text patterns look only at what the agent's
program itself said last, never at the output of its tools. What is not recognised keeps its raw text.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from orch.core.failure import Fault, one_line
from orch.core.reset import words_in

_STATUS = {401: "auth", 403: "auth", 402: "billing", 404: "model_unavailable", 408: "network", 413: "context_overflow", 429: "rate_limit",
           500: "network", 502: "network", 503: "network", 504: "network", 529: "rate_limit"}

# (class, pattern), in order: the more specific words come first. Taken from real transcripts; negative cases are in the tests.
# Patterns are text, and compiled by `re` on first use: most agents end well.
_PATTERNS = tuple(
    (kind, "(?i)" + "|".join(alternatives))
    for kind, alternatives in (
        ("usage_limit", (
            r"(hit|reached|exceeded) (your|the) (\S+ )?((usage|session|weekly|daily|5-hour|monthly) )?limit",
            r"usage[ _-]limit",
            r"out of (extra )?usage",
        )),
        ("billing", (
            r"credit balance is too low",
            r"insufficient[ _](quota|credit|funds|balance)",
            r"quota exceeded",
            r"payment required",
            r"check your plan and billing",
        )),
        ("rate_limit", (
            r"rate[ _-]?limit",
            r"too many requests",
            r"\b(overloaded|throttled)(_error)?\b",
            r"selected model is at capacity",
            r"status:? (429|529)\b",
            r"provider\.(rate_limit|overloaded)",  # kimi's codes, here and below
        )),
        ("auth", (
            r"not logged in",
            r"please run /login",
            r"(invalid|incorrect) (api[ _-]?key|bearer token|authentication)",
            r"(expired|revoked) (api[ _-]?key|token|credentials?)",
            r"authentication[ _](failed|error|required)",
            r"\bunauthori[sz]ed\b",
            r"oauth token has expired",
            r"missing environment variable: `?\w*(key|token)",
            r"provider\.auth_error",
            r"use /login to sign in",
        )),
        ("context_overflow", (
            r"prompt is too long",
            r"context[ _](length|window)[ _]?exceeded",
            r"maximum context length",
            r"ran out of room in the model's context",
            r"input exceeds (the maximum length|\d+ ?MB)",
        )),
        ("model_unavailable", (
            r"issue with the selected model",
            r"model \S+ (is )?not (found|supported|configured|available)",
            r"unknown model",
            r"model_not_found",
            r"provider\.api_error: 404",
        )),
        ("permission_denied", (r"permission requested: .*auto-rejecting", r"user rejected permission", r"cannot be used with root")),
        ("waiting_for_input", (
            r"enter passphrase",
            r"password for .*:",
            r"\[y/n\]\s*$",
            r"\(yes/no\)\??\s*$",
            r"waiting for (your )?(approval|confirmation)",
        )),
        ("network", (
            r"could not resolve host",
            r"connection (refused|reset|dropped|failed|timed out)",
            r"\bECONN(REFUSED|RESET)\b",
            r"\bENOTFOUND\b",
            r"network is unreachable",
            r"provider\.connection_error",
        )),
        ("budget", (r"loop\.max_steps_exceeded",)),
    )
)
# What an error that a program tells as such may also say; in its last words it could be about anything.
_BROKEN = r"(?i)stream disconnected before completion|request timed out|cannot connect to api|empty or malformed response"
_ERROR = r"(?im)^[^\w\n]*(?:[\w.-]+: )?(?:error|fatal|panic)\b.*$"
_MISSING = (
    r"(?m)^(?:\S+: )?(?:line \d+: |\d+: )?(?P<tool>[\w.+-]{1,40}): (?:command )?not found\s*$"
    r"|^env: [‘'`\"]?(?P<env>[\w.+-]+)[’'\"]?: No such file"
)


def from_envelope(lines: Iterable[str]) -> Fault | None:
    """The last definitive error in an agent's JSON events: Claude's result, Codex's turn.failed, OpenCode's error.

    Transient events (Codex "Reconnecting", Claude api_retry) are not failures, and a later success takes an earlier error back.
    """
    found: Fault | None = None
    reset: str | None = None
    for line in lines:
        if not line.startswith("{"):
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        kind = event.get("type")
        if kind == "rate_limit_event":
            info = event.get("rate_limit_info") or event
            if isinstance(info, dict) and info.get("status") == "rejected" and info.get("resetsAt"):
                reset = str(info["resetsAt"])
        elif kind == "result":
            found = _claude(event, reset)
        elif kind == "turn.completed":
            found = None
        elif kind == "turn.failed":
            found = _worded(_message(event.get("error")))
        elif kind == "error" and isinstance(event.get("error"), dict):
            found = _opencode(event["error"])
    return found


def _claude(event: dict[str, Any], reset: str | None) -> Fault | None:
    if event.get("is_error") is not True and event.get("subtype") in ("success", None):
        return None
    text = _message(event.get("result") or event.get("errors") or event.get("subtype"))
    if event.get("subtype") in ("error_max_turns", "error_max_budget_usd"):
        return Fault("budget", text)
    if event.get("terminal_reason") == "prompt_too_long":
        return Fault("context_overflow", text)
    worded = _worded(text)
    if reset or worded.kind in ("usage_limit", "billing"):
        return Fault("billing" if worded.kind == "billing" else "usage_limit", text, reset or worded.reset)
    status = event.get("api_error_status")
    return Fault(_STATUS.get(status, worded.kind) if isinstance(status, int) else worded.kind, text, worded.reset)


def _opencode(error: dict[str, Any]) -> Fault:
    data = error.get("data")
    data = data if isinstance(data, dict) else {}
    text = _message(data.get("message") or error.get("message") or error.get("name"))
    status = data.get("statusCode")
    worded = _worded(text)
    if worded.kind == "agent_failed" and isinstance(status, int) and status in _STATUS:
        return Fault(_STATUS[status], text)
    return worded


def _message(value: Any) -> str:
    """Whatever an error field holds, as one line; what is not understood keeps its raw text."""
    while isinstance(value, dict):
        value = value.get("message") or value.get("detail") or json.dumps(value, ensure_ascii=False)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        value = "; ".join(value)
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _worded(text: str) -> Fault:
    if found := from_text(text):
        return found
    status = re.search(r"unexpected status (\d{3})\b", text)  # codex
    kind = "network" if re.search(_BROKEN, text) else _STATUS.get(int(status[1])) if status else None
    return Fault(kind or "agent_failed", one_line(text) or "the agent failed without saying why")


def from_text(text: str) -> Fault | None:
    """Recognise a failure in the last words of an agent's program (never in its tools' output)."""
    if not text.strip():
        return None
    for kind, pattern in _PATTERNS:
        found = re.search(pattern, text)
        if found:
            return Fault(kind, _line_of(text, found.start()), words_in(text) if kind in ("usage_limit", "rate_limit") else None)
    return None


def error_line(text: str) -> str:
    """The last line that begins as errors do; what comes after it is often where to read more. Empty when there is none."""
    found = re.findall(_ERROR, text)
    return found[-1].strip() if found else ""


def missing_tool(text: str) -> str | None:
    """The name of the program that a shell could not find."""
    found = re.search(_MISSING, text)
    return (found["tool"] or found["env"]) if found else None


def _line_of(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return one_line(text[start : end if end >= 0 else len(text)])
