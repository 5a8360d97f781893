"""The shape of a reply (orch-reply(5)): which statuses there are and what agents call them, and how its keys are brought into order."""
from __future__ import annotations

import json
import re
from typing import Any, cast

from orch.core.prompt import cap
from orch.errors import BadData
from orch.records import Reply

Json = dict[str, Any]

# What agents write for each status, whatever they were told. Anything else is no reply: {"status": "ok"} and the like are examples of
# somebody's web service more often than a verdict.
STATUSES: dict[str, tuple[str, ...]] = {
    "done": ("done", "complete", "completed", "success", "successful", "succeeded", "finished", "fixed", "implemented", "resolved"),
    "no_change": ("no_change", "no_changes", "nochange", "no_op", "noop", "unchanged", "nothing_to_do", "already_done", "not_needed"),
    "help": (
        "help", "needs_help", "need_help", "needs_review", "need_review", "needs_input", "need_input", "needs_clarification",
        "waiting_for_input", "question",
    ),
    "blocked": ("blocked", "stuck"),
    "failed": ("failed", "fail", "failure", "error", "errored", "aborted", "gave_up", "incomplete", "partial", "in_progress"),
}
MEANS = {word: status for status, words in STATUSES.items() for word in words}
TEXTS = ("summary", "reason")
LISTS = ("accomplished", "remaining", "blockers", "files", "learnings")
ALIASES = {"files_changed": "files", "changed_files": "files", "message": "summary", "error": "reason"}
MARKS = {*TEXTS, *LISTS, "files_changed", "changed_files", "needs_help"}  # keys that only a reply has next to its status
HINT = 'a reply is a JSON object such as {"status": "done", "summary": "..."}; see orch-reply(5)'

TEXT, ITEM, ITEMS, REST = 4000, 1000, 200, 20_000  # characters of a text and of a list's item; items; characters of all unknown keys


def status(value: Json) -> str | None:
    """The status that an object declares, in our words; None when it is no reply."""
    word = value.get("status")
    if not isinstance(word, str) or is_event(value):
        return None
    return MEANS.get(re.sub(r"[\s-]+", "_", word.strip().lower()[:40]))


def is_event(value: Json) -> bool:
    """Whether an object is a line of an agent's protocol; many of those have a status (and a summary) that is not the agent's verdict."""
    return isinstance(value.get("type"), str) or isinstance(value.get("role"), str)


def stands_out(value: Json) -> bool:
    """Whether an object that was found among other text is a reply, and not an example or a part of something else."""
    return status(value) is not None and (len(value) == 1 or not MARKS.isdisjoint(value))


def shape(value: Json) -> Reply:
    """Bring a reply into its one form. raises BadData, which names the key"""
    said = status(value)
    if said is None:
        raise BadData(f"reply: status {str(value.get('status'))[:40]!r} is none of {', '.join(STATUSES)}", HINT)
    reply: Json = {"v": 1, "status": "help" if value.get("needs_help") is True else said}
    for key in TEXTS:
        reply[key] = _text(value, key)
    for key in LISTS:
        reply[key] = _list(value, key)
    for alias, key in ALIASES.items():
        if alias in value and not reply[key]:
            reply[key] = _list(value, alias) if key in LISTS else _text(value, alias)
    reply.update(_rest({key: item for key, item in value.items() if key not in (*reply, *ALIASES, "by", "left_out")}))
    reply["by"] = "output"
    return cast(Reply, {key: item for key, item in reply.items() if item or key in ("summary", "v")})


def _text(value: Json, key: str) -> str:
    found = value.get(key)
    if found is not None and not isinstance(found, str):
        raise BadData(f"reply: {key}: expected text, got {type(found).__name__}", HINT)
    return _clean(found or "", key, TEXT)


def _list(value: Json, key: str) -> list[str]:
    found = value.get(key)
    if found is None:
        return []
    items = [found] if isinstance(found, str) else found
    if not isinstance(items, list):
        raise BadData(f"reply: {key}: expected a list of texts, got {type(found).__name__}", HINT)
    wrong = next((item for item in items if item is not None and not isinstance(item, str)), None)
    if wrong is not None:
        raise BadData(f"reply: {key}: expected texts in the list, got {type(wrong).__name__}", HINT)
    texts = [_clean(item, key, ITEM) for item in items if item and item.strip()]
    over = len(texts) - ITEMS
    return texts if over <= 0 else [*texts[: ITEMS - 1], f"[{over + 1} more left out]"]


def _clean(text: str, key: str, limit: int) -> str:
    if "\0" in text:
        raise BadData(f"reply: {key}: it holds a NUL character", HINT)
    return cap(_encodable(text.strip()), limit)


def _encodable(text: str) -> str:
    """Half of a surrogate pair cannot be written as UTF-8."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _rest(unknown: Json) -> Json:
    """The keys that we do not know, kept as they are while they are small; the names of the others are noted."""
    kept: Json = {}
    left_out: list[str] = []
    room = REST
    for key, item in unknown.items():
        if key == "status" or item is None:
            continue
        try:
            text = _encodable(json.dumps({key: item}, ensure_ascii=False, allow_nan=False))
        except (ValueError, RecursionError):
            text = ""
        if text and len(text) <= room and "\\u0000" not in text:
            room -= len(text)
            kept.update(json.loads(text))
        else:
            left_out.append(cap(_encodable(key.replace("\0", "\ufffd")), 100))
    if left_out:
        kept["left_out"] = left_out[:20]
    return kept
