"""Rows for people and for programs. Pure."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.bench.stats import Row, shown

WIDTH = 58  # of the first column


def head(group: str) -> str:
    return f"\n{group:{WIDTH}}{'measured':>12}{'quartiles':>18}  {'target':<16}verdict"


def line(row: Row) -> str:
    found, target = row.found, row.target.text(row.unit) if row.target else ""
    value = f"{shown(found.value)} {row.unit}" if found else "-"
    spread = f"{shown(found.low)} .. {shown(found.high)}" if found and found.runs > 1 else ""
    note = f"   {row.note}" if row.note else ""
    return f"  {row.name:{WIDTH - 2}}{value:>12}{spread:>18}  {target:<16}{row.verdict()}{note}"


def record(row: Row) -> dict[str, Any]:
    """One row as JSON: `target` is [low, high], with null for no bound."""
    found = row.found._asdict() if row.found else {"value": None, "low": None, "high": None, "runs": 0}
    return {
        "group": row.group, "name": row.name, "unit": row.unit, **found,
        "target": list(row.target) if row.target else None, "verdict": row.verdict(), "note": row.note,
    }


def document(rows: Iterable[Row], about: Mapping[str, Any]) -> dict[str, Any]:
    """What --json writes."""
    return {"v": 1, "about": dict(about), "rows": [record(row) for row in rows]}


def summary(rows: Iterable[Row]) -> str:
    verdicts = [row.verdict() for row in rows]
    parts = [f"{verdicts.count('ok')} met", f"{verdicts.count('MISSED')} missed"]
    return ", ".join(parts + [f"{verdicts.count('absent')} not measured"] * ("absent" in verdicts))
