"""What a terminal can show; with a real one."""
from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from orch.host import tty
from orch.host.tty import Terminal


@pytest.mark.parametrize("env, red", [
    ({}, ""), ({"TERM": "dumb"}, ""), ({"TERM": "xterm"}, "38;5;160"), ({"TERM": "linux"}, "31"), ({"TERM": "xterm", "NO_COLOR": "1"}, ""),
])
def test_colours(env: dict[str, str], red: str) -> None:
    leader, follower = pty.openpty()
    try:
        terminal = Terminal(env, follower)
        assert terminal.colours == bool(red)
        assert terminal.paint("x", "red") == (f"\x1b[{red}mx\x1b[0m" if red else "x")
        assert terminal.paint("x", "") == "x" and terminal.paint("  ", "red") == "  "
    finally:
        os.close(leader)
        os.close(follower)


@pytest.mark.parametrize("colour", [name for name, code in tty.CODES.items() if code.startswith("38;5;")])
def test_every_colour_can_be_read_on_white_and_on_black(colour: str) -> None:
    light = luminance(int(tty.CODES[colour].removeprefix("38;5;")))
    assert min((1.0 + 0.05) / (light + 0.05), (light + 0.05) / 0.05) > 3.8


def luminance(code: int) -> float:
    """Of one of the 256 colours, as WCAG reckons it."""
    levels = (0, 95, 135, 175, 215, 255)
    rest = code - 16
    shades = (8 + 10 * (code - 232),) * 3 if code >= 232 else (levels[rest // 36], levels[rest // 6 % 6], levels[rest % 6])
    linear = [(shade / 255 / 12.92) if shade < 10 else ((shade / 255 + 0.055) / 1.055) ** 2.4 for shade in shades]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_width() -> None:
    leader, follower = pty.openpty()
    try:
        assert Terminal({}, follower).width == 80
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 123, 0, 0))
        assert Terminal({}, follower).width == 123
        assert Terminal({"COLUMNS": "60"}, follower).width == 60
        assert Terminal({"COLUMNS": "many"}, follower).width == 123
        assert Terminal({"COLUMNS": "1"}, follower).width == 20
        assert Terminal({}, follower).size == (123, 40)
        assert Terminal({"LINES": "7"}, follower).size == (123, 7)
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
