"""What a person names on the command line to be read: a file, or `-` for standard input."""
from __future__ import annotations

import os
import sys

from orch.errors import BadData, NotFound
from orch.host import files
from orch.host.world import World

BOM = b"\xef\xbb\xbf"  # some programs begin a file with it to say that it is UTF-8


def read(world: World, name: str) -> bytes:
    """The bytes of a file, which may be a pipe, or of standard input. raises NotFound, NotAllowed, IOFailed"""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return files.read_given(os.path.join(world.cwd, name))
    except NotFound as error:
        raise NotFound(error.message, "name a file that is there, or - for standard input") from None


def body(world: World, value: str) -> str:
    """The text of a task as people give it: itself, @FILE, or -. raises BadData, and what `read` raises"""
    if value != "-" and not value.startswith("@"):
        return value
    try:
        return read(world, value if value == "-" else value[1:]).decode()
    except UnicodeDecodeError as error:
        raise BadData(f"body: not UTF-8 ({error.reason} at byte {error.start})", "convert it first, say with iconv") from None
