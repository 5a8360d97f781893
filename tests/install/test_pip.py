"""pip, pipx, the wheel and the source distribution."""
from __future__ import annotations

import os
import tarfile
import zipfile

from orch import commands
from tests.house import source
from tests.install.machine import Machine, life, listing

PROGRAMS = {"orch", *(f"orch-{name}" for name in commands.programs())}


def test_pip_installs_everything_and_takes_it_away(machine: Machine) -> None:
    tools = machine.venv("venv")
    top = os.path.dirname(tools)
    libraries = machine.run("python3", "shell/requirements.py").out.split()
    machine.run(f"{tools}/python", "-m", "pip", "install", "-q", *libraries)
    before = names(top)
    machine.run(f"{tools}/python", "-m", "pip", "install", "-q", ".")
    assert set(os.listdir(tools)) >= PROGRAMS
    pages = {name for each in ("man1", "man5", "man7") for name in os.listdir(f"{top}/share/man/{each}")}
    assert pages == {os.path.basename(name) for name in source.files("man/*.[157]")}
    for name in ("bash-completion/completions/orch.bash", "zsh/site-functions/_orch", "fish/vendor_completions.d/orch.fish"):
        assert os.path.getsize(f"{top}/share/{name}") > 1000

    os.rename(machine.tree, machine.path("away"))
    life(machine, tools)
    for shell in ("bash", "zsh", "fish"):
        assert "task list" in machine.run(f"{tools}/orch", "--complete", shell, cwd="/").out
    assert machine.box.command([f"{tools}/orch", "version"], env={}).out.startswith("orch ")
    machine.run(f"{tools}/python", "-m", "pip", "uninstall", "-q", "-y", "orch-cli-tools", cwd="/")
    assert names(top) == before


def names(top: str) -> set[str]:
    """Files, without what Python compiled; pip leaves empty directories."""
    return {name for name in listing(top) if os.path.isfile(os.path.join(top, name)) and "__pycache__" not in name}


def test_pipx(machine: Machine) -> None:
    tools = machine.venv("tools")
    machine.run(f"{tools}/python", "-m", "pip", "install", "-q", "pipx")
    machine.run(f"{tools}/pipx", "install", ".")
    local = f"{machine.box.home}/.local"
    assert set(os.listdir(f"{local}/bin")) == PROGRAMS
    assert "orch.1" in os.listdir(f"{local}/share/man/man1")
    os.rename(machine.tree, machine.path("away"))
    life(machine, f"{local}/bin")
    machine.run(f"{tools}/pipx", "uninstall", "orch-cli-tools", cwd="/")
    assert os.listdir(f"{local}/bin") == []


def test_the_source_distribution_is_the_tree_and_makes_the_same_wheel(machine: Machine) -> None:
    tools = machine.venv("tools")
    machine.run(f"{tools}/python", "-m", "pip", "install", "-q", "build")
    machine.run(f"{tools}/python", "-m", "build", "--outdir", machine.path("dist"), ".")
    (packed,) = [name for name in os.listdir(machine.path("dist")) if name.endswith(".tar.gz")]
    with tarfile.open(machine.path("dist", packed)) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(machine.path("unpacked"), filter="tar")
    left_out = (".gitignore",)
    assert {name for name in source.files(".") if name not in left_out} <= inside
    unpacked = machine.path("unpacked", packed.removesuffix(".tar.gz"))

    machine.run(f"{tools}/python", "-m", "build", "--wheel", "--outdir", machine.path("direct"), ".")
    (one,) = [name for name in os.listdir(machine.path("dist")) if name.endswith(".whl")]
    assert content(machine.path("dist", one)) == content(machine.path("direct", one))

    machine.run("make", cwd=unpacked)  # and it is a checkout that works
    life(machine, f"{unpacked}/bin")


def content(wheel: str) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist() if not name.endswith("/RECORD")}
