"""The floors (CONTRIBUTING.md): an import goes down, never up, and never round in a circle; what a floor may not touch, it does not."""
from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from tests.house import source

FLOORS = {
    "orch": 0, "orch.errors": 0, "orch.records": 0, "orch.commands": 0,
    "orch.core": 1,
    "orch.host": 2,
    "orch.stores": 3, "orch.agents": 3, "orch.executors": 3, "orch.channels": 3,
    "orch.flow": 4,
    "orch.cmd": 5,
    "orch.main": 6, "orch.__main__": 6,
}
IMPURE = {
    "os", "sys", "io", "subprocess", "time", "random", "secrets", "uuid", "socket", "signal", "threading", "multiprocessing", "select",
    "shutil", "tempfile", "pathlib", "glob", "fcntl", "platform", "getpass", "urllib", "http", "sqlite3", "asyncio", "locale",
}
IMPURE_CALLS = {"open", "input", "print", "exec", "eval"}
CLOCKS = {"now", "utcnow", "today"}
OWNERS = {  # the only modules that may know a library
    "yaml": ["orch.host.yaml"], "ruamel": ["orch.host.yaml"], "jinja2": ["orch.host.template"],
    "croniter": ["orch.core.cron"], "click": ["orch.cmd"], "subprocess": ["orch.host", "orch.executors"],
}
SLOW = {  # not at the top of a module: they cost milliseconds in every command that imports it
    "yaml", "ruamel", "jinja2", "croniter", "difflib", "dataclasses", "pathlib", "inspect", "tempfile", "logging", "asyncio",
    "importlib.metadata", "urllib", "http", "email", "socket", "multiprocessing", "concurrent", "shutil", "platform", "traceback",
}
PYTHON = source.files("orch/*.py")


def floor(module: str) -> tuple[str, int]:
    for known in (module, ".".join(module.split(".")[:2])):
        if known in FLOORS:
            return known, FLOORS[known]
    raise AssertionError(f"{module} is on no floor: add it to FLOORS, or move it")


@functools.cache
def imports() -> list[tuple[str, int, str]]:
    """Every import of the program: file, line, target."""
    return [(name, line, target) for name in PYTHON for line, target in source.imports(name)]


def inside(module: str, owner: str) -> bool:
    return module == owner or module.startswith((owner + ".", owner + "_"))


def test_every_module_is_on_a_floor() -> None:
    assert PYTHON
    for name in PYTHON:
        floor(source.module(name))


def test_imports_go_down() -> None:
    wrong = []
    for name, line, target in imports():
        own, height = floor(source.module(name))
        if target != "orch" and not target.startswith("orch."):
            continue
        other, level = floor(target)
        if level > height or (level == height and other != own and height != 0 and not {own, other} <= {"orch.main", "orch.__main__"}):
            wrong.append(f"{name}:{line}: {own} (floor {height}) imports {target} (floor {level})")
    assert not wrong, "\n".join(wrong)


def test_libraries_have_one_owner_and_slow_ones_wait() -> None:
    wrong = []
    for name, line, target in imports():
        owners = OWNERS.get(target.split(".")[0])
        if owners and not any(inside(source.module(name), owner) for owner in owners):
            wrong.append(f"{name}:{line}: only {' and '.join(owners)} import {target}")
    for name in PYTHON:
        for line, target in source.imports(name, top_only=True):
            if target in SLOW or target.split(".")[0] in SLOW:
                wrong.append(f"{name}:{line}: import {target} inside the function that needs it")
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_by_a_detour() -> None:
    """Imports at the top of modules have no cycle, so that any module can be imported first."""
    graph = {source.module(name): {to for _, to in source.imports(name, top_only=True) if to in source.modules()} for name in PYTHON}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module):], module])
        if module not in done:
            for target in sorted(graph[module] - {module}):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def test_core_is_pure() -> None:
    core = [name for name in PYTHON if name.startswith("orch/core/")]
    assert core
    wrong = [f"{name}:{line}: core imports {to}" for name, line, to in imports() if name in core and to.split(".")[0] in IMPURE]
    wrong += [f"{name}:{line}: core calls {what}" for name in core for line, what in impure_calls(source.tree(name))]
    assert not wrong, "\n".join(wrong)


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield node.lineno, f"{node.func.id}()"
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS and isinstance(node.func.value, ast.Name):
            yield node.lineno, f"{node.func.value.id}.{node.func.attr}()"


def test_only_commands_print() -> None:
    """Data comes from cmd/ alone; below it, words may go to stderr while somebody waits."""
    wrong = [
        f"{name}:{node.lineno}: print()"
        for name in PYTHON if not name.startswith("orch/cmd/") and name != "orch/main.py"
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        and not any(ast.unparse(each) == "file=sys.stderr" for each in node.keywords)
    ]
    assert not wrong, "\n".join(wrong)
