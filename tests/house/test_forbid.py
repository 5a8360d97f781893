"""What may not ship: leftovers of debugging, shouted reminders, swallowed errors, paths of somebody's machine."""
from __future__ import annotations

import ast
import re

import pytest

from tests.house import source
from tests.sandbox import CHECKOUT

LEFTOVERS = re.compile(r"\bbreakpoint\(|\bpdb\b|set_trace|\bpprint\(|\bconsole\.log\b|print\(.*\bDEBUG\b")
SHOUTS = re.compile(r"\b(TODO|FIXME|XXX|HACK|KLUDGE|WIP|NOCOMMIT)\b|\b(IMPORTANT|NOTE|ATTENTION|BEWARE)[:!]")
MACHINE = re.compile(re.escape(CHECKOUT) + r"\b" if CHECKOUT.count("/") > 1 else "(?!)")
THIS = "tests/house/test_forbid.py"
TEXT = [name for name in source.files(".") if name != THIS and not name.startswith("tests/fixtures/")]
PYTHON = [name for name in TEXT if name.endswith(".py")]


@pytest.mark.parametrize("what, pattern", [("a leftover", LEFTOVERS), ("a shouted reminder", SHOUTS), ("a path of one machine", MACHINE)])
def test_no_file_has(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number}: {what}: {line.strip()[:100]}"
        for name in TEXT
        for number, line in enumerate(source.read(name).splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_errors_are_not_swallowed() -> None:
    """`except Exception: pass` (or a bare except) hides our own bugs."""
    wrong = [
        f"{name}:{node.lineno}: names no error that it expects"
        for name in PYTHON
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.ExceptHandler) and catches_all(node) and does_nothing(node)
    ]
    assert not wrong, "\n".join(wrong)


def catches_all(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))


def does_nothing(node: ast.ExceptHandler) -> bool:
    return all(isinstance(each, (ast.Pass, ast.Continue)) for each in node.body)


def test_a_module_says_what_it_is() -> None:
    ours = [name for name in PYTHON if name.startswith("orch/") and source.read(name).strip()]
    silent = [name for name in ours if not ast.get_docstring(source.tree(name))]
    assert not silent, f"no docstring: {silent}"


def test_tests_wait_for_conditions() -> None:
    """time.sleep is no synchronisation: poll with sandbox.wait_for. sleep(0) only lets others run."""
    wrong = [
        f"{name}:{node.lineno}: sleep"
        for name in PYTHON if name.startswith("tests/") and "/test_" in name
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep") and ast.unparse(node.args[0]) != "0"
    ]
    assert not wrong, "\n".join(wrong)
