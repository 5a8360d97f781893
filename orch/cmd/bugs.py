"""A bug of ours: keep a report (versions, command line, traceback; never environment values) in a file, and tell where it is."""
from __future__ import annotations

import os
import sys

import orch
from orch.cmd import out
from orch.errors import BUG, OrchError
from orch.host import files
from orch.host.world import World


def tell(world: World, error: Exception, who: str, args: list[str]) -> int:
    """Returns the status. Without a place to write to, the whole report goes to stderr."""
    import platform
    import traceback

    head = f"orch {orch.__version__}\npython {platform.python_version()} at {sys.executable}\n{platform.platform()}"
    report = f"{head}\nargv {[who, *args]!r}\n\n{''.join(traceback.format_exception(error))}"
    path = world.home.state("bugs", f"{world.now_text()}-{os.getpid()}.txt")
    out.say(f"{who}: a bug in orch: {type(error).__name__}: {error}")
    try:
        files.replace(path, report.encode(errors="backslashreplace"))
    except OrchError as worse:
        out.say(f"{report}\n{who}: hint: the report above could not be kept: {worse.message}")
    else:
        out.say(f"{who}: hint: the report is in {path}; please pass it on")
    return BUG
