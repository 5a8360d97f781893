"""Write the facts of the program into its manual pages, between pairs of comment lines:

    .\\" table commands            (what follows comes from orch/commands.py; `make man` writes it)
    .\\" end

Everything else in man/ is written by hand. `python shell/man.py` rewrites what differs and names it; with --check it names it only, and
fails. A page that asks for a table that is not here is an error, and so is a table without an end.
"""
from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

HOUSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HOUSE)

from orch import agents, commands, errors  # noqa: E402
from orch.core import config, failure, task  # noqa: E402

BLOCK = re.compile(r'^(\.\\" table ([a-z]+)((?: \S+)*)\n)(.*?)(^\.\\" end\n)', re.M | re.S)
UNITS = {"seconds": "duration", "bytes": "size", "count": "number", "positive": "number from 1", "money": "USD", "flag": "true or false",
         "list": "list", "names": "list of agents", "paths": "list of patterns", "argv": "words", "variables": "list of names",
         "text": "text", "word": "word", "days": "number of days", "patterns": "list of globs"}  # fmt: skip


def escaped(text: str) -> str:
    """Plain text as mdoc takes it: no escape, and no line that a dot or a quote at its start would make a macro."""
    plain = text.replace("\\", "\\e").replace("`", "\\(ga")
    return re.sub(r"^([.'])", r"\\&\1", plain, flags=re.M)


def sentence(text: str) -> str:
    """The table's words with a capital and a full stop; code in `...` becomes literal."""
    name = text.partition(" ")[0].endswith(":")  # `finish: merge ...` speaks of a key, which has no capital
    plain = escaped((text[:1] if name else text[:1].upper()) + text[1:] + ("" if text.endswith(".") else "."))
    return re.sub(r"\\\(ga(.*?)\\\(ga", r"\\fB\1\\fP", plain)


def list_of(rows: Iterable[tuple[str, str]], kind: str = "-tag -width Ds") -> Iterator[str]:
    yield f".Bl {kind}"
    for head, body in rows:
        yield f".It {head}"
        yield body
    yield ".El"


def all_commands(group: str) -> Iterator[str]:
    """The commands of one group, each with its summary."""
    rows = [row for row in commands.ROWS if row.group == group]
    return list_of(((f"Xr orch-{row.name} 1", sentence(row.summary)) for row in rows), "-tag -width orch-template(1) -compact")


def exits() -> Iterator[str]:
    return list_of(((f"{code}", sentence(text)) for code, text in errors.CODES.items()), "-tag -width Ds")


def keys(section: str) -> Iterator[str]:
    """The keys of one section of the configuration."""
    rows = [key for key in config.KEYS if key.path.split(".")[0] == section]
    return list_of((f"Cm {key.path} Pq {facts(key)}", sentence(key.doc) + (f"\n.Bq Ev {key.env()}" if key.env() else "")) for key in rows)


def facts(key: config.Key) -> str:
    kind = " or ".join(key.type.split("|")) if "|" in key.type else UNITS[key.type]
    about = [kind] + ([] if key.named else [f"default {shown(key)}"])
    return "; ".join(about + {"trust": ["needs trust"], "user": ["user only"]}.get(key.scope, []))


def shown(key: config.Key) -> str:
    """The default as a person would write it."""
    value: Any = key.default
    if value in ("", []):
        return "empty"
    scale = {"seconds": (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)), "bytes": (("GB", 10**9), ("MB", 10**6), ("kB", 1000))}
    for unit, size in scale.get(key.type, ()):
        if value and value % size == 0:
            return f"{value // size}{unit}"
    return " ".join(value) if isinstance(value, list) else str(value).lower()


def moves() -> Iterator[str]:
    """Which status can follow which, and when."""
    rows = ((f"Cm {old} No to Cm {new}", sentence(when)) for old, ways in task.TRANSITIONS.items() for new, when in ways.items())
    return list_of(rows, '-tag -width "needs_review to in_progress" -compact')


def failures() -> Iterator[str]:
    return list_of((f"Cm {name}", f"{sentence(row.means)}\n{policy(row)}") for name, row in failure.TABLE.items())


def policy(row: failure.Policy) -> str:
    if not row.retry:
        return "A person has to look."
    when = {"none": "at once", "backoff": "after a pause", "reset": "at the time that the agent names, or after a pause"}[row.delay]
    if row.agent == "next" and row.delay != "none":
        words = f"Tried again at once by the next agent if there is one, otherwise {when}"
    else:
        words = f"Tried again {when}" + (", by the next agent if there is one" if row.agent == "next" else "")
    more = ["other tasks keep off that agent for as long"] if row.breaker else []
    more += ["it does not count as one of the task's attempts"] if row.outside else []
    return "; ".join([words, *more]) + "."


def builtin() -> Iterator[str]:
    """The agents that orch knows, with their command lines."""
    rows = []
    for name in agents.BUILTIN:
        agent = agents.builtin(name)
        names = {sys.executable: "python3", os.path.join(HOUSE, "orch", "agents", "act.py"): "act.py"}  # of this machine
        line = escaped(" ".join(names.get(word, word) for word in agent.argv)).replace("-", "\\-")  # no line is broken at such a dash
        rows.append((f"Cm {name}", f".Bd -ragged -compact\n{line}\n.Ed\nPrompt: {agent.prompt}; output: {agent.output}."))
    return list_of(rows)


TABLES: dict[str, Callable[..., Iterator[str]]] = {
    "agents": builtin, "commands": all_commands, "exits": exits, "failures": failures, "keys": keys, "moves": moves,
}


def current(page: str) -> str:
    """The page with every table as it is now. raises KeyError for a table that there is not"""
    if page.count('.\\" table ') != len(BLOCK.findall(page)):
        raise ValueError('a table without its .\\" end')
    return BLOCK.sub(lambda found: found[1] + "".join(line + "\n" for line in TABLES[found[2]](*found[3].split())) + found[5], page)


def main(args: list[str]) -> int:
    stale = 0
    for name in sorted(os.listdir(os.path.join(HOUSE, "man"))):
        path = os.path.join(HOUSE, "man", name)
        with open(path, encoding="utf-8") as file:
            old = file.read()
        new = current(old)
        if new != old:
            stale += 1
            print(f"man/{name}: {'is out of date; run make man' if '--check' in args else 'written'}")
            if "--check" not in args:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(new)
    return 1 if stale and "--check" in args else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
