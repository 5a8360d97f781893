"""Before any test is imported: the person's home, ORCH_HOME and git identity are out of reach, in this process and in its children."""
from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from tests.sandbox import Sandbox  # noqa: E402

_nobody = tempfile.mkdtemp(prefix="o-nobody-", dir="/tmp")
atexit.register(shutil.rmtree, _nobody, ignore_errors=True)
for name in list(os.environ):
    if name.startswith(("ORCH_", "GIT_", "XDG_", "TMUX", "CLAUDE")):
        del os.environ[name]
os.environ["HOME"] = _nobody

if "SANDBOXES" not in os.environ and os.path.isdir("/dev/shm"):
    # In memory, where there is much of it and programs may run there: records are synced to the disk thousands of times. Or: SANDBOXES=/tmp
    _memory = os.statvfs("/dev/shm")
    if os.access("/dev/shm", os.W_OK) and not _memory.f_flag & os.ST_NOEXEC and _memory.f_bavail * _memory.f_frsize > 4 << 30:
        os.environ["SANDBOXES"] = "/dev/shm"

for each in (signal.SIGINT, signal.SIGQUIT):  # a shell without job control ignores them in what it starts with &, and children too
    signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL)

settings.register_profile("orch", deadline=None, database=None, max_examples=100)
settings.load_profile("orch")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()
