"""A git that was killed, or is not there for a moment, says nothing of the work that it was to look at."""
from __future__ import annotations

import shutil

import pytest

from orch.errors import Unavailable
from orch.flow import reap
from tests import life
from tests.sandbox import Sandbox


def test_an_attempt_is_taken_in_later_as_what_it_is(sandbox: Sandbox) -> None:
    life.project(sandbox)
    id = life.add(sandbox, "Work", "write work.txt one\ncommit some work\ndone it is done\n")
    sandbox.orch("tick", env={"ORCH_TEST_NO_REAP": "1"})
    life.quiet(sandbox)
    ended = life.task(sandbox, id)
    git, path = shutil.which("git", path=sandbox.env["PATH"]), f"{sandbox.root}/bin:{sandbox.env['PATH']}"
    for word in ("fetch", "upload-pack", "log", "diff-tree"):
        sandbox.write("bin/git", f'#!/bin/sh\ncase " $* " in *" {word} "*) kill -9 $$ ;; esac\nexec {git} "$@"\n', 0o755)
        assert "signal 9" in sandbox.orch("reap", id, env={"PATH": path}, check=75).err, word
        assert life.task(sandbox, id) == ended, word
    with pytest.raises(Unavailable):
        reap.reap(sandbox.world(PATH=sandbox.home), "local/app", id)
    assert life.task(sandbox, id) == ended
    sandbox.orch("reap", id)
    assert (life.task(sandbox, id)["status"], life.task(sandbox, id)["failures"]) == ("done", [])
