"""The attempts that run, as a table."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orch.core import clock, text, view
from orch.core.view import Piece

ROOMY = 110  # columns from which the title is shown too
TITLE = 32  # cells of it


def table(runs: Sequence[Mapping[str, Any]], width: int | None) -> list[list[Piece]]:
    """runs: as flow/live gives them. One line each below a head; the last line of output is cut to the width."""
    projects, roomy = len({run["project"] for run in runs}) > 1, width is None or width >= ROOMY
    shown = {"PROJECT": projects, "TITLE": roomy}
    words = [word for word in ("TASK", "ATTEMPT", "AGENT", "SLOT", "ELAPSED", "PROJECT", "TITLE", "LAST LINE") if shown.get(word, True)]
    rows = [words]
    for run in runs:
        values = {
            "TASK": run["task"], "ATTEMPT": run["attempt"], "AGENT": run.get("agent") or "", "SLOT": str(run.get("slot", "")),
            "ELAPSED": clock.span(run.get("seconds") or 0), "PROJECT": run["project"], "LAST LINE": _said(run),
            "TITLE": text.cut(text.clean(run["title"]), TITLE),
        }
        rows.append([values[word] for word in words])
    head, *body = text.columns(rows, right=[words.index("SLOT"), words.index("ELAPSED")])
    lines: list[list[Piece]] = [[("".join(head), "dim")]]
    lines += [[(row[0], "bold"), ("".join(row[1:-1]), ""), (row[-1], "" if run["state"] == "running" else "red")]
              for run, row in zip(runs, body, strict=True)]
    return [view.fit(line, width) for line in lines]


def _said(run: Mapping[str, Any]) -> str:
    return str(run.get("line") or "") if run["state"] == "running" else f"({run['state']})"
