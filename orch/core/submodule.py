"""Submodules whose URLs are relative (`../lib.git`): what they mean beside the project's origin."""
from __future__ import annotations

import re
from collections.abc import Mapping


def bare(origin: str) -> str:
    """An origin without the credentials that its URL may carry; the user of ssh is part of the address."""
    origin = re.sub(r"(?i)^(https?://)[^/]*@", r"\1", origin)
    return re.sub(r"^(\w[\w+.-]*://[^/@:]*):[^/]*@", r"\1@", origin)


def resolve(origin: str, url: str) -> str:
    """The URL that git would make of a relative one, for a repository that was cloned from origin."""
    base, between = origin.removesuffix("/"), "/"
    while True:
        if url.startswith("../"):
            url = url[3:]
            at = base.rfind("/")
            if at < 0:  # host:path
                at, between = base.rfind(":"), ":"
            base = base[: max(at, 0)]
        elif url.startswith("./"):
            url = url[2:]
        else:
            return f"{base}{between}{url.removesuffix('/')}"


def settings(origin: str, urls: Mapping[str, str]) -> str:
    """Sections of a git config that say where relative submodules are, name -> url as in .gitmodules; empty when none is relative.

    They stay inactive: what is not asked for with `git submodule update --init` is not fetched.
    """
    return "".join(
        f"[submodule {_quoted(name)}]\n\tactive = false\n\turl = {_quoted(resolve(bare(origin), url))}\n"
        for name, url in urls.items()
        if url.startswith(("./", "../")) and (name + url).isprintable()
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
