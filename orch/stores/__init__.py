"""Where tasks live. An adapter is a module with the functions create, get, list_open, change, archive and events as in local.py; it is
found by name and imported on first use."""
from __future__ import annotations

from types import ModuleType

from orch.errors import NotFound

BY_NAME = {"local": "orch.stores.local"}


def find(name: str) -> ModuleType:
    """The adapter of that name. raises NotFound"""
    from importlib import import_module

    if name not in BY_NAME:
        raise NotFound(f"no task store is called {name!r}", f"there are: {', '.join(BY_NAME)}")
    return import_module(BY_NAME[name])
