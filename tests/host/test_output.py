from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.host import output
from orch.host.output import Writer
from tests.sandbox import CHECKOUT, Sandbox


@given(st.lists(st.binary(max_size=60), max_size=30), st.integers(0, 200), st.integers(0, 300) | st.none())
def test_both_ends_are_kept_and_the_size_is_known(pieces: list[bytes], cap: int, limit: int | None) -> None:
    data = b"".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(os.path.join(folder, "out"), cap)
        for piece in pieces:
            writer.write(piece)
        sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if not name.endswith(".cut")}
        assert output.size(folder, "out") == len(data)
        assert not cap or sum(sizes.values()) <= max(cap, 4)  # three files of a byte at least, the first of two
        assert cap or sizes["out"] == len(data)
        found = output.read(folder, "out", limit)
        writer.close()
    note = re.search(rb"\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n", found)
    if note is None:
        assert found == data
        return
    head, tail = found[: note.start()], found[note.end() :]
    assert data.startswith(head)
    assert data.endswith(tail)
    assert len(head) + len(tail) + int(note[1]) == len(data)
    assert limit is None or len(head) + len(tail) <= limit
    if limit is None:
        assert len(head) >= cap // 2
        assert len(tail) >= cap // 4


def test_a_killed_writer_loses_nothing_of_the_end(sandbox: Sandbox) -> None:
    code = (
        "import os, sys\nfrom orch.host.output import Writer\nw = Writer(sys.argv[1], 1000)\n"
        "for i in range(5000): w.write(b'line %d\\n' % i)\nos.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, sandbox.root + "/out"], cwd=CHECKOUT, check=False)
    assert output.read(sandbox.root, "out").startswith(b"line 0\nline 1\n")
    assert output.read(sandbox.root, "out").endswith(b"line 4998\nline 4999\n")
    assert output.last_line(sandbox.root, "out") == "line 4999"


def test_what_an_agent_put_in_the_place_of_its_files_is_not_followed_and_stops_nothing(sandbox: Sandbox) -> None:
    theirs = sandbox.write("theirs", "theirs\n")
    place = sandbox.root + "/out"
    for end in ("", ".tail.old", ".cut"):
        os.symlink(theirs, place + end)
    os.mkdir(place + ".tail")
    writer = Writer(place, 8)
    writer.write(b"x" * 100)
    writer.remove()
    assert sandbox.read("theirs") == "theirs\n"
    assert os.listdir(sandbox.root).count("out.tail") == 1 and not os.path.lexists(place)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_loses_output_and_not_the_writer(sandbox: Sandbox) -> None:
    os.symlink("/dev/full", sandbox.root + "/out")
    writer = Writer(sandbox.root + "/out", 100)
    writer.write(b"x" * 40)
    assert writer.failed
    assert writer.lost == 40
    os.unlink(sandbox.root + "/out")
    writer.close()
    writer.write(b"y" * 5)
    assert output.read(sandbox.root, "out").startswith(b"yyyyy")
    writer.remove()
    assert not [name for name in os.listdir(sandbox.root) if name.startswith("out")]


def test_the_last_line_is_one_that_says_something(sandbox: Sandbox) -> None:
    assert output.last_line(sandbox.root) == ""
    sandbox.write("stdout", "first\n\x1b[31mred\x1b[0m alert\t!\n \n\x1b[K\n")
    assert output.last_line(sandbox.root) == "red alert !"
    sandbox.write("stderr", "é" * 5000)
    assert set(output.last_line(sandbox.root, "stderr").strip("\ufffd")) == {"é"}


def test_the_last_line_of_an_agent_that_speaks_json_is_in_words(sandbox: Sandbox) -> None:
    said = json.dumps({"type": "item.completed", "item": {"type": "agent_message", "text": "one\n\033[1mtwo\033[0m"}})
    quiet = '{"type": "turn.started"}'
    sandbox.write("stdout", f"{said}\n{quiet}\n")
    assert output.last_line(sandbox.root) == "two"
    sandbox.write("stdout", f"plain\n{quiet}\n{{half")
    assert output.last_line(sandbox.root) == "{half", "it is no event yet, or never will be"
    sandbox.write("stdout", quiet)
    assert output.last_line(sandbox.root) == ""


@pytest.mark.parametrize("size", [5_000, 100_000, 2_000_000])
def test_a_last_line_that_is_very_long(sandbox: Sandbox, size: int) -> None:
    sandbox.write("stdout", "first\n" + json.dumps({"role": "tool", "tool_call_id": "c", "content": "x" * size + "\nlast"}) + "\n")
    shown = output.last_line(sandbox.root)
    assert shown == "last" if size < 1_000_000 else len(shown) <= 4096
    sandbox.write("stdout", "first\n" + "x" * size)
    assert set(output.last_line(sandbox.root)) == {"x"}


def test_nothing_there(sandbox: Sandbox) -> None:
    assert output.read(sandbox.root, "none") == b""
    assert output.size(sandbox.root, "none") == 0
