"""The types of configuration values, and the one form of each that the rest of the program sees.

`accept` takes a value as YAML gives it, `from_text` as a person or the environment writes it; both return seconds and bytes as whole
numbers and a command line as a list, and raise ValueError with what was expected.
"""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from orch.core import clock, globs, names
from orch.errors import BadData

_SIZE = r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([kMGT]?)B?"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*(?:=[^\0]*)?"
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def accept(kind: str, value: Any) -> Any:
    """The value in its one form. raises ValueError"""
    if "|" in kind:
        if isinstance(value, str) and value in kind.split("|"):
            return value
        raise ValueError(f"expected {' or '.join(kind.split('|'))}, got {said(value)}")
    found = TYPES[kind](value)
    if found is not None:
        return found
    for index, item in enumerate(value if isinstance(value, list) and "list" in EXPECTED[kind] else ()):
        if TYPES[kind]([item]) is None:
            raise ValueError(f"expected {EXPECTED[kind]}, but item {index + 1} is {said(item)}")
    raise ValueError(f"expected {EXPECTED[kind]}, got {said(value)}")


def from_text(kind: str, text: str) -> Any:
    """The value of what was typed or set in the environment. A list is `a, b`, or JSON when items hold commas. raises ValueError"""
    if kind in ("list", "names", "variables", "paths", "patterns", "argv"):
        if text.lstrip().startswith("["):
            try:
                return accept(kind, json.loads(text))
            except json.JSONDecodeError as error:
                raise ValueError(f"not JSON: {error}") from None
        return accept(kind, text if kind == "argv" else [item.strip() for item in text.split(",") if item.strip()])
    if kind == "flag":
        return accept(kind, _WORDS.get(text.strip().lower(), text))
    if kind in ("count", "positive", "days"):
        return accept(kind, int(text) if re.fullmatch(r"\s*[0-9]{1,18}\s*", text) else text)
    if kind == "money":
        return accept(kind, float(text) if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]*)?\s*", text) else text)
    return accept(kind, text.strip() if "|" in kind else text)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def _positive(value: Any) -> int | None:
    return _whole(value) or None


def _days(value: Any) -> int | None:
    return value if _whole(value) is not None and value <= clock.MILLENNIUM // 86400 else None


def _seconds(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            return clock.seconds(value)
        except BadData:
            return None
    return value if _whole(value) is not None and value <= clock.MILLENNIUM else None


def _bytes(value: Any) -> int | None:
    if isinstance(value, str):
        found = re.fullmatch(_SIZE, value.strip())
        value = int(float(found[1]) * _UNITS[found[2]]) if found else None
    return _whole(value)


def _money(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12 else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isprintable() else None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isprintable() and not value.startswith("-") and " " not in value else None


def _list(good: Callable[[str], object]) -> Callable[[Any], list[str] | None]:
    def read(value: Any) -> list[str] | None:
        fine = isinstance(value, list) and all(isinstance(item, str) and "\0" not in item and good(item) for item in value)
        return list(value) if fine else None

    return read


def _patterns(value: Any) -> list[str] | None:
    """raises ValueError for a pattern that means nothing, with what is wrong with it"""
    found = _list(str.strip)(value)
    for index, item in enumerate(found or ()):
        try:
            globs.compiled(item)
        except re.error as error:
            raise ValueError(f"expected {EXPECTED['patterns']}, but item {index + 1} is {said(item)}: {error.msg}") from None
    return found


def _argv(value: Any) -> list[str] | None:
    if isinstance(value, str):
        import shlex

        try:
            value = shlex.split(value)
        except ValueError:
            return None
    return _list(lambda item: True)(value)


def _inside(path: str) -> bool:
    return bool(path) and not path.startswith(("/", "~")) and ".." not in path.split("/")


TYPES: dict[str, Callable[[Any], Any]] = {
    "count": _whole,
    "positive": _positive,
    "days": _days,
    "seconds": _seconds,
    "bytes": _bytes,
    "money": _money,
    "flag": _flag,
    "text": _text,
    "word": _word,
    "list": _list(str.strip),
    "names": _list(lambda item: re.fullmatch(names.AGENT, item)),
    "variables": _list(lambda item: re.fullmatch(_VARIABLE, item)),
    "paths": _list(_inside),
    "patterns": _patterns,
    "argv": _argv,
}
EXPECTED = {
    "count": "a whole number",
    "positive": "a whole number above 0",
    "days": "a whole number of days, at most 365250",
    "seconds": "seconds or a duration such as 90s, 5m, 2h, at most a thousand years",
    "bytes": "bytes or a size such as 500kB, 20GB",
    "money": "a number",
    "flag": "true or false",
    "text": "one line of text",
    "word": "one word that does not start with a dash",
    "list": "a list of texts",
    "names": "a list of agents' names",
    "variables": "a list of environment variables, NAME or NAME=value",
    "paths": "a list of paths inside the repository",
    "patterns": "a list of patterns such as *.tf",
    "argv": "a command line: a list of texts, or one text quoted as in a shell",
}


def said(value: Any) -> str:
    """A value for an error message: what it is and how it looks, short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"the text {shown}" if isinstance(value, str) else f"the number {shown}" if isinstance(value, int | float) else shown
