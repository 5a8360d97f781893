"""make: from a clone or an unpacked archive to a tour, to programs in a prefix, and back to nothing."""
from __future__ import annotations

import os
import shutil

import pytest

from orch import commands
from tests.house import source
from tests.install.machine import Machine, life, listing

PROGRAMS = {"orch", *(f"orch-{name}" for name in commands.programs())}


@pytest.mark.parametrize("terminals", ["tmux", "no tmux"])
def test_the_tour(machine: Machine, terminals: str) -> None:
    if terminals == "tmux" and not shutil.which("tmux", path="/usr/bin:/bin"):
        pytest.skip("no tmux on this machine")
    env = machine.env() if terminals == "tmux" else {**machine.env(), "PATH": only(machine)}
    env["TMPDIR"] = machine.path("tmp")
    run = machine.run("make", "demo", env=env)
    board = run.out.split("== The board")[1].split("==")[0]
    assert [board.count(f" {status} ") for status in ("done", "needs_review")] == [4, 1], run.out
    assert "goodbye" in run.out.split("== The history")[1]
    assert len([line for line in run.out.split("== What the remote has now")[1].splitlines() if line.lstrip("|/ ").startswith("*")]) >= 5
    assert os.listdir(machine.path("tmp")) == []
    assert set(os.listdir(machine.box.home)) <= {".cache"}  # pip's


def only(machine: Machine) -> str:
    """A PATH with everything of this machine but tmux."""
    folder = machine.path("only")
    os.mkdir(folder)
    for place in machine.env()["PATH"].split(":"):
        for name in os.listdir(place):
            if name != "tmux" and not os.path.lexists(os.path.join(folder, name)):
                os.symlink(os.path.join(place, name), os.path.join(folder, name))
    return folder


def test_installed_and_taken_away_again(machine: Machine) -> None:
    """Into a prefix where other things live, through DESTDIR; over an older version; and then nothing of it is left."""
    top = machine.path("stage")
    machine.box.write("stage/usr/bin/other", "")
    machine.box.write("stage/usr/share/man/man1/other.1", "")
    before = set(listing(top))
    where = ("PREFIX=/usr", f"DESTDIR={top}")
    machine.run("make", "install", *where)
    assert {name for name in os.listdir(f"{top}/usr/bin") if name != "other"} == PROGRAMS
    pages = {name for folder in ("man1", "man5", "man7") for name in os.listdir(f"{top}/usr/share/man/{folder}")} - {"other.1"}
    assert pages == {os.path.basename(name) for name in source.files("man/*.[157]")}
    assert set(os.listdir(f"{top}/usr/share/bash-completion/completions")) == PROGRAMS
    assert os.listdir(f"{top}/usr/share/zsh/site-functions") == ["_orch"]
    assert os.listdir(f"{top}/usr/share/fish/vendor_completions.d") == ["orch.fish"]

    shutil.rmtree(f"{machine.tree}/.venv", ignore_errors=True)
    os.rename(machine.tree, machine.path("away"))  # nothing points into the checkout
    installed = listing(top)
    assert machine.box.command([f"{top}/usr/bin/orch", "version"], env={}).out.startswith("orch ")  # not even PATH
    life(machine, f"{top}/usr/bin")
    assert listing(top) == installed, "it wrote into its own files"

    os.rename(machine.path("away"), machine.tree)
    os.rename(f"{machine.tree}/man/orch-why.1", f"{machine.tree}/man/orch-wherefore.1")  # a later version has other pages
    machine.run("make", "install", *where)
    pages = set(os.listdir(f"{top}/usr/share/man/man1"))
    assert "orch-wherefore.1" in pages and "orch-why.1" not in pages
    os.unlink(f"{machine.tree}/man/orch-wherefore.1")  # a still later one takes it away
    machine.run("make", "uninstall", *where)
    assert set(listing(top)) == before
    again = machine.run("make", "uninstall", *where, check=False)
    assert again.code != 0 and "there is no orch in /usr" in again.err


def test_a_prefix_in_the_home(machine: Machine) -> None:
    """`PREFIX=~/.local`, which sh hands on as it is; the directories that were made for it go as well."""
    before = set(listing(machine.box.home))
    machine.run("make", "install", "PREFIX=~/.local")
    life(machine, f"{machine.box.home}/.local/bin")
    shutil.rmtree(f"{machine.box.home}/.orch")
    machine.run("make", "uninstall", "PREFIX=~/.local")
    assert {name for name in listing(machine.box.home) if not name.startswith(".cache")} == before


def test_the_checkout_itself(machine: Machine) -> None:
    """After `make` bin/orch works: in an empty environment, through links, from any directory, and without writing beside itself."""
    machine.run("make")
    files = listing(machine.tree)
    assert machine.box.command([f"{machine.tree}/bin/orch", "version"], env={}).out.startswith("orch ")
    machine.box.write("home/bin/.keep", "")
    os.symlink(f"{machine.tree}/bin/orch", f"{machine.box.home}/bin/orch")
    os.symlink("orch", f"{machine.box.home}/bin/orch-cron")
    for folder, _, _ in os.walk(machine.tree):
        os.chmod(folder, 0o555)
    life(machine, f"{machine.box.home}/bin")
    assert listing(machine.tree) == files


def test_without_make_it_says_what_is_missing(machine: Machine) -> None:
    env = machine.env()
    if machine.run("python3", "-c", "import click", env=env, check=False).code == 0:
        pytest.skip("the python3 of this machine has the libraries")
    assert machine.run("bin/orch", "version", env=env).out.startswith("orch ")
    run = machine.run("bin/orch", "task", "list", env=env, check=False)
    assert (run.code, run.out) == (69, "") and "run `make` in the checkout" in run.err
