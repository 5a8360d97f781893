"""Patterns of paths. As in .gitignore: `*` stays inside a name, `**` does not, a pattern without a slash means any directory, one that
means a directory means all that is in it."""
from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """What fullmatches the paths that are meant. raises re.error for brackets that mean nothing: `[z-a]`, `[!]`"""
    body = pattern.strip("/")
    out = "" if "/" in body or pattern.startswith("/") else "(?:.*/)?"
    for token in re.findall(r"\*\*/|/\*\*$|\*\*|\*|\?|\[[^\]]+\]|.", body, re.S):
        if token == "**/":
            out += "(?:.*/)?"
        elif token == "/**":
            out += "/.*"
        elif token == "**":
            out += ".*"
        elif token == "*":
            out += "[^/]*"
        elif token == "?":
            out += "[^/]"
        elif token.startswith("[") and len(token) > 1:
            inside = re.sub(r"[\\\[&~|]|-(?=-)|(?<=-)-", r"\\\g<0>", token[1:-1])  # these mean something in a set of `re`, or will
            out += "[" + ("^" + inside[1:] if inside[0] == "!" else inside) + "]"
        else:
            out += re.escape(token)
    return re.compile(out + "(?:/.*)?", re.S)
