"""Who waits at a terminal sees how far it has come; a pipe hears nothing of that."""
from __future__ import annotations

import json
import os
import re

from orch.cmd.progress import BAR, line
from orch.host import gitsaid
from tests import board
from tests.sandbox import ORCH, Sandbox
from tests.terminal import Terminal


def test_a_line() -> None:
    assert line("adding", 0, 0) == "adding"
    assert line("adding", 5, 20) == f"adding  [{'#' * (BAR // 4)}{'.' * (BAR - BAR // 4)}]   25%  5 of 20"
    assert line("adding", 12000, 12000).endswith("[" + "#" * BAR + "]  100%  12,000 of 12,000")


def test_what_git_says() -> None:
    said = b"Cloning into bare repository...\nremote: Counting objects:  45% (45/100)\r"
    said += b"Receiving objects:  12% (1/8), 1.20 MiB | 1.00 MiB/s\r"
    assert gitsaid.progress(said) == "Receiving objects:  12% (1/8), 1.20 MiB"
    assert gitsaid.progress(said[:60]) == ""
    assert gitsaid.progress(b"remote: Counting objects:  45% (45/100)") == "Counting objects:  45% (45/100)"


def test_adding_and_cancelling_many(sandbox: Sandbox) -> None:
    world = board.project(sandbox)
    many = "".join(json.dumps({"title": f"task {number}", "body": "x" * 500}) + "\n" for number in range(3000))
    path = sandbox.write("many.jsonl", many)
    late = f"(cat {path}; sleep 1) | {ORCH} task add --from -"  # however fast the disk is, somebody waits for a second
    with Terminal(sandbox, "-c", late, program="/bin/sh") as screen:
        assert screen.wait(60) == 0
    assert re.search(r"(checking|adding)  \[#*\.*\]", screen.text), "it takes longer than nobody waits for"
    assert "\r\x1b[K" in screen.text
    assert "added 3000 tasks" in screen.text
    assert len(os.listdir(world.home.tasks("o/r"))) == 3000
    quiet = sandbox.orch("task", "add", "--from", "-", input=many)
    assert quiet.err == "added 3000 tasks\n"
    with Terminal(sandbox, "task", "cancel", "--all") as screen:
        screen.until("working  [", 60)
        screen.type("\x03")
        assert screen.wait() == 130
    some = sandbox.orch("task", "cancel", *(f"int-{number}" for number in range(2970, 3001)))
    assert some.err == "31 tasks are done\n"
    assert sandbox.orch("task", "retry", "int-2970", "int-2971").err.count("is new") == 2


def test_a_clone(sandbox: Sandbox) -> None:
    """From a far end that takes its time: a program called ssh that runs the other side here."""
    sandbox.repo("app")
    ssh = "#!/bin/sh\nprintf 'Receiving objects:  45%% (9/20)\\r' >&2\nsleep 1.5\nwhile [ $# -gt 1 ]; do shift; done\nexec sh -c \"$1\"\n"
    sandbox.write("bin/ssh", ssh, 0o755)
    sandbox.env["PATH"] = f"{sandbox.root}/bin:{sandbox.env['PATH']}"
    url = "ssh://far.example" + sandbox.remote("app")
    with Terminal(sandbox, "project", "add", url, "--name", "o/r") as screen:
        assert screen.wait() == 0
    assert "\rcloning  " in screen.text
    assert "45% (9/20)" in screen.text
    assert "o/r: added" in screen.text
    quiet = sandbox.orch("project", "add", url, "--name", "o/second")
    assert "cloning" not in quiet.err
