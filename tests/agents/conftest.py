"""`make test-agents` asks for these by name; a plain run of all tests does not, for they need programs of several hundred megabytes."""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.named import ignored

HERE = os.path.dirname(os.path.abspath(__file__))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return ignored(config, HERE)
