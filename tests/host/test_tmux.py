"""A real tmux, on a server of its own; the one fake is a program on PATH that fails in a way that says nothing."""
from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator

import pytest

from orch.errors import NotAllowed, NotFound, OrchError, Unavailable
from orch.host import files, kin, tmux
from orch.host.world import World
from tests.sandbox import Sandbox

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world(TMUX="/tmp/somebody-elses,1,0", TMUX_PANE="%1")
    yield made
    tmux.call(made, "kill-server")


def stay(sandbox: Sandbox, name: str = "ready") -> list[str]:
    place = f"{sandbox.root}/{name}"
    return ["/bin/sh", "-c", f"echo hello ünï; env > {place}.part; mv {place}.part {place}; sleep 600"]


def test_a_session_from_start_to_end(sandbox: Sandbox, world: World) -> None:
    assert tmux.session_alive(world, "orch-o-r-1") == "no"  # no server yet
    assert tmux.sessions(world) == []
    tmux.new(world, "orch-o-r-1", stay(sandbox), {**sandbox.env})
    sandbox.wait_for(lambda: os.path.exists(sandbox.root + "/ready"))
    assert tmux.session_alive(world, "orch-o-r-1") == "yes"
    assert tmux.session_alive(world, "orch-o-r") == "no"  # a prefix is another name
    assert tmux.sessions(world) == ["orch-o-r-1"]
    assert tmux.capture(world, "orch-o-r-1") == "hello ünï\n"
    assert tmux.session_alive(world, "orch-o-r-10") == "no"
    assert tmux.kill(world, "orch-o-r-1")
    with pytest.raises(NotFound):
        tmux.capture(world, "orch-o-r-1")
    with pytest.raises(NotFound):
        tmux.attach(world, "orch-o-r-1")


def test_a_session_whose_program_ends_is_gone(sandbox: Sandbox, world: World) -> None:
    tmux.new(world, "keeper", stay(sandbox), sandbox.env)
    tmux.new(world, "short", ["/bin/true"], sandbox.env)
    sandbox.wait_for(lambda: tmux.session_alive(world, "short") == "no")
    assert tmux.session_alive(world, "keeper") == "yes"


def test_values_travel_over_the_socket(sandbox: Sandbox, world: World) -> None:
    """Each session gets the values of its own start, whatever the server began with, and no command line ever holds them."""
    odd = "a 'b' \"c\" $d ; e\n"
    tmux.new(world, "one", stay(sandbox, "one"), {**sandbox.env, "GH_TOKEN": "secret-1", "ODD": odd})
    tmux.new(world, "two", stay(sandbox, "two"), {**sandbox.env, "GH_TOKEN": "secret-2", "ORCH_HOME": "/other"})
    for name in ("one", "two"):
        sandbox.wait_for(lambda name=name: os.path.exists(f"{sandbox.root}/{name}"))  # type: ignore[misc]
    one, two = sandbox.read("one"), sandbox.read("two")
    assert "GH_TOKEN=secret-1\n" in one
    assert f"ODD={odd}" in one
    assert "GH_TOKEN=secret-2\n" in two
    assert "ORCH_HOME=/other\n" in two
    assert "somebody-elses" not in one
    if kin.LINUX:
        lines = [files.read_bytes(f"/proc/{pid}/cmdline") for pid in sandbox.processes()]
        assert lines
        assert not [line for line in lines if b"secret" in line]


