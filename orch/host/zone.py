"""Time zones by name, and the caller's own as the C library would choose it: TZ, else /etc/localtime, else UTC."""
from __future__ import annotations

import io
import re
import struct
from collections.abc import Mapping
from datetime import timezone, tzinfo

from orch.errors import BadData

LOCALTIME = "/etc/localtime"
HINT = "use a name such as Europe/Berlin or UTC; `ls /usr/share/zoneinfo` shows them"


def local(env: Mapping[str, str]) -> tzinfo:
    """The zone of whoever runs us. raises BadData when TZ names none"""
    name = env.get("TZ")
    if name is not None:
        return named(name.removeprefix(":") or "UTC", "TZ: ")
    try:
        return _file(LOCALTIME)
    except (OSError, ValueError):
        return timezone.utc


def named(name: str, who: str = "") -> tzinfo:
    """The zone called name: `Europe/Berlin`; the path of a zone file; a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. raises BadData"""
    if name in ("UTC", "Z"):
        return timezone.utc
    from zoneinfo import ZoneInfo

    try:
        if name.startswith("/"):
            return _file(name)
        if re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
            try:
                return ZoneInfo(name)
            except (KeyError, OSError):
                pass  # it may still be a rule, `EST5EDT` without a comma
        return _rule(name)
    except (OSError, ValueError):
        raise BadData(f"{who}no time zone {name!r}", HINT) from None


def _file(path: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    with open(path, "rb") as file:
        return ZoneInfo.from_file(file)


def _rule(text: str) -> tzinfo:
    """A zone file of tzfile(5), version 2, that holds no changes, only the rule in its footer. raises ValueError"""
    from zoneinfo import ZoneInfo

    if not re.fullmatch(r"[A-Za-z0-9<>+,./:-]{4,100}", text):
        raise ValueError("not a POSIX time zone rule")
    block = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", 0, 0, 0) + b"UTC\0"
    return ZoneInfo.from_file(io.BytesIO(block + block + b"\n" + text.encode() + b"\n"))
