"""Read what an agent says of its own work, from its attempt directory, in the order of trust: the result file, a sentinel, its answer."""
from __future__ import annotations

import os
from typing import Any

from orch import agents
from orch.core import recognise
from orch.core import reply as replies
from orch.core.conclude import Said
from orch.errors import BadData, NotFound, OrchError
from orch.host import files, output
from orch.records import Reply, Spec

LOOKED_AT = 4_000_000  # bytes at the end of an answer in which a reply is looked for
LAST_WORDS = 4000  # characters at the end that text patterns may judge
TOOLS = ("shell",)  # agents whose output is that of their tools


def read(folder: str, spec: Spec, config: dict[str, Any]) -> Said:
    """Everything that core.conclude needs of an agent's output."""
    mode = _mode(spec, config)
    answer = "" if mode == "exit" else output.read(folder, "stdout", LOOKED_AT).decode(errors="replace")
    last = [] if spec.get("agent") in TOOLS else [_end(folder, "stderr")]
    if not answer.lstrip().startswith("{") and spec.get("agent") not in TOOLS:
        last.append(_end(folder, "stdout"))
    elif spec.get("agent") in TOOLS:
        last = [_end(folder, "stderr").strip().splitlines()[-1]] if _end(folder, "stderr").strip() else []
    return Said(_reply(folder, answer), recognise.from_envelope(answer.splitlines()), "\n".join(last), mode)


def _mode(spec: Spec, config: dict[str, Any]) -> str:
    try:
        return agents.entry(config, spec.get("agent") or "").output
    except OrchError:
        return "result"  # the agent is not configured any more: only what it wrote itself counts


def _reply(folder: str, answer: str) -> Reply | None:
    for path, by in ((os.path.join(folder, "result.json"), "result file"),):
        try:
            return {**replies.parse(files.read_text(path)), "by": by}
        except NotFound:
            pass
        except BadData:
            continue  # half written, or no reply at all: the answer may still hold one
    for name, status in (("done", "done"), ("error", "failed")):
        try:
            words = files.read_text(os.path.join(folder, name)).strip()
        except (NotFound, BadData):
            continue
        return {"status": status, "summary": words[:2000], "reason": words[:2000], "by": "sentinel"}
    if answer:
        try:
            return {**replies.parse(answer), "by": "output"}
        except BadData:
            return None
    return None


def _end(folder: str, name: str) -> str:
    return output.read(folder, name, LAST_WORDS).decode(errors="replace")
