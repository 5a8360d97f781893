"""core/tell: the events of four agents' protocols in words; everything else is no event, whatever it looks like."""
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import tell


def told(event: Any) -> list[tuple[str, str]] | None:
    found = tell.tell(json.dumps(event))
    return None if found is None else [(each.kind, each.text) for each in found]


def claude(kind: str, *blocks: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "message": {"role": kind, "content": list(blocks)}, "parent_tool_use_id": None, **more}


def codex(when: str, kind: str, **item: Any) -> dict[str, Any]:
    return {"type": f"item.{when}", "item": {"id": "item_1", "type": kind, **item}}


def opencode(kind: str, **part: Any) -> dict[str, Any]:
    return {"type": kind, "sessionID": "ses_1", "part": part}


CALL = {"type": "function", "id": "c", "function": {"name": "Bash", "arguments": '{"command": "make"}'}}
RETRY = {"role": "meta", "type": "turn.step.retrying", "failed_attempt": 1, "max_attempts": 10, "error_message": "529 Overloaded"}
COMMAND = {"command": "make", "aggregated_output": "", "exit_code": None}
FORBIDDEN = {"type": "error", "error": {"name": "APIError", "data": {"message": "Forbidden", "statusCode": 403}}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "system", "subtype": "init", "session_id": "s-1", "model": "opus", "tools": ["Bash"]}, [("notes", "session s-1 opus")]),
        ({"type": "system", "subtype": "api_retry", "attempt": 1, "max_retries": 2, "error": "rate_limit", "error_status": 429},
         [("fails", "try 1 of 2 failed: rate_limit 429")]),
        ({"type": "system", "subtype": "task_started", "prompt": "x"}, []),
        (claude("assistant", {"type": "text", "text": "Hello"}), [("says", "Hello")]),
        (claude("assistant", {"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "So"}), [("thinks", "Hm"), ("says", "So")]),
        (claude("assistant", {"type": "tool_use", "name": "Bash", "input": {"command": "make", "description": "d"}}), [("does", "$ make")]),
        (claude("assistant", {"type": "tool_use", "name": "Edit", "input": {"old_string": "a", "file_path": "/x/a.py"}}),
         [("does", "Edit /x/a.py")]),
        (claude("assistant", {"type": "tool_use", "name": "Odd", "input": {"n": 1}}), [("does", 'Odd {"n": 1}')]),
        (claude("assistant", {"type": "text", "text": "a\nb"}, parent_tool_use_id="toolu_1"), [("says", "| a\n| b")]),
        (claude("user", {"type": "tool_result", "content": "out\n"}), [("prints", "out\n")]),
        (claude("user", {"type": "tool_result", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}), [("prints", "a")]),
        (claude("user", {"type": "tool_result", "is_error": True, "content": "Exit code 2"}), [("errs", "Exit code 2")]),
        (claude("user", {"type": "text", "text": "the prompt"}), []),
        ({"type": "stream_event", "event": {"type": "content_block_delta"}}, []),
        ({"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "rateLimitType": "five_hour"}},
         [("notes", "limit five_hour: rejected")]),
        ({"type": "rate_limit_event", "rate_limit_info": {"status": "allowed"}}, []),
        ({"type": "result", "subtype": "success", "is_error": False, "num_turns": 1, "total_cost_usd": 0.014, "result": "All done."},
         [("answers", "All done."), ("notes", "1 turn, $0.01")]),
        ({"type": "result", "subtype": "error_max_turns", "is_error": True, "num_turns": 9},
         [("notes", "9 turns"), ("fails", "error_max_turns")]),
        ({"type": "thread.started", "thread_id": "t-1"}, [("notes", "session t-1")]),
        ({"type": "turn.started"}, []),
        ({"type": "turn.completed", "usage": {}}, []),
        (codex("started", "command_execution", **COMMAND), [("does", "$ make")]),
        (codex("completed", "command_execution", **{**COMMAND, "aggregated_output": "no\n", "exit_code": 2}),
         [("errs", "no\n"), ("errs", "exit status 2")]),
        (codex("completed", "command_execution", **{**COMMAND, "exit_code": 0}), []),
        (codex("updated", "command_execution", **{**COMMAND, "aggregated_output": "so far"}), []),
        (codex("started", "file_change", changes=[{"path": "/x/a", "kind": "add"}]), []),
        (codex("completed", "file_change", changes=[{"path": "/x/a", "kind": "add"}, {"path": "/x/b", "kind": "update"}]),
         [("does", "add /x/a"), ("does", "update /x/b")]),
        (codex("completed", "agent_message", text="Done"), [("says", "Done")]),
        (codex("completed", "reasoning", text="**Thinking**"), [("thinks", "**Thinking**")]),
        (codex("completed", "web_search", query="orch"), [("does", "web_search orch")]),
        (codex("completed", "error", message="no metadata"), [("fails", "no metadata")]),
        ({"type": "error", "message": "Reconnecting... 1/2"}, [("fails", "Reconnecting... 1/2")]),
        ({"type": "turn.failed", "error": {"message": "quota"}}, [("fails", "quota")]),
        (FORBIDDEN, [("fails", "Forbidden")]),
        (opencode("text", type="text", text="Hello"), [("says", "Hello")]),
        (opencode("reasoning", type="reasoning", text="Hm"), [("thinks", "Hm")]),
        (opencode("tool_use", tool="bash", state={"input": {"command": "make"}, "output": "no\n", "metadata": {"exit": 2}}),
         [("does", "$ make"), ("errs", "no\n"), ("errs", "exit status 2")]),
        (opencode("tool_use", tool="write", state={"input": {"content": "x", "filePath": "a.py"}, "error": "denied"}),
         [("does", "write a.py"), ("errs", "denied")]),
        (opencode("step_finish", reason="stop"), []),
        ({"role": "assistant", "content": "Hello", "tool_calls": [CALL]}, [("says", "Hello"), ("does", "$ make")]),
        ({"role": "tool", "tool_call_id": "c", "content": "out"}, [("prints", "out")]),
        (RETRY, [("fails", "try 1 of 10 failed: 529 Overloaded")]),
        ({"role": "meta", "type": "session.resume_hint", "content": "To resume"}, []),
    ],
)  # fmt: skip
def test_what_it_tells(event: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(event) == expected


@pytest.mark.parametrize(
    "line",
    ["", "hello", "{", "{}", "[1]", '{"a": 1}', '{"type": "usage", "tokens": 9}', '{"type": "text"}', '{"type": "result", "ok": 1}',
     '{"type": 1}',
     '{"type": "assistant", "message": "x"}', '{"type": ["text"], "role": {}}', '{"type": "error"}', '{"role": "tool", "content": "x"}',
     '{"type": "assistant"', '{"type": "text", "part": ' + '{"a":' * 5000, ' {"type": "turn.started"}'],
)  # fmt: skip
def test_what_is_no_event_stands_for_itself(line: str) -> None:
    assert tell.tell(line) is None
    assert tell.last(line) == line


def test_the_last_line_of_it() -> None:
    assert tell.last(json.dumps(opencode("text", text="one\n\ntwo\n"))) == "two"
    assert tell.last(json.dumps(codex("started", "command_execution", command="cat <<E\na\nE"))) == "$ cat <<E"
    assert tell.last('{"type": "turn.started"}') == ""


KEYS = ("type", "role", "message", "content", "part", "item", "state", "input", "error", "data", "result", "subtype", "text", "tool_calls",
        "function", "arguments", "num_turns", "total_cost_usd", "exit_code", "changes", "is_error", "rate_limit_info", "metadata", "exit")
INNER = ("init", "api_retry", "tool_use", "tool_result", "file_change", "command_execution", "bash", "\0", "\ud800")
WORDS = st.sampled_from([*tell.TYPES, *tell.ROLES, *INNER])
LEAVES = st.none() | st.booleans() | st.floats() | st.integers(-(10**400), 10**400) | st.text(max_size=5) | WORDS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5))


@given(st.sampled_from([*tell.TYPES, *tell.ROLES]), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_odd_events_do_no_harm(kind: str, rest: dict[str, Any]) -> None:
    for key in ("type", "role"):
        line = json.dumps({**rest, key: kind})
        found = tell.tell(line)
        assert found is None or all(each.text.strip() and each.kind for each in found)
        assert isinstance(tell.last(line), str)