def test_nothing_is_inherited_from_whoever_started_the_server(sandbox: Sandbox, world: World) -> None:
    """Neither from the first session's start, nor from an orch whose server kept the environment that it was started with."""
    odd = {"ODD NAME": "o1", "a.b": "o2", "new\nline": "o3", "BASH_FUNC_x%%": "o4", "ST*R": "o5", "a,b": "o6", "x;": "o7", "-y": "o8"}
    first = {**sandbox.env, **odd, "ORCH_WORKFLOW_FINISH": "merge"}
    keep = "import json, os, sys, time; json.dump({**os.environ}, open(sys.argv[1] + '.part', 'w')); "
    argv = [sys.executable, "-ISc", keep + "os.rename(sys.argv[1] + '.part', sys.argv[1]); time.sleep(600)"]
    # as an earlier orch did it
    tmux.call(world, "new-session", "-d", "-s", "old", "--", "sleep", "600", env={**sandbox.env, "GH_TOKEN": "secret", "a.b": "c\nd"})
    own = {"TMUX", "TMUX_PANE", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "PWD", "SHELL", "LC_CTYPE"}
    for number in (1, 2):
        for name, env in (("one", first), ("two", sandbox.env)):
            place = f"{sandbox.root}/{name}{number}"
            tmux.new(world, name, [*argv, place], env)
            sandbox.wait_for(lambda place=place: os.path.exists(place))  # type: ignore[misc]
            assert {key: value for key, value in json.loads(sandbox.read(place)).items() if key not in own} == env
            tmux.kill(world, "old")
        assert tmux.sessions(world) == ["one", "two"]
        tmux.call(world, "kill-server")


def test_a_session_that_was_left_over_makes_room(sandbox: Sandbox, world: World) -> None:
    tmux.new(world, "s", stay(sandbox, "old"), sandbox.env)
    tmux.new(world, "s", stay(sandbox, "new"), sandbox.env)
    sandbox.wait_for(lambda: os.path.exists(sandbox.root + "/new"))
    assert tmux.sessions(world) == ["s"]


def test_no_configuration_of_the_user_counts(sandbox: Sandbox, world: World) -> None:
    sandbox.write("home/.tmux.conf", "set -g status-left broken\nset -g remain-on-exit on\n")
    tmux.new(world, "s", stay(sandbox), sandbox.env)
    assert b"remain-on-exit off" in tmux.call(world, "show-options", "-wgA", "remain-on-exit").out


def test_a_long_home_gets_a_short_socket(sandbox: Sandbox) -> None:
    home = os.path.join(sandbox.root, *["a-very-long-name"] * 8)
    world = sandbox.world(ORCH_HOME=home)
    path = tmux.socket(world)
    folder = os.path.dirname(path)
    assert len(path) < 60
    assert path != tmux.socket(sandbox.world(ORCH_HOME=home + "x"))
    assert tmux.socket(sandbox.world()) == f"{sandbox.orch_home}/.orch/tmux.sock"
    try:
        tmux.new(world, "s", stay(sandbox), sandbox.env)
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert tmux.session_alive(world, "s") == "yes"
        tmux.call(world, "kill-server")
        os.chmod(folder, 0o777)  # as somebody else could have made it
        with pytest.raises(NotAllowed):
            tmux.new(world, "s", stay(sandbox), sandbox.env)
        shutil.rmtree(folder)
        os.symlink(sandbox.home, folder)
        with pytest.raises(NotAllowed):
            tmux.new(world, "s", stay(sandbox), sandbox.env)
    finally:
        if os.path.islink(folder):
            os.unlink(folder)
        shutil.rmtree(folder, ignore_errors=True)


def test_an_answer_that_is_none(sandbox: Sandbox) -> None:
    sandbox.write("fake/tmux", "#!/bin/sh\necho 'lost server: out of memory' >&2\nexit 1\n", 0o755)
    world = sandbox.world(PATH=sandbox.root + "/fake:/usr/bin:/bin")
    assert tmux.session_alive(world, "s") == "unknown"
    with pytest.raises(OrchError):
        tmux.sessions(world)
    with pytest.raises(OrchError, match="out of memory"):
        tmux.new(world, "s", ["/bin/true"], sandbox.env | {"PATH": world.env["PATH"]})


def test_no_tmux_at_all(sandbox: Sandbox) -> None:
    os.mkdir(sandbox.root + "/empty")
    with pytest.raises(Unavailable, match="tmux: no such program"):
        tmux.sessions(sandbox.world(PATH=sandbox.root + "/empty"))
