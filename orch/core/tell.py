"""What one line of an agent's protocol tells a person: what it says, what it does and what came of it. The rest is for programs.

claude    assistant, user, system, rate_limit_event, result         --output-format stream-json, or json
codex     thread.started, item.started, item.completed, turn.failed, error        --json
opencode  text, reasoning, tool_use, error                          --format json
kimi      lines with a role: assistant, tool, meta                  --output-format stream-json

An event is known by its shape, whoever prints it: people wrap these programs in their own. What it holds may be anything.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from orch.core import envelope

Json = dict[str, Any]
# What a tool is about, the first that it has. A file's new content and the like come after what names it.
_ABOUT = ("command", "file_path", "filePath", "path", "pattern", "query", "url", "skill", "description", "prompt", "tool", "error")
_SHELLS = ("bash", "shell", "sh")
_SUB = "| "  # before each line of a sub-agent's


class Told(NamedTuple):
    kind: str  # says | answers (at the end, often said before) | thinks | does | prints (of a tool) | errs (a tool) | fails | notes
    text: str


def tell(line: str) -> list[Told] | None:
    """None when the line is no event that is known, and stands for itself; empty when a person need not know of it."""
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    kind, role = event.get("type"), event.get("role")
    told = TYPES[kind] if isinstance(kind, str) and kind in TYPES else ROLES.get(role) if isinstance(role, str) else None
    found = told(event) if told else None
    if found is None:
        return None
    return [each for each in found if each.text.strip()]


def last(line: str) -> str:
    """One line of what it tells: the last, or the first of a command; empty when it tells nothing."""
    told = tell(line)
    if told is None:
        return line
    if not told:
        return ""
    lines = told[-1].text.strip().splitlines()
    return lines[0 if told[-1].kind == "does" else -1]


# claude


def _assistant(event: Json) -> list[Told] | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    return _sub(event, [each for block in _blocks(message.get("content")) for each in _block(block)])


def _block(block: Json) -> list[Told]:
    kind = block.get("type")
    if kind == "text":
        return [Told("says", _text(block.get("text")))]
    if kind == "thinking":
        return [Told("thinks", _text(block.get("thinking")))]
    if kind == "tool_use":
        return [_does(block.get("name"), block.get("input"))]
    return []


def _user(event: Json) -> list[Told] | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    results = [block for block in _blocks(message.get("content")) if block.get("type") == "tool_result"]
    return _sub(event, [each for block in results for each in _came(_joined(block.get("content")), failed=bool(block.get("is_error")))])


def _sub(event: Json, told: list[Told]) -> list[Told]:
    if not event.get("parent_tool_use_id"):
        return told
    return [Told(each.kind, _SUB + each.text.strip().replace("\n", "\n" + _SUB)) for each in told if each.text.strip()]


def _system(event: Json) -> list[Told] | None:
    kind = event.get("subtype")
    if kind == "init":
        return [_begins(event.get("session_id"), event.get("model"))]
    if kind == "api_retry":
        return [_again(event.get("attempt"), event.get("max_retries"), event.get("error"), event.get("error_status"))]
    return [] if isinstance(kind, str) else None


def _limit(event: Json) -> list[Told] | None:
    info = event.get("rate_limit_info")
    if not isinstance(info, dict):
        return None
    said = info.get("status")
    return [] if said in ("allowed", None) else [Told("notes", f"limit {_text(info.get('rateLimitType'))}: {_text(said)}")]


def _result(event: Json) -> list[Told] | None:
    kind = event.get("subtype")
    if not isinstance(kind, str):
        return None
    turns, cost = event.get("num_turns"), event.get("total_cost_usd")
    counted = [f"{turns} {'turn' if turns == 1 else 'turns'}"] if _number(turns) else []
    notes = Told("notes", ", ".join(counted + ([f"${cost:.2f}"] if _number(cost) else [])))
    answer = _text(event.get("result"))
    return [notes, Told("fails", answer or kind)] if event.get("is_error") else [Told("answers", answer), notes]


# codex


def _item(event: Json) -> list[Told] | None:
    item = event.get("item")
    if not isinstance(item, dict):
        return None
    kind, begins = item.get("type"), event.get("type") == "item.started"
    if kind == "command_execution":
        return [_does("shell", item)] if begins else _came(_text(item.get("aggregated_output")), item.get("exit_code"))
    if begins:
        return []
    if kind == "agent_message":
        return [Told("says", _text(item.get("text")))]
    if kind == "reasoning":
        return [Told("thinks", _text(item.get("text")))]
    if kind == "error":
        return [Told("fails", _text(item.get("message")))]
    if kind == "file_change":
        changes = item.get("changes")
        return [_does(each.get("kind"), each) for each in changes if isinstance(each, dict)] if isinstance(changes, list) else []
    return [_does(kind, item)]


def _failure(event: Json) -> list[Told] | None:
    """codex and opencode; their errors need not be the end."""
    error = event.get("error", event)
    if not isinstance(error, dict):
        return None
    inner = error.get("data")
    words = inner.get("message") if isinstance(inner, dict) else None
    words = _text(words) or _text(error.get("message")) or _text(error.get("name"))
    return [Told("fails", words)] if words else None


# opencode


def _part(event: Json) -> list[Told] | None:
    part = event.get("part")
    if not isinstance(part, dict):
        return None
    return [Told("says" if event["type"] == "text" else "thinks", _text(part.get("text")))]


def _tool(event: Json) -> list[Told] | None:
    part = event.get("part")
    state = part.get("state") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(state, dict):
        return None
    meta = state.get("metadata")
    code, error = meta.get("exit") if isinstance(meta, dict) else None, _text(state.get("error"))
    return [_does(part.get("tool"), state.get("input")), *_came(_text(state.get("output")) or error, code, bool(error))]


def _nothing(event: Json) -> list[Told]:
    return []


def _step(event: Json) -> list[Told] | None:
    return [] if isinstance(event.get("part"), dict) else None


# kimi


def _answer(event: Json) -> list[Told] | None:
    told, calls = [Told("says", _joined(event.get("content")))], event.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            told.append(_does(function.get("name"), _parsed(function.get("arguments"))))
    return told


def _printed(event: Json) -> list[Told] | None:
    return _came(_joined(event.get("content"))) if "tool_call_id" in event else None


def _meta(event: Json) -> list[Told] | None:
    if event.get("type") == "turn.step.retrying":
        return [_again(event.get("failed_attempt"), event.get("max_attempts"), event.get("error_message"), None)]
    return []


# what they have in common


def _does(name: Any, given: Any) -> Told:
    name, given = _text(name), given if isinstance(given, dict) else {}
    about = next((value for key in _ABOUT if (value := _text(given.get(key)))), "")
    if name.lower() in _SHELLS:
        return Told("does", f"$ {about}" if about else name)
    return Told("does", f"{name} {about or (json.dumps(given, ensure_ascii=False) if given else '')}".strip())


def _came(printed: str, code: Any = None, failed: bool = False) -> list[Told]:
    """What came of a tool: what it printed and, of a command, a status that is not 0."""
    status = f"exit status {code}" if _number(code) and code else ""
    kind = "errs" if failed or status else "prints"
    return [Told(kind, printed), Told(kind, status)]


def _begins(*words: Any) -> Told:
    return Told("notes", " ".join(filter(None, ("session", *map(_text, words)))))


def _again(number: Any, most: Any, error: Any, status: Any) -> Told:
    count = f" {number} of {most}" if _number(number) and _number(most) else ""
    why = " ".join(filter(None, (_text(error), str(status) if _number(status) else "")))
    return Told("fails", f"try{count} failed{': ' if why else ''}{why}")


def _blocks(content: Any) -> list[Json]:
    """A message's content: a text, or a list of blocks and texts."""
    blocks = content if isinstance(content, list) else [content]
    return [block if isinstance(block, dict) else {"type": "text", "text": block} for block in blocks]


def _joined(content: Any) -> str:
    return "\n".join(filter(None, map(_text, envelope.content(content))))


def _parsed(arguments: Any) -> Any:
    try:
        return json.loads(arguments) if isinstance(arguments, str) else arguments
    except (ValueError, RecursionError):
        return {"command": arguments}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e15 < value < 1e15


TYPES: dict[str, Callable[[Json], list[Told] | None]] = {
    "assistant": _assistant, "user": _user, "system": _system, "rate_limit_event": _limit, "result": _result,
    "stream_event": lambda event: [] if isinstance(event.get("event"), dict) else None,
    "thread.started": lambda event: [_begins(event.get("thread_id"))], "item.started": _item, "item.completed": _item,
    "item.updated": _nothing, "turn.started": _nothing, "turn.completed": _nothing, "turn.failed": _failure, "error": _failure,
    "text": _part, "reasoning": _part, "tool_use": _tool, "step_start": _step, "step_finish": _step,
}  # fmt: skip
ROLES: dict[str, Callable[[Json], list[Told] | None]] = {"assistant": _answer, "tool": _printed, "meta": _meta}
