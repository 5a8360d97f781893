"""The table of failures, fingerprints, and how failures are recognised in real and in harmless words."""
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import failure, recognise


@pytest.mark.parametrize(("text", "kind"), [
    ("You've hit your 5-hour limit - resets 10:53pm (UTC)", "usage_limit"),
    ("You've hit your usage limit. Upgrade to Pro or try again at 11:04 PM.", "usage_limit"),
    ("Credit balance is too low", "billing"),
    ("Quota exceeded. Check your plan and billing details.", "billing"),
    ("exceeded retry limit, last status: 429 Too Many Requests", "rate_limit"),
    ("Repeated 529 Overloaded errors", "rate_limit"),
    ("Selected model is at capacity. Please try a different model.", "rate_limit"),
    ("Not logged in - Please run /login", "auth"),
    ("Invalid API key - Fix external API key", "auth"),
    ("Missing environment variable: `FAKE_KEY`.", "auth"),
    ("Error: Incorrect API key provided: sk-x.", "auth"),
    ("error: failed to run prompt: provider.auth_error: 403 Forbidden by policy", "auth"),
    ("error: failed to run prompt: No model configured. Run `kimi` and use /login to sign in, then retry", "auth"),
    ("error: failed to run prompt: provider.rate_limit: 429 slow down", "rate_limit"),
    ("error: failed to run prompt: provider.overloaded: 529", "rate_limit"),
    ("error: failed to run prompt: provider.connection_error: terminated", "network"),
    ("error: failed to run prompt: provider.api_error: 404 model: nope", "model_unavailable"),
    ("error: failed to run prompt: loop.max_steps_exceeded: Turn exceeded maxSteps=1.", "budget"),
    ("Error: piped stdin input exceeds 10MB.", "context_overflow"),
    ("Error: turn/start failed: Input exceeds the maximum length of 1048576 characters.", "context_overflow"),
    ("Codex ran out of room in the model's context window", "context_overflow"),
    ("There's an issue with the selected model (x). It may not exist", "model_unavailable"),
    ("permission requested: bash; auto-rejecting", "permission_denied"),
    ("Enter passphrase for key '/home/u/.ssh/id':", "waiting_for_input"),
    ("fatal: unable to access: Could not resolve host: github.com", "network"),
    ("API Error: Connection refused (ECONNREFUSED)", "network"),
])
def test_recognises(text: str, kind: str) -> None:
    found = recognise.from_text(f"some words before\n{text}\n")
    assert found is not None and found.kind == kind
    assert found.text in text or text.startswith(found.text)


@pytest.mark.parametrize("text", [
    "", "done", "added a limiter to the login form", "the tests cover port 4290 and line 401", "I authored the section on units",
    "all 529 tests passed", "unlimited retries", "error: expected ';' at line 403",
])
def test_leaves_harmless_words_alone(text: str) -> None:
    assert recognise.from_text(text) is None


@pytest.mark.parametrize(("text", "tool"), [
    ("/bin/sh: 1: jq: not found\n", "jq"), ("bash: line 12: cargo: command not found", "cargo"),
    ("env: ‘node’: No such file or directory", "node"),
    ("page not found", None), ("the key: value was not found in it", None),
])
def test_missing_tool(text: str, tool: str | None) -> None:
    assert recognise.missing_tool(text) == tool


def lines(*events: dict[str, object]) -> list[str]:
    return [json.dumps(event) for event in events]


