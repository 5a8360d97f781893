"""Find an agent's reply in its output: the last JSON object with a valid status that the agent itself said.

The output is one JSON value; or lines of a protocol (core.envelope), between which other text may stand; or prose with an object in it,
fenced or not. Prose alone is no reply, however happy it sounds. The end is looked at first, and time is bounded for any input: a line
is decoded once, and in prose at most TRIES places near the end are tried.
"""
from __future__ import annotations

import json
import re
from collections import deque
from typing import Any

from orch.core import envelope
from orch.core.reply_shape import HINT, Json, is_event, shape, stands_out, status
from orch.errors import BadData
from orch.records import Reply

LOOKED_AT = 1_000_000  # characters of prose, from the end
TRIES = 2000  # places in it where an object may begin
LONGEST = 100_000  # characters of an object in prose
START = r'\{\s*+"[^"\\\n]{1,64}+"\s*+:'
DECODER = json.JSONDecoder(strict=False)  # models put line breaks into strings


def parse(text: str) -> Reply:
    """Read the reply in what an agent printed. raises BadData when there is none, or when the last one has a key of the wrong type"""
    found = _anywhere(text)
    if found is None:
        raise BadData("no reply: there is no JSON object with a valid status in it" if text.strip() else "no reply: it is empty", HINT)
    return shape(found)


def _anywhere(text: str) -> Json | None:
    whole = _decode(text)
    if isinstance(whole, dict):
        return whole if "status" in whole and not is_event(whole) else _in_event(whole)
    if isinstance(whole, list):
        return next((found for event in reversed(whole) if isinstance(event, dict) and (found := _in_event(event))), None)
    return _in_lines(text)


def _in_lines(text: str) -> Json | None:
    """From the last line up: a protocol's lines one by one, what stands between them together."""
    between: list[str] = []
    room = LOOKED_AT
    for line in reversed(text.split("\n")):
        event = _decode(line)
        if not isinstance(event, dict) or not is_event(event):
            between.append(line)
            continue
        found = _in_prose(between, room) or _in_event(event)
        if found is not None:
            return found
        room -= sum(map(len, between))
        between.clear()
    return _in_prose(between, room)


def _in_event(event: Json) -> Json | None:
    for answer in reversed(envelope.answers(event)):
        found = answer if isinstance(answer, dict) else _in_answer(answer)
        if found is not None and status(found) is not None:
            return found
    return None


def _in_answer(text: str) -> Json | None:
    whole = _decode(text)
    return whole if isinstance(whole, dict) else _in_prose([text], LOOKED_AT)


def _in_prose(backwards: list[str], room: int) -> Json | None:
    """The last object in some lines (given last line first) that looks like a reply; objects within objects do not count."""
    if room <= 0 or not backwards:
        return None
    text = "\n".join(reversed(backwards))[-room:]
    found, end = None, 0
    for at in deque((match.start() for match in re.finditer(START, text)), maxlen=TRIES):
        if at < end:
            continue
        try:
            value, length = DECODER.raw_decode(text[at : at + LONGEST])
        except (ValueError, RecursionError):
            continue
        end = at + length
        if stands_out(value):
            found = value
    return found


def _decode(text: str) -> Any:
    """The JSON value that text is as a whole; None when it is anything else."""
    text = text.strip().removeprefix("\ufeff")
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        return None
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
