"""Read what an agent says of its own work, from its attempt directory, in the order of trust: the result file, a sentinel, its answer."""
from __future__ import annotations

import contextlib
import os
from typing import Any

from orch import agents
from orch.core import recognise
from orch.core import reply as replies
from orch.core.conclude import Said
from orch.errors import BadData, NotFound, OrchError
from orch.host import files, output, paths
from orch.records import Reply, Spec

LOOKED_AT = 4_000_000  # bytes at the end of an answer in which a reply is looked for
LAST_WORDS = 4000  # characters at the end that text patterns may judge
MOST = 1_000_000  # bytes of a file by which an agent reports
TOOLS = ("shell",)  # agents whose output is that of their tools


def read(folder: str, spec: Spec, config: dict[str, Any]) -> Said:
    """Everything that core.conclude needs of an agent's output."""
    mode = _mode(spec, config)
    answer = "" if mode == "exit" else output.read(folder, "stdout", LOOKED_AT).decode(errors="replace")
    words, printed = _end(folder, "stderr"), _end(folder, "stdout")
    last = output.last_line(folder, "stderr") or output.last_line(folder, "stdout")
    error = recognise.error_line(words)
    if spec.get("agent") in TOOLS:
        words = ""
    elif mode != "exit" and not answer.lstrip().startswith("{"):  # else stdout is that of its tools, or a protocol
        words += "\n" + printed
    return Said(_reply(folder, answer), recognise.from_envelope(answer.splitlines()), words, mode, last, error)


def _mode(spec: Spec, config: dict[str, Any]) -> str:
    try:
        return agents.entry(config, spec.get("agent") or "").output
    except OrchError:
        return "result"  # the agent is not configured any more: only what it wrote itself counts


def _reply(folder: str, answer: str) -> Reply | None:
    """What is half written, too large or no reply at all does not count: the next place may hold one."""
    with contextlib.suppress(NotFound, BadData):
        return {**replies.parse(files.read_foreign(paths.report(folder), MOST)), "by": "result file"}
    for name, status in (("done", "done"), ("error", "failed")):
        with contextlib.suppress(NotFound, BadData):
            words = files.read_foreign(os.path.join(folder, name), MOST).strip()[:2000]
            return {"status": status, "summary": words, "reason": words, "by": "sentinel"}
    with contextlib.suppress(BadData):
        return {**replies.parse(answer), "by": "output"}
    return None


def _end(folder: str, name: str) -> str:
    return output.plain(output.read(folder, name, LAST_WORDS).decode(errors="replace"))
