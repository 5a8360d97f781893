"""The refs of a bare repository of our own, read as git reads them but without a process: the loose file, then packed-refs.

Only where refs are files, which host/git.FORCED sees to.
"""
from __future__ import annotations

import os
import re
from collections.abc import Sequence

from orch.errors import NotFound, OrchError
from orch.host import files


def read(repo: str, name: str) -> str | None:
    """The SHA of a full ref name (no symref) in a bare repository of our own, without a process; None when there is no such ref.

    As git reads it: the loose file, then packed-refs. Only for repositories whose refs are files, which FORCED sees to.
    """
    try:
        loose = files.read_bytes(os.path.join(repo, name)).strip()
        if re.fullmatch(rb"[0-9a-f]{40,64}", loose):
            return loose.decode()
    except OrchError:
        pass  # not there, or a directory of refs
    try:
        packed = b"\n" + files.read_bytes(os.path.join(repo, "packed-refs"))
    except NotFound:
        return None
    end = packed.find(b" " + os.fsencode(name) + b"\n")
    return packed[packed.rfind(b"\n", 0, end) + 1 : end].decode() if end >= 0 else None


def read_all(repo: str, kinds: Sequence[str] = ("heads", "tags")) -> dict[str, str] | None:
    """All refs below refs/<kind>, full name -> SHA, without a process; None when one of them is a symref, or no plain file.

    As read_ref, and for the same repositories. raises OSError when one changes while we look
    """
    found: dict[str, str] = {}
    waiting = [os.path.join("refs", kind) for kind in kinds]
    while waiting:
        folder = waiting.pop()
        with os.scandir(os.path.join(repo, folder)) as there:
            for each in there:
                name = os.path.join(folder, each.name)
                if each.is_dir():
                    waiting.append(name)
                elif not each.name.endswith(".lock"):
                    with open(os.path.join(repo, name), "rb", buffering=0) as file:
                        sha = file.read(200).decode(errors="replace").strip()
                    if not re.fullmatch(r"[0-9a-f]{40,64}", sha):
                        return None
                    found[name] = sha
    packed = os.path.join(repo, "packed-refs")  # read last: a ref that is packed meanwhile is in one of the two
    if os.path.exists(packed):
        for line in files.read_bytes(packed).decode(errors="surrogateescape").splitlines():
            sha, _, name = line.partition(" ")
            if name.startswith(tuple(f"refs/{kind}/" for kind in kinds)):
                found.setdefault(name, sha)
    return found
