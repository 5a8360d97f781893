"""print the version

Usage: orch version
"""
from __future__ import annotations

import orch
from orch.errors import Usage
from orch.host.world import World


def main(args: list[str], world: World) -> int:
    if args:
        raise Usage(f"unexpected argument {args[0]!r}", "see `orch version --help`")
    print(f"orch {orch.__version__}")
    return 0
