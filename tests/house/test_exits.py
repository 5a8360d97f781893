"""One table of exit statuses: errors.CODES; the classes, the man pages and the program know no other."""
from __future__ import annotations

import ast
import re

import pytest

from orch import errors
from tests.house import source

PAGES = source.files("man/*.1", "man/*.7")


def test_one_class_per_status() -> None:
    codes = [each.code for each in errors.CLASSES]
    assert len(set(codes)) == len(codes)
    assert {*codes, errors.OK, errors.NO, errors.BUG} == set(errors.CODES)
    defined = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.OrchError)}
    assert defined - {errors.OrchError} == set(errors.CLASSES)


def test_only_what_may_work_later_says_so() -> None:
    assert [each.code for each in errors.CLASSES if each.retry] == [75]


@pytest.mark.parametrize("name", [name for name in source.files("orch/*.py") if name.startswith("orch/cmd/")])
def test_commands_return_statuses_of_the_table(name: str) -> None:
    """A status written as a number in orch/cmd is in the table (a signal's is 128 + its number)."""
    wrong = [
        f"{name}:{node.lineno}: status {node.args[0].value!r}"
        for node in ast.walk(source.tree(name))
        if isinstance(node, ast.Call) and called(node) in ("exit", "_exit")
        and node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value not in errors.CODES
    ]
    assert not wrong, "\n".join(wrong)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def statuses(page: str) -> set[int]:
    """The numbers that a page's EXIT STATUS section lists as `.It 75` (or `.It Er 75`, `.It Li 75`)."""
    section = re.search(r"^\.Sh EXIT STATUS\n(.*?)(?=^\.Sh |\Z)", source.read(page), re.M | re.S)
    return {int(number) for number in re.findall(r"^\.It (?:\w+ )?(\d+)\b", section[1], re.M)} if section else set()


@pytest.mark.parametrize("page", PAGES)
def test_pages_list_statuses_of_the_table(page: str) -> None:
    assert statuses(page) <= set(errors.CODES)
    if page.endswith(".1"):
        assert ".Sh EXIT STATUS" in source.read(page), f"{page}: no EXIT STATUS"


def test_the_tour_lists_them_all() -> None:
    assert statuses("man/orch.7") == set(errors.CODES)
