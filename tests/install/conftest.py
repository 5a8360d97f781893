"""`make test-install` asks for these by name; a plain run of all tests does not, for they take minutes and the package index."""
from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import source
from tests.install.machine import Machine
from tests.named import ignored
from tests.sandbox import CHECKOUT, Sandbox

HERE = os.path.dirname(os.path.abspath(__file__))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return ignored(config, HERE)


@pytest.fixture(scope="session")
def tree() -> Iterator[str]:
    """The tracked files and nothing else: what a clone, or an archive without .git, is."""
    box = Sandbox()
    path = os.path.join(box.root, "orch-1.0 (copy)")  # nobody promises that a path has no spaces
    for name in source.files("."):
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        shutil.copy2(os.path.join(CHECKOUT, name), os.path.join(path, name), follow_symlinks=False)
    yield path
    box.close()


@pytest.fixture
def machine(tree: str) -> Iterator[Machine]:
    """A home with nothing in it and a copy of the tree."""
    box = Sandbox()
    copy = os.path.join(box.root, "src", os.path.basename(tree))
    shutil.copytree(tree, copy, symlinks=True)
    yield Machine(box, copy, os.path.dirname(os.path.realpath(sys.executable)))
    box.close()
