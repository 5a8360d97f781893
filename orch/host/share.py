"""Where the files lie that come with orch but are not Python: beside the package in a checkout, inside it in an installed wheel."""
from __future__ import annotations

import os
import sys

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def share(name: str) -> str:
    """The directory `prompts` or `shell` as it was shipped."""
    inside = os.path.join(PACKAGE, "share", name)
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(PACKAGE), name)


def program() -> list[str]:
    """The command line that runs this very orch, whatever PATH and PYTHONPATH say; append the words."""
    return [sys.executable, os.path.join(PACKAGE, "__main__.py")]
