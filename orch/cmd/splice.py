"""An agent's two streams and our own words about it, on our two streams: as they are into a pipe; harmless, and in words, on a terminal."""
from __future__ import annotations

from collections.abc import Mapping

from orch.cmd import out
from orch.core import text
from orch.core.harmless import Filter
from orch.core.telling import Teller
from orch.host.tty import Terminal


class Splice:
    """all_out: what the agent writes to its standard error goes to our standard output as well.
    words: JSON events are told as text; None: on a terminal."""

    def __init__(self, env: Mapping[str, str], all_out: bool = False, words: bool | None = None) -> None:
        self.terminals = {1: Terminal(env, 1), 2: Terminal(env, 2)}
        self.fds = {"stdout": 1, "stderr": 1 if all_out else 2}
        self.words = words
        self.tellers: dict[str, Teller] = {}
        self.filters: dict[int, Filter] = {}
        self.broken = False  # a terminal stands in the middle of a line

    def write(self, name: str, data: bytes) -> None:
        fd = self.fds[name]
        if self.terminals[fd].live if self.words is None else self.words:
            if name not in self.tellers:
                self.tellers[name] = Teller(self.terminals[fd].paint)
            data = self.tellers[name].feed(data)
        self._show(fd, data)

    def end(self) -> None:
        """What follows is another program's: half a line of this one is shown, and no colour stays on."""
        for name, teller in self.tellers.items():
            self._show(self.fds[name], teller.end())
        self.tellers.clear()
        for fd, filter in self.filters.items():
            out.raw(filter.end(), fd)
        self.filters.clear()

    def _show(self, fd: int, data: bytes) -> None:
        if self.terminals[fd].live:
            data = self._filter(fd).feed(data)
            self.broken = not data.endswith(b"\n") if data else self.broken
        out.raw(data, fd)

    def say(self, words: str) -> None:
        """Our own words, on a line of their own."""
        self.flush()
        if self.broken and self.terminals[2].live:
            out.raw(b"\n", 2)
            self.broken = False
        out.raw(self.terminals[2].paint(text.clean(words), "dim").encode("utf-8", "backslashreplace") + b"\n", 2)

    def flush(self) -> None:
        out.flush()

    def _filter(self, fd: int) -> Filter:
        if fd not in self.filters:
            self.filters[fd] = Filter(self.terminals[fd].colours)
        return self.filters[fd]
