"""The wheel carries what orch needs, and what is installed from it finds it: programs, prompts, completions, man pages."""
from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Iterator

import pytest

from orch import commands
from tests.house import source
from tests.sandbox import CHECKOUT, Sandbox

setuptools = pytest.importorskip("setuptools")
OLD = tuple(int(part) for part in setuptools.__version__.split(".")[:2]) < (70, 1)
pytestmark = pytest.mark.skipif(OLD, reason="setuptools before 70.1 makes no wheels by itself")


@pytest.fixture(scope="module")
def wheel() -> Iterator[str]:
    """A wheel of the tracked files, unpacked: the directory."""
    box = Sandbox()
    tree = os.path.join(box.root, "tree")
    for name in source.files("."):
        os.makedirs(os.path.dirname(os.path.join(tree, name)), exist_ok=True)
        shutil.copy2(os.path.join(CHECKOUT, name), os.path.join(tree, name), follow_symlinks=False)
    made = box.command([sys.executable, "-c", "from setuptools import build_meta as b; b.build_wheel('out')"], cwd=tree)
    assert made.code == 0, made.err
    (name,) = os.listdir(os.path.join(tree, "out"))
    into = os.path.join(box.root, "site")
    zipfile.ZipFile(os.path.join(tree, "out", name)).extractall(into)
    yield into
    box.close()


def listed(wheel: str, *parts: str) -> set[str]:
    top = os.path.join(wheel, *parts)
    return {os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names}


def test_it_has_every_module_and_shared_file(wheel: str) -> None:
    assert {f"orch/{name}" for name in listed(wheel, "orch") if name.endswith(".py") and not name.startswith("share/")} == set(
        source.files("orch/*.py")
    )
    for shared in ("prompts", "shell"):
        assert {f"{shared}/{name}" for name in listed(wheel, "orch", "share", shared)} == set(source.files(f"{shared}/*"))


def test_it_has_the_pages_where_man_looks(wheel: str) -> None:
    (data,) = [name for name in os.listdir(wheel) if name.endswith(".data")] or [""]
    pages = {os.path.basename(name): name.split("/")[-2] for name in listed(wheel, data) if "/man/" in name}
    assert pages == {os.path.basename(name): f"man{name[-1]}" for name in source.files("man/*")}


def test_it_makes_every_program(wheel: str) -> None:
    (info,) = [name for name in os.listdir(wheel) if name.endswith(".dist-info")]
    with open(os.path.join(wheel, info, "entry_points.txt"), encoding="utf-8") as file:
        made = {line.split(" = ")[0] for line in file if " = " in line}
    assert made == {"orch", *(f"orch-{name}" for name in commands.programs())}


def test_it_runs_from_where_it_is(wheel: str, sandbox: Sandbox) -> None:
    main = os.path.join(wheel, "orch", "__main__.py")
    run = sandbox.command([sys.executable, "-E", main, "config", "engine.max_parallel"])
    assert run == (0, "4\n", "")
    where = "import sys; sys.path[:0] = [sys.argv[1]]; from orch.host import share; print(share.share('prompts'), *share.program())"
    run = sandbox.command([sys.executable, "-c", where, wheel])
    assert run.out.split() == [os.path.join(wheel, "orch", "share", "prompts"), sys.executable, main]
