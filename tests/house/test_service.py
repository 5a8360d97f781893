"""shell/service/fill.sh: what cron, systemd and launchd make of its files is the PATH, home and program of the moment, however odd."""
from __future__ import annotations

import os
import plistlib
import re
import shlex
import shutil
import subprocess

import pytest

from tests.sandbox import CHECKOUT, Run, Sandbox

FOLDER = os.path.join(CHECKOUT, "shell", "service")
ODD = "a b%c&d'e\"f\\g$h<i>@"
FAKE = """#!/bin/sh
[ "$1" != config ] || { echo "$ORCH_HOME"; exit; }
printf "%s\\n" "$1" "$PATH" "$ORCH_HOME" >&2
echo a record
"""


@pytest.fixture
def odd(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose orch and home lie in directories with names that each format would misread."""
    program = sandbox.write(f"{ODD}/bin/orch", FAKE, 0o755)
    home = os.path.join(sandbox.root, ODD, "home")
    os.makedirs(home)
    sandbox.env.update(PATH=f"{os.path.dirname(program)}:/usr/bin:/bin", ORCH_HOME=home)
    return sandbox


def fill(sandbox: Sandbox, kind: str) -> Run:
    run = sandbox.command([os.path.join(FOLDER, "fill.sh"), kind])
    assert run.code == 0, run.err
    return run


def wanted(sandbox: Sandbox) -> list[str]:
    return ["tick", sandbox.env["PATH"], sandbox.env["ORCH_HOME"]]


def test_cron_runs_it_as_it_is_meant(odd: Sandbox) -> None:
    *comments, line = fill(odd, "crontab").out.splitlines()
    assert all(comment.startswith("# ") for comment in comments)
    command = re.fullmatch(r"(?:\S+ ){5}(.*)", line)
    assert command
    assert not re.search(r"(?<!\\)%", command[1]), "cron would end the line here"
    done = subprocess.run(["/bin/sh", "-c", command[1].replace("\\%", "%")], env={"PATH": "/usr/bin:/bin"}, check=True)
    assert done.returncode == 0
    assert odd.read(os.path.join(odd.env["ORCH_HOME"], "tick.log")).splitlines() == wanted(odd)


def test_systemd_runs_it_as_it_is_meant(odd: Sandbox) -> None:
    text = fill(odd, "orch.service").out
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    path, home = words(lines["Environment"])
    program, verb = words(lines["ExecStart"])
    assert [verb, path.removeprefix("PATH="), home.removeprefix("ORCH_HOME=")] == wanted(odd)
    assert program == os.path.join(odd.env["PATH"].split(":")[0], "orch")
    assert lines["KillMode"] == "process"
    assert fill(odd, "orch.timer").out.startswith("[Unit]\n")


def words(value: str) -> list[str]:
    """Words as systemd reads them: quotes and backslashes as in a shell's double quotes, and %% for %."""
    assert not re.search(r"(?<!%)%(?!%)", value.replace("%%", "")), "a specifier"
    return [word.replace("%%", "%") for word in shlex.split(value)]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_finds_nothing_wrong(sandbox: Sandbox) -> None:
    for kind in ("orch.service", "orch.timer"):
        sandbox.write(f"units/{kind}", fill(sandbox, kind).out)
    done = sandbox.command(["systemd-analyze", "verify", "--man=no", os.path.join(sandbox.root, "units", "orch.timer")])
    ours = [line for line in done.err.splitlines() if "orch." in line]
    assert not ours


def test_launchd_runs_it_as_it_is_meant(odd: Sandbox) -> None:
    found = plistlib.loads(fill(odd, "orch.plist").out.encode())
    assert found["ProgramArguments"] == [os.path.join(odd.env["PATH"].split(":")[0], "orch"), "tick"]
    assert found["EnvironmentVariables"] == {"PATH": odd.env["PATH"], "ORCH_HOME": odd.env["ORCH_HOME"]}
    assert (found["StandardOutPath"], found["StandardErrorPath"]) == ("/dev/null", os.path.join(odd.env["ORCH_HOME"], "tick.log"))
    assert found["AbandonProcessGroup"] is True


def test_what_it_cannot_do_is_said(sandbox: Sandbox) -> None:
    script = os.path.join(FOLDER, "fill.sh")
    assert sandbox.command([script, "upstart"]).code == 2
    run = sandbox.command([script, "crontab"], env={**sandbox.env, "ORCH_HOME": "/tmp/a\nb"})
    assert (run.code, run.out) == (65, "")
    run = sandbox.command([script, "crontab"], env={"PATH": "/usr/bin:/bin", "HOME": "/"})
    assert (run.code, run.out) == (69, "")


def test_every_template_is_filled(sandbox: Sandbox) -> None:
    for name in os.listdir(FOLDER):
        if name.endswith(".in"):
            assert not re.search(r"@[A-Z_]+@", fill(sandbox, name[:-3]).out), name


def test_the_home_is_the_one_that_orch_uses(sandbox: Sandbox) -> None:
    old = os.path.join(sandbox.home, ".orchestrator")
    os.mkdir(old)
    del sandbox.env["ORCH_HOME"]
    assert f"ORCH_HOME={old}" in fill(sandbox, "orch.service").out
