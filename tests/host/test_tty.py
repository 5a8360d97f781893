"""What a terminal can show; with a real one."""
from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from orch.host.tty import Terminal


@pytest.mark.parametrize("env, live", [
    ({}, False), ({"TERM": "dumb"}, False), ({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
])
def test_colours(env: dict[str, str], live: bool) -> None:
    leader, follower = pty.openpty()
    try:
        terminal = Terminal(env, follower)
        assert terminal.colours == live
        assert terminal.paint("x", "red") == ("\x1b[31mx\x1b[0m" if live else "x")
        assert terminal.paint("x", "") == "x" and terminal.paint("  ", "red") == "  "
    finally:
        os.close(leader)
        os.close(follower)


def test_width() -> None:
    leader, follower = pty.openpty()
    try:
        assert Terminal({}, follower).width == 80
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 123, 0, 0))
        assert Terminal({}, follower).width == 123
        assert Terminal({"COLUMNS": "60"}, follower).width == 60
        assert Terminal({"COLUMNS": "many"}, follower).width == 123
        assert Terminal({"COLUMNS": "1"}, follower).width == 20
    finally:
        os.close(leader)
        os.close(follower)


def test_a_pipe_or_nothing_is_neither_cut_nor_coloured() -> None:
    reader, writer = os.pipe()
    terminal = Terminal({"TERM": "xterm", "COLUMNS": "40"}, writer)
    assert (terminal.width, terminal.colours) == (None, False)
    os.close(reader)
    os.close(writer)
    assert Terminal({"TERM": "xterm"}, writer).width is None
