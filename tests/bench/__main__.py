"""`make bench`, or `python -m tests.bench [--quick] [--only GROUP] [--json FILE]`: measure, print a table. No row fails anything."""
from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from typing import Any

from tests.bench import homes, hot, life, many, memory, queues, quiet, table
from tests.bench.bench import Bench
from tests.bench.stats import Row

GROUPS = {"hot": hot.rows, "quiet": quiet.rows, "many": many.rows, "life": life.rows, "memory": memory.rows, "queues": queues.rows}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure orch against its targets, as ratios in one run.")
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON as well")
    parser.add_argument("--quick", action="store_true", help="a quarter of the rounds: for a first look")
    parser.add_argument("--only", metavar="GROUP", action="append", choices=list(GROUPS), help=f"{', '.join(GROUPS)}; may be repeated")
    asked = parser.parse_args(argv)
    about = machine()
    print(", ".join(f"{key} {value}" for key, value in about.items()))
    bench = Bench(quick=asked.quick, say=say)
    rows: list[Row] = []
    try:
        for name in asked.only or GROUPS:
            for row in GROUPS[name](bench):
                if not rows or rows[-1].group != row.group:
                    print(table.head(row.group))
                print(table.line(row), flush=True)
                rows.append(row)
        print(f"\n{table.summary(rows)}; load {os.getloadavg()[0]:.1f} at the end", flush=True)
    finally:  # what has been measured is written down in any case, and before the great homes are removed
        if asked.json:
            with open(asked.json, "w", encoding="utf-8") as file:
                json.dump(table.document(rows, about), file, indent=2)
                file.write("\n")
        bench.close()
    return 0


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    version = subprocess.run([homes.python(), "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True)
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return {
        "python": version.stdout.strip(), "git": git, "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
    }


def say(words: str) -> None:
    """Only where a person waits."""
    if sys.stderr.isatty():
        print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
