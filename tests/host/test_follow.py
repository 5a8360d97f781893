"""Following an output while it is written: nothing is lost, nothing comes twice, whatever rotates in between."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from orch.host import output
from orch.host.follow import Follower
from orch.host.output import Writer
from tests.sandbox import CHECKOUT, Sandbox

GAP = re.compile(rb"\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n")


def everything(follower: Follower) -> bytes:
    """All that can be read now: calls until one gives nothing."""
    found = b""
    while data := b"".join(follower.read()):
        found += data
    return found


def check(seen: bytes, written: bytes) -> None:
    """seen is written, with each gap of the size that it says."""
    at = 0
    for number, part in enumerate(GAP.split(seen)):
        if number % 2:
            at += int(part)
        else:
            assert written[at : at + len(part)] == part
            at += len(part)
    assert at == len(written)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from("012")), max_size=40), st.integers(0, 120))
def test_every_byte_once_and_in_order(steps: list[tuple[int, str]], cap: int) -> None:
    """Two viewers that look at moments of their own; what they do not see is gone, and they say so."""
    data = (f"{number}," for number in range(10**9))
    written = b""
    with tempfile.TemporaryDirectory() as folder:
        viewers, seen = [Follower(folder, "out"), Follower(folder, "out")], [b"", b""]
        assert everything(viewers[0]) == b""
        writer = Writer(os.path.join(folder, "out"), cap)
        for size, who in steps:
            piece = b"".join(next(data).encode() for _ in range(size // 4))
            writer.write(piece)
            written += piece
            if who != "2":
                seen[int(who)] += everything(viewers[int(who)])
        writer.close()
        for number, viewer in enumerate(viewers):
            seen[number] += everything(viewer)
            assert everything(viewer) == b""
            viewer.close()
            check(seen[number], written)
        late = Follower(folder, "out")
        assert everything(late) == output.read(folder, "out")
        late.close()


def test_one_who_keeps_up_misses_nothing(sandbox: Sandbox) -> None:
    writer, follower = Writer(sandbox.root + "/out", 64), Follower(sandbox.root, "out")
    seen = b""
    for number in range(500):
        writer.write(b"line %d\n" % number)
        seen += b"".join(follower.read())
    writer.close()
    assert seen == b"".join(b"line %d\n" % number for number in range(500))
    follower.close()


def test_beside_a_writer_in_another_process(sandbox: Sandbox) -> None:
    """As fast as both can: the order holds, gaps are whole parts, and the end is always there."""
    code = (
        "import sys\nfrom orch.host.output import Writer\nw = Writer(sys.argv[1], 40000)\n"
        "for i in range(30000): w.write(b'%09d\\n' % i)\nw.close()"
    )
    child = subprocess.Popen([sys.executable, "-c", code, sandbox.root + "/out"], cwd=CHECKOUT)
    follower, seen = Follower(sandbox.root, "out"), b""
    while child.poll() is None:
        seen += b"".join(follower.read())
    seen += everything(follower)
    follower.close()
    parts = GAP.split(seen)
    numbers = [int(line) for part in parts[::2] for line in part.split()]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert numbers[-1] == 29999
    assert all(len(part) % 10 == 0 for part in parts[::2]), "40000 is cut into whole lines"


def test_parts_from_before_a_moment_are_passed_over(sandbox: Sandbox) -> None:
    writer = Writer(sandbox.root + "/out", 40)
    for number in range(9):
        writer.write(b"%d" % number * 10)
    for moment, ending in enumerate(("", ".tail.old", ".tail")):
        os.utime(sandbox.root + "/out" + ending, (1000 * moment, 1000 * moment))

    def since(moment: float) -> Follower:
        return Follower(sandbox.root, "out", moment)

    assert everything(since(0)) == b"0" * 10 + b"1" * 10 + output.gap(50) + b"7" * 10 + b"8" * 10
    assert everything(since(500)) == b"7" * 10 + b"8" * 10
    assert everything(since(1500)) == b"8" * 10
    follower = since(2500)
    assert everything(follower) == b""
    writer.write(b"new")
    assert everything(follower) == b"new"
    follower.close()
    writer.close()


def test_a_gap_is_said_once(sandbox: Sandbox) -> None:
    writer, follower = Writer(sandbox.root + "/out", 40), Follower(sandbox.root, "out")
    writer.write(b"a" * 20)
    assert everything(follower) == b"a" * 20
    writer.write(b"b" * 10 + b"c" * 10 + b"d" * 10 + b"e" * 10)
    assert everything(follower) == output.gap(20) + b"d" * 10 + b"e" * 10
    writer.write(b"f" * 10)
    assert everything(follower) == b"f" * 10
    writer.close()
    follower.close()


def test_a_pipe_in_its_place_is_not_waited_for(sandbox: Sandbox) -> None:
    os.mkfifo(sandbox.root + "/out")
    assert everything(Follower(sandbox.root, "out")) == b""
