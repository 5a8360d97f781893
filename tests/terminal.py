"""A command of orch, or another program, on a real terminal of a given size, and what was drawn on it.

    with Terminal(sandbox, "task", "list", columns=80) as screen:
        screen.until("int-1")
        assert screen.type("\\x03") == 130
"""
from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from typing import Self

from tests.sandbox import ORCH, Sandbox


class Terminal:
    def __init__(
        self, sandbox: Sandbox, *args: str, columns: int = 80, rows: int = 24, env: dict[str, str] | None = None, program: str = ORCH,
        cwd: str = "/",
    ) -> None:
        self.raw = b""
        self.fd, inner = pty.openpty()
        self.resize(columns, rows)
        merged = {**sandbox.env, "TERM": "xterm-256color", **(env or {})}
        self.child = subprocess.Popen(
            [program, *args], env=merged, cwd=cwd, stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that ^C reaches it
        )
        os.close(inner)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        return self.raw.decode(errors="replace")

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what was drawn; False when nothing came."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += data
        return bool(data)

    def until(self, text: str, seconds: float = 20) -> None:
        """Wait until something was drawn."""
        end = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < end, f"never drawn: {text!r}; but\n{self.text}"
            self.read()

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def wait(self, seconds: float = 20) -> int:
        """The exit status; all that was drawn is in `text` then."""
        end = time.monotonic() + seconds
        while self.child.poll() is None:
            assert time.monotonic() < end, f"no end:\n{self.text}"
            self.read()
        while self.read():
            pass
        return self.child.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.child.kill()
        self.child.wait()
        os.close(self.fd)
