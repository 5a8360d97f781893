"""The dispatcher at its edges: our own bugs, missing libraries, broken pipes that are not ours. In a copy of the checkout that has them."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.sandbox import CHECKOUT, Run, Sandbox


class Copy:
    """A checkout of our own, whose `orch version` does what the test says."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.path = os.path.join(sandbox.root, "copy")
        for name in ("bin", "orch"):
            shutil.copytree(os.path.join(CHECKOUT, name), os.path.join(self.path, name), symlinks=True)

    def does(self, body: str, top: str = "") -> None:
        self.sandbox.write(os.path.join(self.path, "orch/cmd/version.py"), f'"""v"""\n{top}\ndef main(args, world):\n    {body}\n')

    def run(self, *args: str, **how: object) -> Run:
        return self.sandbox.orch("version", *args, program=os.path.join(self.path, "bin", "orch"), **how)  # type: ignore[arg-type]


@pytest.fixture
def copy(sandbox: Sandbox) -> Iterator[Copy]:
    yield Copy(sandbox)


def bugs(sandbox: Sandbox) -> list[str]:
    folder = os.path.join(sandbox.orch_home, ".orch", "bugs")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []


def test_a_bug_is_reported_to_a_file(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("print('half'); return {}['nothing']")
    run = copy.run("a b", "é", check=70, env={"SECRET_TOKEN": "hunter2"})
    (report,) = bugs(sandbox)
    assert run.out == "half\n"
    assert run.err.splitlines()[0] == "orch version: a bug in orch: KeyError: 'nothing'"
    assert report in run.err.splitlines()[1]
    text = sandbox.read(report)
    assert "['orch version', 'a b', 'é']" in text
    assert "Traceback" in text and "KeyError" in text and "python 3." in text
    assert "hunter2" not in text and sandbox.env["TMUX_TMPDIR"] not in text


def test_a_bug_without_a_home_to_write_to_is_told_in_full(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("return 1 // 0")
    sandbox.write("file", "")
    run = copy.run(check=70, env={"ORCH_HOME": f"{sandbox.root}/file"})
    assert "Traceback" in run.err and "ZeroDivisionError" in run.err
    assert "could not be kept" in run.err.splitlines()[-1]


def test_an_error_of_ours_is_two_lines_and_its_status(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("raise NotFound('task int-9: no such task', 'see `orch task list`')", "from orch.errors import NotFound")
    run = copy.run(check=66)
    assert run == (66, "", "orch version: task int-9: no such task\norch version: hint: see `orch task list`\n")
    assert not bugs(sandbox)


def test_a_missing_library_is_named(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("import nosuchlibrary")
    run = copy.run(check=69)
    assert run.err.startswith("orch version: the Python module nosuchlibrary is missing\norch version: hint: ")
    copy.does("import orch.nosuchmodule")
    copy.run(check=70)
    assert len(bugs(sandbox)) == 1


def test_interrupted(copy: Copy) -> None:
    copy.does("raise KeyboardInterrupt")
    assert copy.run(check=130).err == ""


def test_a_broken_pipe_of_ours_is_quiet(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("[print('x' * 100) for _ in range(10000)]; return 0")
    line = f"set -o pipefail; {copy.path}/bin/orch version | head -1"
    run = sandbox.command(["bash", "-c", line])
    assert (run.code, run.err) == (141, "")
    assert not bugs(sandbox)


def test_a_broken_pipe_to_something_else_is_a_bug(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("r, w = os.pipe(); os.close(r); os.write(w, b'x')", "import os")
    copy.run(check=70)
    assert "BrokenPipeError" in sandbox.read(bugs(sandbox)[0])


def test_a_full_disk_under_stdout_is_74_even_in_the_middle(copy: Copy, sandbox: Sandbox) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this system")
    copy.does("[print('x' * 100) for _ in range(10000)]; return 0")
    run = sandbox.command(["sh", "-c", f"{copy.path}/bin/orch version >/dev/full"])
    assert run.code == 74
    assert run.err.splitlines()[0] == "orch: standard output: No space left on device"
    assert not bugs(sandbox)


def test_data_is_utf8_whatever_the_locale(copy: Copy) -> None:
    copy.does("print('ü€🚀'); return 0")
    for locale in ("C", "POSIX", "en_US.ISO-8859-1", None):
        assert copy.run(env={"LANG": locale, "LC_ALL": locale}).out == "ü€🚀\n"


def test_closed_streams_do_not_lend_their_numbers_to_files(copy: Copy, sandbox: Sandbox) -> None:
    copy.does("fd = os.open(world.home.root + '/f', os.O_CREAT | os.O_WRONLY); print('data'); return 0 if fd > 2 else 1", "import os")
    run = sandbox.command(["sh", "-c", f"{copy.path}/bin/orch version <&- >&- 2>&-"])
    assert run.code == 0
    assert sandbox.read(f"{sandbox.orch_home}/f") == ""


def test_a_status_is_passed_through(copy: Copy) -> None:
    copy.does("return 1")
    assert copy.run(check=1) == (1, "", "")
