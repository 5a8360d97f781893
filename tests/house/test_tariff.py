"""Import tariffs: what a hot command may not load, and how many of orch's own modules it loads at most.

Looked at is what `-X importtime` reports beyond a bare interpreter, and beyond `import click` where the command uses click. The budget
is a ratchet: lower a number when the count went down, raise it only with a reason in the commit. Modules of Python itself are not
counted, because their number changes with its version; the slow ones are named in HEAVY.
"""
from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.bench import homes
from tests.sandbox import CHECKOUT, Sandbox

HEAVY = {
    "yaml", "ruamel", "jinja2", "croniter", "dateutil", "difflib", "subprocess", "asyncio", "logging", "tempfile",
    "dataclasses", "pathlib", "socket", "urllib", "http", "email", "ssl", "importlib.metadata", "multiprocessing", "concurrent",
    "hashlib", "secrets", "traceback", "unittest", "pydoc", "ctypes", "shutil", "inspect", "uuid", "gettext", "platform", "argparse",
    "optparse", "configparser",
}


class Hot(NamedTuple):
    args: tuple[str, ...]
    budget: int  # modules of orch
    click: bool = True


HOT = (
    Hot(("--version",), 2, click=False),
    Hot(("--help",), 5, click=False),
    Hot(("version",), 11, click=False),
    Hot(("lock", "l", "true"), 14, click=False),
    Hot(("cron", "@hourly"), 16, click=False),
    Hot(("config", "engine.max_parallel"), 20, click=False),
    Hot(("sidecar", "get", "int-1", "status"), 29, click=False),
    Hot(("parse", "reply.json"), 20, click=False),
    Hot(("task", "get", "int-1"), 38),
    Hot(("task", "list"), 34),
    Hot(("task", "add", "x", "--dry-run"), 35),
    Hot(("status",), 40),
    Hot(("tick",), 35, click=False),
    Hot(("--complete", "tasks"), 16, click=False),
)
MARK = "import time:"


def loaded(argv: list[str], env: dict[str, str], folder: str) -> frozenset[str]:
    """The modules that a Python process imports, as it says itself on stderr."""
    done = subprocess.run([sys.executable, "-X", "importtime", *argv], env=env, cwd=folder, capture_output=True, text=True, check=False)
    return frozenset(line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith(MARK))


@functools.cache
def base(click: bool) -> frozenset[str]:
    return loaded(["-c", "import click" if click else "pass"], dict(os.environ), "/")


def cost(hot: Hot, sandbox: Sandbox) -> frozenset[str]:
    return loaded([os.path.join(CHECKOUT, "orch", "__main__.py"), *hot.args], sandbox.env, sandbox.root) - base(hot.click)


@pytest.fixture(scope="module")
def home() -> Iterator[Sandbox]:
    """A home with a project and tasks in which nothing is due; every command has run before, so that caches are warm."""
    box = Sandbox()
    box.orch("project", "add", box.repo("app"), "--name", "ada/app")
    box.orch("task", "add", "one", "--project", "ada/app")
    box.orch("task", "cancel", "int-1")
    homes.plant(box, {"needs_review": 3, "blocked": 3, "done": 2}, "ada/app")
    box.write("reply.json", '{"status": "done", "summary": "it is done"}')
    for hot in HOT:
        box.orch(*hot.args, cwd=box.root, check=False)
    yield box
    box.close()


@pytest.mark.parametrize("hot", HOT, ids=lambda hot: " ".join(hot.args))
def test_tariff(home: Sandbox, hot: Hot) -> None:
    modules = cost(hot, home)
    assert modules, "the command did not run"
    assert not {name for name in modules if {name, name.split(".")[0]} & HEAVY}
    assert hot.click or "click" not in modules
    ours = sorted(name for name in modules if name.split(".")[0] == "orch")
    assert len(ours) <= hot.budget, ours
