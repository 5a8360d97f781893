from __future__ import annotations

import os

from orch.host import files
from tests.sandbox import Sandbox


def test_a_line_about_any_path_is_appended(sandbox: Sandbox) -> None:
    """An ORCH_HOME may hold any bytes, and messages name it."""
    path = os.path.join(os.fsencode(sandbox.root), b"h\xff", b"shepherd.log")
    files.append(os.fsdecode(path), f"{os.fsdecode(path)}: ünï")
    assert files.read_bytes(os.fsdecode(path)) == path + ": ünï\n".encode()
