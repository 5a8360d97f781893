"""host/tree: a sub-reaper knows at once that nothing is left, and never says so too early."""
from __future__ import annotations

import subprocess
import sys

import pytest

from tests.sandbox import CHECKOUT, Sandbox

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has sub-reapers")

STORY = """
import os, signal, sys
from orch.host import tree
print("alone, but no sub-reaper:", tree.childless())
tree.adopt_orphans()
print("alone:", tree.childless())
ready, done = os.pipe()
child = os.fork()
if child == 0:
    if os.fork() == 0:  # in a session of its own; its parent ends at once
        os.setsid()
        os.write(done, b"%d" % os.getpid())
        signal.pause()
    os._exit(0)
orphan = int(os.read(ready, 20))
print("both:", tree.childless())
os.waitpid(child, 0)
print("the orphan, which is ours now:", tree.childless())
os.kill(orphan, signal.SIGKILL)
os.waitid(os.P_PID, orphan, os.WEXITED | os.WNOWAIT)
print("its zombie:", tree.childless())
os.waitpid(orphan, 0)
print("nobody:", tree.childless())
"""


def test_childless(sandbox: Sandbox) -> None:
    env = {**sandbox.env, "PYTHONPATH": CHECKOUT}
    done = subprocess.run([sys.executable, "-c", STORY], env=env, cwd="/", capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines() == [
        "alone, but no sub-reaper: False", "alone: True", "both: False",
        "the orphan, which is ours now: False", "its zombie: False", "nobody: True",
    ], done.stderr
