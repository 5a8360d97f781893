"""find an agent's reply in its output

Usage: orch parse PATH|-

Prints the last reply in the file (or, for -, in standard input) as one line of JSON: a JSON object with
a valid status, lines of an agent's protocol, or prose with such an object in it. The format is in
orch-reply(5). Status 65 when there is none, 66 when there is no such file.
"""
from __future__ import annotations

from orch.cmd import given, out, words
from orch.core import reply
from orch.errors import Usage
from orch.host.world import World

HINT = "write: orch parse PATH, or - for standard input"


def main(args: list[str], world: World) -> int:
    _, rest = words.split(args, (), (), HINT)
    if len(rest) != 1:
        raise Usage(f"expected one path, got {len(rest)}" if rest else "no file is named", HINT)
    out.json_line(reply.parse(given.read(world, rest[0]).decode(errors="replace")))
    return 0
