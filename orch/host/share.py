"""Where orch itself lies: the package, and the files that come with it (beside it in a checkout, inside it in an installed wheel)."""
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


def stamp() -> tuple[int, ...]:
    """Changes with the installation: when each directory of the package last got or lost a file, in ns; empty while it is not there."""
    try:
        with os.scandir(PACKAGE) as entries:
            return os.stat(PACKAGE).st_mtime_ns, *sorted(each.stat().st_mtime_ns for each in entries if each.is_dir())
    except OSError:
        return ()
