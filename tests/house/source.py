"""What the house tests read: the files that git knows, parsed."""
from __future__ import annotations

import ast
import fnmatch
import functools
import os
import re
import subprocess
from collections.abc import Iterator

from tests.sandbox import CHECKOUT


@functools.cache
def files(*patterns: str) -> tuple[str, ...]:
    """Tracked files below the checkout that are still there; without a repository (an unpacked archive), whatever is there."""
    listed = subprocess.run(["git", "-C", CHECKOUT, "ls-files", "--", *patterns], capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else walk(patterns)
    return tuple(name for name in names if os.path.isfile(os.path.join(CHECKOUT, name)))


def walk(patterns: tuple[str, ...]) -> list[str]:
    found = [os.path.relpath(os.path.join(folder, name), CHECKOUT) for folder, _, names in os.walk(CHECKOUT) for name in names]
    kept = [name for name in found if not name.startswith((".venv/", "build/", "dist/")) and "__pycache__" not in name]
    return sorted(name for name in kept if any(each == "." or fnmatch.fnmatch(name, each) for each in patterns))


def read(name: str) -> str:
    with open(os.path.join(CHECKOUT, name), encoding="utf-8") as file:
        return file.read()


@functools.cache
def tree(name: str) -> ast.Module:
    return ast.parse(read(name), name)


def module(name: str) -> str:
    """`orch/core/cron.py` is orch.core.cron; a package is named without __init__."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def modules() -> frozenset[str]:
    return frozenset(module(name) for name in files("orch/*.py"))


def imports(name: str, *, top_only: bool = False) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in a file; `from orch.host import lock` is orch.host.lock. `if TYPE_CHECKING:` does not count."""
    yield from _imports(tree(name).body, top_only)


def _imports(body: list[ast.stmt], top_only: bool) -> Iterator[tuple[int, str]]:
    for node in body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield node.lineno, full if full in modules() else str(node.module)
        elif top_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, field, []), top_only)
            for handler in getattr(node, "handlers", []):
                yield from _imports(handler.body, top_only)
            for case in getattr(node, "cases", []):
                yield from _imports(case.body, top_only)


@functools.cache
def tests() -> frozenset[str]:
    """Every test: `tests/core/test_cron.py::test_leap_days` (parameters left out), `tests/bats/task.bats: "an empty board is no error"`."""
    found: set[str] = set()
    for name in files("tests/*.py"):
        if os.path.basename(name).startswith("test_"):
            for node in ast.walk(tree(name)):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found.add(f"{name}::{node.name}")
    for name in files("tests/*.bats"):
        found |= {f'{name}: "{title}"' for title in re.findall(r'^@test "(.*)" \{$', read(name), re.M)}
    return frozenset(found)
