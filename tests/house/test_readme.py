"""README.md: its session is what really happens, its tour works as it is typed, and the tests and files that it names are there."""
from __future__ import annotations

import os
import re

import pytest

from tests import life
from tests.house import source
from tests.sandbox import CHECKOUT, Sandbox

README = source.read("README.md")
FAKE = r"""#!/bin/sh
# claude, for the tour: takes the prompt, does the work, answers in the way of `claude -p --output-format stream-json`
cat >/dev/null
echo weekly >weekly && git add weekly && git commit -qm "parser: take @weekly"
echo '{"type": "result", "subtype": "success", "is_error": false, "result": "{\"status\": \"done\", \"summary\": \"it takes @weekly\"}"}'
"""


def block(name: str) -> str:
    found = re.search(rf"<!-- test: {name} -->\n```\w+\n(.*?)^```$", README, re.S | re.M)
    assert found, f"README.md: no block {name}"
    return found[1]


@pytest.fixture
def ann(sandbox: Sandbox) -> Sandbox:
    """A sandbox as a person finds her machine: orch's home where it is when nothing is set."""
    del sandbox.env["ORCH_HOME"]
    sandbox.orch_home = os.path.join(sandbox.home, ".orch")
    sandbox.git("config", "--global", "init.defaultBranch", "main")
    return sandbox


def project(sandbox: Sandbox, name: str, files: dict[str, str]) -> None:
    """~/src/NAME with a bare remote."""
    path = sandbox.repo(name, files)
    os.makedirs(os.path.join(sandbox.home, "src"))
    os.rename(path, os.path.join(sandbox.home, "src", name))


def test_the_session_is_real(ann: Sandbox) -> None:
    check = '#!/bin/sh\ngrep -n colour *.txt | sed "s/^/not ok - /" | grep . && exit 1\necho ok\n'
    project(ann, "greet", {
        "door.txt": "The colour of the door is red.\n", "test.sh": check, ".orch.yml": "workflow:\n  verify: [sh test.sh]\n",
    })
    wanted = steps(block("session"))
    script = "".join(f"printf '\\036'\n{command}\n" for command, _ in wanted)
    run = ann.command(["/bin/sh", "-e"], input=f"exec 2>&1\n{script}", cwd="/", env={**ann.env, "ORCH_ENGINE_EXECUTOR": "process"})
    assert run.code == 0, run.out
    found = run.out.split("\x1e")[1:]
    for (command, output), real in zip(wanted, found, strict=True):
        assert plain(real, ann) == plain(output, ann), command


def steps(text: str) -> list[tuple[str, str]]:
    """(command, what it printed): `$ ` begins a command, `> ` goes on with it. A `$ ` that a verify command printed is output."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ ") and "   # on the " not in line:
            found.append((line[2:], ""))
        elif line.startswith("> "):
            found[-1] = (found[-1][0] + "\n" + line[2:], "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


def plain(text: str, sandbox: Sandbox) -> list[str]:
    """Lines without what differs from run to run: SHAs, durations, the home, and how standard output and error were mixed."""
    text = text.replace(sandbox.home, "/home/ann")
    text = re.sub(r"\b[0-9a-f]{7,40}\b", "SHA", text)
    text = re.sub(r"^(==> [^,\n]*),.*$", r"\1", text, flags=re.M)
    text = re.sub(r"^(<== .*) after .*$", r"\1", text, flags=re.M)
    return sorted(text.splitlines())


def test_the_tour_works(ann: Sandbox) -> None:
    project(ann, "app", {"Makefile": "test:\n\ttrue\n"})
    os.symlink(CHECKOUT, os.path.join(ann.home, "src", "orch"))
    ann.write("bin/claude", FAKE, 0o755)
    ann.write("bin/crontab", f'#!/bin/sh\n[ "$1" = - ] && cat >{ann.root}/crontab || echo "crontab: none" >&2\n', 0o755)
    env = {**ann.env, "PATH": f"{ann.root}/bin:{ann.env['PATH']}"}
    run = ann.command(["/bin/sh", "-ex"], input=block("tour"), cwd="/", env=env)
    assert run.code == 0, run.out + run.err
    task = life.task(ann, "int-1")
    assert (task["status"], task["agent"], task["verified"]) == ("done", "claude", task["published"])
    assert ann.git("rev-parse", task["branch"], cwd=ann.remote()) == task["published"]
    assert " tick >/dev/null 2>>" in ann.read("crontab")
    assert ann.orch("config", "check", cwd=os.path.join(ann.home, "src", "app")).out == ""


def test_what_it_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert os.path.exists(os.path.join(CHECKOUT, target)), target
    rows = re.findall(r"\]\((tests/[^)]+)\) `(\w+)`", README)
    assert rows
    for name, test in rows:
        assert f"def {test}(" in source.read(name), f"{name}: no {test}"
    assert "demo:" in source.read("Makefile")
