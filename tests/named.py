"""Tests that run only when they are asked for by the name of their directory: they take long, or need the network."""
from __future__ import annotations

import os

import pytest


def ignored(config: pytest.Config, directory: str) -> bool | None:
    """What a conftest's pytest_ignore_collect answers."""
    asked = (os.path.abspath(os.path.join(config.invocation_params.dir, each.split("::")[0])) for each in config.args)
    return None if any(each.startswith(directory) for each in asked) else True