def test_envelopes() -> None:
    limit = lines({"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "resetsAt": 1790000000}},
                  {"type": "result", "subtype": "success", "is_error": True, "result": "You've hit your 5-hour limit"})
    assert recognise.from_envelope(limit) == failure.Fault("usage_limit", "You've hit your 5-hour limit", "1790000000")
    key = lines({"type": "result", "subtype": "success", "is_error": True, "api_error_status": 401, "result": "bad"})
    assert recognise.from_envelope(key) == failure.Fault("auth", "bad")
    turns = lines({"type": "result", "subtype": "error_max_turns", "errors": ["too many"]})
    found = recognise.from_envelope(turns)
    assert found == failure.Fault("budget", "too many")
    missing = lines({"type": "error", "error": {"name": "APIError", "data": {"message": "no such", "statusCode": 404}}})
    assert recognise.from_envelope(missing) == failure.Fault("model_unavailable", "no such")
    codex = lines({"type": "turn.failed", "error": {"message": "unexpected status 503: odd"}})
    found = recognise.from_envelope(codex)
    assert found == failure.Fault("network", "unexpected status 503: odd")


@pytest.mark.parametrize(("text", "kind"), [
    ("stream disconnected before completion: stream closed before response.completed", "network"),
    ("unexpected status 403 Forbidden: by policy, url: http://x/v1", "auth"),
    ("unexpected status 529 <unknown status code>: Overloaded", "rate_limit"),
    ("unexpected status 418: I am a teapot", "agent_failed"),
    ("Request timed out. If the API is slow to answer, set API_TIMEOUT_MS", "network"),
    ("Cannot connect to API: Unable to connect.", "network"),
    ("API Error: API returned an empty or malformed response (HTTP 200)", "network"),
])
def test_what_an_error_of_a_protocol_says(text: str, kind: str) -> None:
    assert recognise.from_envelope(lines({"type": "turn.failed", "error": {"message": text}})) == failure.Fault(kind, text)
    assert recognise.from_text(text) is None or kind == "rate_limit", "in last words it could be about anything"


@pytest.mark.parametrize(("text", "line"), [
    ("error: no such flag\n\nUsage: x\nFor more, try --help\n", "error: no such flag"),
    ("Error: first\nError: second\nSee log: /x\n", "Error: second"), ("x.py: fatal: it broke\nbye", "x.py: fatal: it broke"),
    ("> build\n! Error: Incorrect", "! Error: Incorrect"), ("no errors\nall is well: error-free", ""), ("", ""),
])
def test_the_line_that_tells_the_error(text: str, line: str) -> None:
    assert recognise.error_line(text) == line


def test_a_later_success_takes_a_transient_error_back() -> None:
    failed: dict[str, object] = {"type": "turn.failed", "error": {"message": "x"}}
    assert recognise.from_envelope(lines({"type": "error", "message": "Reconnecting... 1/2"}, failed, {"type": "turn.completed"})) is None
    assert recognise.from_envelope(["no json", "{broken", *lines({"type": "result", "subtype": "success", "is_error": False})]) is None


WORDS = st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF), max_size=5)
FIELDS = st.sampled_from(["message", "data", "name", "detail", "x"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "subtype", "is_error", "result", "errors", "error", "rate_limit_info", "api_error_status", "terminal_reason", "status", "resetsAt",
)


TYPES = st.sampled_from(["result", "rate_limit_event", "turn.failed", "error"])


@given(TYPES, st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=5))
def test_whatever_an_agent_prints_becomes_words_for_a_record(kind: str, event: dict[str, object]) -> None:
    found = recognise.from_envelope(['{"a":' + "[" * 100_000, json.dumps({**event, "type": kind})])
    assert found is None or (found.kind in failure.TABLE and failure.one_line(found.text).encode() is not None)


@given(st.sampled_from(sorted(failure.TABLE)), st.text())
def test_fingerprints_ignore_what_differs_from_run_to_run(kind: str, text: str) -> None:
    assert failure.print_of(kind, text) == failure.print_of(kind, text)
    one = failure.print_of(kind, f"line 12 of /tmp/a/b.py: abcdef1 {text}")
    assert one == failure.print_of(kind, f"line 99 of /home/c.py: 1234567 {text}")


def test_the_table_is_whole() -> None:
    for kind, policy in failure.TABLE.items():
        assert policy.delay in ("none", "backoff", "reset") and policy.agent in ("same", "next") and policy.means, kind


@given(st.text(), st.integers(2, 50))
def test_one_line(text: str, limit: int) -> None:
    line = failure.one_line(text, limit)
    assert len(line) <= limit and len(line.splitlines()) <= 1
