"""A zipped checkout without .git, as a forge offers it, works like a clone."""
from __future__ import annotations

import os
import shutil
import stat
import zipfile

import pytest

from tests.install.machine import Machine, life
from tests.sandbox import CHECKOUT


def test_a_zipped_checkout(machine: Machine) -> None:
    if not os.path.exists(os.path.join(CHECKOUT, ".git")):
        pytest.skip("this checkout came from an archive itself")
    packed = machine.path("orch.zip")
    machine.box.git("archive", "--format=zip", "--prefix=orch-main/", "-o", packed, "HEAD", cwd=CHECKOUT)
    unpack(packed, machine.path("from-zip"))
    tree = machine.path("from-zip", "orch-main")
    shutil.rmtree(machine.tree)
    machine.run("make", cwd=tree)
    life(machine, f"{tree}/bin")
    machine.run("make", ".venv/ready-test", cwd=tree)
    machine.run(".venv/bin/python", "-m", "pytest", "-q", "-n", "2", "tests/house", "tests/core", cwd=tree)


def unpack(packed: str, into: str) -> None:
    """As unzip does, with modes and links."""
    with zipfile.ZipFile(packed) as archive:
        for each in archive.infolist():
            full, mode = os.path.join(into, each.filename), each.external_attr >> 16
            if each.is_dir():
                os.makedirs(full, exist_ok=True)
            elif stat.S_ISLNK(mode):
                os.symlink(archive.read(each).decode(), full)
            else:
                with open(full, "wb") as file:
                    file.write(archive.read(each))
                os.chmod(full, (mode & 0o777) or 0o644)
