"""Moments as people write them on a command line: an ISO time with a zone, or how long ago."""
from __future__ import annotations

from datetime import datetime

from orch.core import clock
from orch.errors import BadData


def past(now: datetime, words: str) -> datetime:
    """`2026-11-20T03:00:00Z`, or `90s`, `5m`, `2h`, `1d` before now. raises BadData"""
    if "T" in words or "-" in words:
        return clock.parse(words)
    try:
        return clock.shift(now, -clock.seconds(words))
    except BadData:
        raise BadData(f"not a time: {words!r}", "write 2026-11-20T03:00:00Z, or how long ago: 90s, 5m, 2h, 1d") from None
