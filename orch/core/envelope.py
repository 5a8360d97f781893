"""What an agent says itself, in the lines that its program prints. Tool output, sub-agents and status lines are not the agent's answer."""
from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def answers(event: Json) -> list[str | Json]:
    """The texts (or objects) in one line of a protocol in which a reply may stand, in order."""
    kind, role = event.get("type"), event.get("role")
    if kind == "result":  # claude and its kin; an error's text is not the agent's
        return [] if event.get("is_error") else _some(event.get("result"), event.get("structured_output"))
    if kind == "assistant":  # claude; what has a parent comes from a sub-agent
        message = event.get("message")
        return [] if event.get("parent_tool_use_id") or not isinstance(message, dict) else content(message.get("content"))
    if kind == "item.completed":  # codex
        item = event.get("item")
        return _some(item.get("text")) if isinstance(item, dict) and item.get("type") == "agent_message" else []
    if kind == "text":  # opencode
        part = event.get("part")
        return _some(part.get("text")) if isinstance(part, dict) else []
    if role == "assistant":  # kimi
        return content(event.get("content"))
    return [] if kind or role else _some(event.get("result"))


def content(content: Any) -> list[str | Json]:
    """A message's content: a text, or a list of blocks of which those of type text count."""
    blocks = content if isinstance(content, list) else [content]
    return _some(*(block.get("text") if isinstance(block, dict) and block.get("type") == "text" else block for block in blocks))


def _some(*values: Any) -> list[str | Json]:
    return [value for value in values if isinstance(value, (str, dict))]
