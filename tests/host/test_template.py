"""Templates: where they are found, what overrides what, what is an error, and that values stay data."""
from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.errors import BadData, NotFound
from orch.host import template
from orch.host.share import share
from tests.sandbox import Sandbox


@pytest.fixture
def places(sandbox: Sandbox) -> list[str]:
    """Two directories that are searched, the first one first; the shipped templates come last."""
    sandbox.write("one/a.j2", "one {{ v }}")
    sandbox.write("two/a.j2", "two {{ v }}")
    sandbox.write("two/b.j2", "two b")
    return [os.path.join(sandbox.root, "one"), os.path.join(sandbox.root, "two"), share("prompts")]


def test_the_first_place_wins(places: list[str]) -> None:
    assert template.render("a.j2", {"v": 1}, places) == "one 1"
    assert template.render("b.j2", {}, places) == "two b"
    assert template.render("a.j2", {"v": 1}, places[1:]) == "two 1"
    assert template.render("a.j2", {"v": 1}, places, {"a.j2": "source {{ v }}"}) == "source 1"
    with pytest.raises(NotFound, match=r"no template 'c\.j2'"):
        template.render("c.j2", {}, places)


def test_an_override_can_extend_the_shipped_one(places: list[str], sandbox: Sandbox) -> None:
    values = {"n": 1, "id": "int-5", "title": "t", "body": "", "labels": [], "conflict": False, "failure": None, "earlier": [],
              "learnings": [], "diff": "", "instructions": [], "tree": []}
    shipped = template.render("task.md.j2", values, places)
    more = '{% extends "orch/task.md.j2" %}{% block project %}{{ super() }}Speak Latin.\n{% endblock %}'
    sandbox.write("one/task.md.j2", more)
    assert template.render("task.md.j2", values, places) == shipped + "Speak Latin.\n"
    assert template.render("task.md.j2", values, places[1:], {"task.md.j2": more}) == shipped + "Speak Latin.\n"


@pytest.mark.parametrize("name", ["../two/b.j2", "/etc/passwd", "orch/../README.md", "..", "", "orch/"])
def test_nothing_outside_is_included(places: list[str], name: str) -> None:
    with pytest.raises(BadData):
        template.render("x", {"name": name}, places[:1], {"x": "{% include name %}"})


def test_includes_come_from_everywhere_that_is_searched(places: list[str]) -> None:
    sources = {"x": '{% include "b.j2" %} {% include "y" %} {% include "a.j2" %}', "y": "source"}
    assert template.render("x", {"v": 0}, places, sources) == "two b source one 0"


@pytest.mark.parametrize(("text", "says"), [
    ("a\n{{ nosuch }}", "x of the project, line 2: 'nosuch' is undefined"),
    ("a\n{{ nosuch | fenced }}", "x of the project, line 2: 'nosuch' is undefined"),
    ("{{ nosuch | code }}", "x of the project, line 1: 'nosuch' is undefined"),
    ("{{ nosuch | cap(9) }}", "x of the project, line 1: 'nosuch' is undefined"),
    ("a\n\n{% if nosuch %}{% endif %}", "x of the project, line 3: 'nosuch' is undefined"),
    ("{{ v.nosuch }}", "x of the project, line 1: 'dict object' has no attribute 'nosuch'"),
    ("{{ v.a.b.c }}", "x of the project, line 1: 'int object' has no attribute 'b'"),
    ("{{ v }\n", "x of the project, line 1: "),
    ("\n{% block %}", "x of the project, line 2: "),
    ("{{ v | nosuch }}", "x of the project, line 1: No filter named 'nosuch'"),
    ("{{ v.__class__ }}", "x of the project, line 1: SecurityError: "),
    ("{{ v.update({}) }}", "x of the project, line 1: SecurityError: "),
    ("{{ 'a' + 1 }}", "x of the project, line 1: TypeError: "),
    ("{% include 'x' %}", "x of the project, line 1: RecursionError: "),
])
def test_what_is_wrong_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(BadData) as caught:
        template.render("x", {"v": {"a": 1}}, [], {"x": text})
    assert caught.value.message.startswith("template " + says.split(": ", 1)[0])
    assert says.split(": ", 1)[1] in caught.value.message


def test_what_never_ends_is_cut() -> None:
    with pytest.raises(BadData, match="it makes more than 20000000 characters"):
        template.render("x", {}, [], {"x": "{% for a in range(100000) %}{{ '%1000d' % 1 }}{% endfor %}"})


def test_an_undefined_name_lists_those_that_there_are() -> None:
    with pytest.raises(BadData) as caught:
        template.render("x", {"title": "", "body": ""}, [], {"x": "{{ titel }}"})
    assert caught.value.hint == "it may use body, title"


def test_the_place_is_that_of_the_innermost_template(places: list[str]) -> None:
    with pytest.raises(BadData) as caught:
        template.render("x", {}, places, {"x": '\n\n{% include "a.j2" %}'})
    assert caught.value.message == f"template {places[0]}/a.j2, line 1: 'v' is undefined"


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["{{ 7*7 }}", "{% raw %}", "{# x #}", "\n", "\r\n", "{{", "}}"]))
def test_a_value_is_printed_as_it_is(text: str) -> None:
    assert template.render("x", {"v": text}, [], {"x": "<{{ v }}>"}) == f"<{text}>"


def test_blanks_of_the_template_are_kept_and_lines_of_tags_vanish() -> None:
    text = "a \n  {% if true %}\n  b\n  {% endif %}\n\tc\n\n"
    assert template.render("x", {}, [], {"x": text}) == "a \n  b\n\tc\n\n"
    assert template.render("x", {}, [], {"x": "no end of line"}) == "no end of line"


def test_bytes_that_are_no_utf8_are_an_error(sandbox: Sandbox) -> None:
    path = sandbox.write("one/bad.j2", "")
    with open(path, "wb") as file:
        file.write(b"\xff")
    with pytest.raises(BadData, match="not UTF-8"):
        template.render("bad.j2", {}, [os.path.dirname(path)])


def test_what_is_remembered_is_never_old(places: list[str], sandbox: Sandbox) -> None:
    memory: dict[Any, Any] = {}

    def a(sources: dict[str, str] | None = None) -> str:
        return template.render("a.j2", {"v": 1}, places, sources, memory)

    assert a() == a() == "one 1"
    sandbox.write("one/a.j2", "changed {{ v }}")
    assert a() == "changed 1"
    os.unlink(os.path.join(sandbox.root, "one/a.j2"))
    assert a() == "two 1"
    sandbox.write("one/a.j2", "{% include 'b.j2' %}")
    assert a() == "two b"
    sandbox.write("one/b.j2", "one b")
    assert a() == "one b"
    assert a({"b.j2": "source b"}) == "source b"
    assert a({"b.j2": "another b"}) == "another b"
    assert a() == "one b"
    for number in range(100):
        assert a({"b.j2": str(number)}) == str(number)
    assert len(memory) <= template.REMEMBERED
