"""The person's own home and ORCH_HOME are out of the reach of every test."""
from __future__ import annotations

import os
import pwd

from orch.host import world as worlds
from tests.sandbox import Sandbox

PERSON = pwd.getpwuid(os.getuid()).pw_dir


def test_this_process_has_another_home() -> None:
    assert os.path.expanduser("~").startswith("/tmp/o-nobody-")
    assert worlds.build(os.environ, "/").home.root.startswith("/tmp/o-nobody-")
    assert not [name for name in os.environ if name.startswith(("ORCH_", "GIT_", "XDG_"))]


def test_a_sandbox_knows_no_path_of_the_person(sandbox: Sandbox) -> None:
    for name, value in sandbox.env.items():
        if name != "PATH":
            assert PERSON == "/" or not value.startswith(PERSON + "/"), name
    assert sandbox.world().home.root == sandbox.orch_home


def test_the_binary_sees_the_sandbox_only(sandbox: Sandbox) -> None:
    sandbox.write("bin/orch-where", "#!/bin/sh\necho $HOME $ORCH_HOME $(git var GIT_AUTHOR_IDENT)\n", 0o755)
    run = sandbox.orch("where", env={"PATH": f"{sandbox.root}/bin:{sandbox.env['PATH']}"})
    assert run.out.startswith(f"{sandbox.home} {sandbox.orch_home} Ada Person")


def test_what_a_sandbox_started_ends_with_it() -> None:
    box = Sandbox()
    box.command(["sh", "-c", "(sleep 1000 >/dev/null 2>&1 &) ; exit 0"])
    started = box.wait_for(box.processes)
    box.close()
    assert started
    assert not box.processes()
    assert not os.path.exists(box.root)
