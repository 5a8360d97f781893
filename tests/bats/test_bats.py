"""Each file of command-line tests is one test here, so that one runner spreads all over the processors and one report tells of it."""
from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house import source
from tests.sandbox import CHECKOUT

BATS = os.path.join(os.path.dirname(sys.executable), "bats")


@pytest.mark.parametrize("name", source.files("tests/bats/*.bats"))
def test_file(name: str) -> None:
    done = subprocess.run([BATS, "--tap", name], cwd=CHECKOUT, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    told = [line for line in done.stdout.splitlines() if not line.startswith("ok ") or "# skip" in line]
    assert done.returncode == 0, "\n".join([name, *told, done.stderr])
    skipped = [line for line in told if "# skip" in line]
    if skipped:
        pytest.skip("; ".join(skipped))
