"""tests/CONTRACT.md is whole: every behaviour once, every named test there, and the table at its head is the sum of its rows."""
from __future__ import annotations

import functools
import re
from typing import NamedTuple

from tests.house import source

PAGE = "tests/CONTRACT.md"
LAST = {"C": "C298", "U": "U32", "H": "H80", "L": "L50", "A": "A20"}  # how many there are of each kind is settled
PARTS = (
    "GitHub store", "pull requests", "review", "comments", "mentions", "owner commands", "board", "jobs", "service", "LLM routing",
    "planning", "chat", "channels", "transcripts", "budgets", "more agents",
)
ROW = re.compile(r"^\| ([A-Z]\d+) \| ([^|]+) \| ([^|]+) \|$")
KINDS = ("tested", "later", "why not")


class Row(NamedTuple):
    area: str
    id: str
    behaviour: str
    answer: str

    def kind(self) -> str:
        return "tested" if self.answer.startswith("`") else self.answer.partition(": ")[0]

    def tests(self) -> list[str]:
        return re.findall(r"`([^`]+)`", self.answer) if self.kind() == "tested" else []


@functools.cache
def rows() -> tuple[Row, ...]:
    found: list[Row] = []
    area = ""
    for line in source.read(PAGE).splitlines():
        if line.startswith("## "):
            area = line.removeprefix("## ")
        elif area and line.startswith("|") and not line.startswith(("| id |", "|---")):
            row = ROW.match(line)
            assert row, f"{PAGE}: not a row: {line}"
            found.append(Row(area, *(cell.strip() for cell in row.groups())))
    return tuple(found)


def test_every_id_is_there_once_and_in_order() -> None:
    wanted = [f"{kind}{number:0{len(last) - 1}d}" for kind, last in LAST.items() for number in range(1, int(last[1:]) + 1)]
    assert [row.id for row in rows()] == wanted


def test_every_row_ends_with_a_known_form() -> None:
    wrong = []
    for row in rows():
        if row.kind() == "tested":
            good = "<br>".join(f"`{test}`" for test in row.tests()) == row.answer
        elif row.kind() == "later":
            good = row.answer.removeprefix("later: ") in PARTS
        else:
            good = row.kind() == "why not" and len(row.answer) > len("why not: ")
        wrong += [] if good else [f"{row.id}: {row.answer}"]
    assert not wrong, "\n".join(wrong)


def test_every_named_test_exists() -> None:
    wrong = [f"{row.id}: {test}" for row in rows() for test in row.tests() if test not in source.tests()]
    assert not wrong, "\n".join(wrong)
    mentioned = re.findall(r"\btests/[\w/]+\.(?:py|bats)\b", " ".join(row.answer for row in rows() if row.kind() == "why not"))
    assert not [path for path in mentioned if not source.files(path)]


def test_the_parts_are_those_of_the_page() -> None:
    listed = re.search(r"The parts: ([^.]+)\.", source.read(PAGE))
    assert listed and tuple(part.strip() for part in listed[1].replace("\n", " ").split(",")) == PARTS


def test_the_summary_is_the_sum_of_the_rows() -> None:
    head = source.read(PAGE).partition("\n## ")[0]
    areas = list(dict.fromkeys(row.area for row in rows()))
    lines = [counted(area, [row for row in rows() if row.area == area]) for area in areas] + [counted("all", list(rows()))]
    shown = [line for line in head.splitlines() if line.startswith("|")][2:]
    assert shown == lines, "the table should be:\n" + "\n".join(lines)


def counted(name: str, some: list[Row]) -> str:
    numbers = [len(some), *(sum(row.kind() == kind for row in some) for kind in KINDS)]
    return f"| {name} | {' | '.join(map(str, numbers))} |"
