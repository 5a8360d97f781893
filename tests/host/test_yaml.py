from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.errors import BadData, NotFound
from orch.host import yaml
from tests.sandbox import Sandbox

COMMENTED = """\
# at the top

engine:   # about engines
    max_parallel: 4      # few
    path: '/usr/bin'     # quoted so

# between

workflow:
    verify:
    - make test   # slow
    - "make lint"
    timeout_seconds: 0x10
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("a: 1\nb: [x, y]\n", {"a": 1, "b": ["x", "y"]}),
        ("when: 2026-01-02\n", {"when": "2026-01-02"}),
        ("a: &x [1]\nb: *x\n", {"a": [1], "b": [1]}),
        ("base: &b {x: 1}\nmore: {<<: *b, y: 2}\n", {"base": {"x": 1}, "more": {"x": 1, "y": 2}}),
    ],
)
def test_parse(text: str, value: Any) -> None:
    assert yaml.parse(text, "f") == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n b: 2\n", "f:2:3: "),
        ("a: [1\n", "f:2:1: "),
        ("a: 1\na: 2\n", "f:2:1: the key 'a' is given twice"),
        ("a:\n  b: 1\n  b: 2\n", "f:3:3: the key 'b' is given twice"),
        ("a: !!python/object/apply:os.system [x]\n", "f:1:4: "),
        ("a: \x01\n", "f: not YAML: "),
        ("a: *nosuch\n", "f:1:4: "),
        ("? [x]\n: 1\n", "f:1:3: "),
        ("a: 1\n---\nb: 2\n", "f:2:1: "),
        ("\t a: 1\n", "f:1:"),
    ],
)
def test_what_does_not_parse_names_its_place(text: str, said: str) -> None:
    with pytest.raises(BadData) as caught:
        yaml.parse(text, "f")
    assert caught.value.message.startswith(said)
    assert "\n" not in caught.value.message


def test_merged_maps_cannot_blow_up() -> None:
    levels = ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(BadData, match="`<<` makes more than"):
        yaml.parse("\n".join(levels), "f")


def test_what_a_map_merges_is_not_given_twice() -> None:
    text = "x: &base {prompt: file, output: exit}\na:\n  fast: &fast\n    <<: *base\n    output: json\nslow:\n  <<: *fast\n"
    assert yaml.parse(text, "f")["slow"] == {"prompt": "file", "output": "json"}
    with pytest.raises(BadData, match="f:3:3: the key 'output' is given twice"):
        yaml.parse("a:\n  output: 1\n  output: 2\nb: &b {c: 1}\n", "f")


def test_aliases_cannot_blow_up() -> None:
    text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(BadData, match="more than 20000 values"):
        yaml.parse(text, "f")
    with pytest.raises(BadData, match="more than 20000 values"):
        yaml.parse("a: &a [*a]\n", "f")


def test_deep_nesting_is_an_error() -> None:
    with pytest.raises(BadData):
        yaml.parse("[" * 100_000, "f")


@given(st.text())
def test_parse_is_total(text: str) -> None:
    try:
        yaml.parse(text, "f")
    except BadData:
        pass


def test_edit_keeps_everything_else() -> None:
    assert yaml.edit(COMMENTED, [(("engine", "max_parallel"), 2)], "f") == COMMENTED.replace("max_parallel: 4 ", "max_parallel: 2 ")


def test_edit_adds_keys_and_sections() -> None:
    new = yaml.edit(COMMENTED, [(("router", "mode"), "round_robin"), (("engine", "executor"), "tmux")], "f")
    assert yaml.parse(new, "f") == {
        "engine": {"max_parallel": 4, "path": "/usr/bin", "executor": "tmux"},
        "workflow": {"verify": ["make test", "make lint"], "timeout_seconds": 16},
        "router": {"mode": "round_robin"},
    }
    for line in COMMENTED.splitlines():
        assert line in new.splitlines()


@pytest.mark.parametrize("text", [
    "a:\n- x\n- y\nb: 1\n",
    "a:\n  - x\n  - y\nb: 1\n",
    "a:\n      - x\nb:\n      c:\n            d: 1\n",
    "---\n# c\na: 1\n",
    "a: {b: 1, c: [x, y]}\n",
    "a: 'q'\nb: \"q\"\nc: |\n  text\n  more\n",
    "a: yes\nb: 0x1F\nc: 1_000\nd: 1.50\nf:\n",
])  # fmt: skip
def test_edit_keeps_the_style_of_the_file(text: str) -> None:
    new = yaml.edit(text, [(("zz",), 1)], "f")
    assert new == text + "zz: 1\n"


def test_edit_of_nothing_and_of_comments_only() -> None:
    assert yaml.edit("", [(("a", "b"), 1)], "f") == "a:\n  b: 1\n"
    assert yaml.edit("# mine", [(("a", "b"), [])], "f") == "# mine\na:\n  b: []\n"


@pytest.mark.parametrize("text", ["- a\n", "a: 1\n", "a: [1]\n", "a: {b: 1, b: 2}\n", "a: [\n"])
def test_edit_refuses_what_has_no_place(text: str) -> None:
    with pytest.raises(BadData):
        yaml.edit(text, [(("a", "b"), 1)], "f")


WORDS = [
    "yes", "no", "On", "null", "~", "", "1e3", "1.5", "1_000", "0x10", "0o17", "017", "1:30", "2026-01-01", "=", "<<", "- a", "a: b", "#",
    "!x", "&a", "*a", "%x", "@x", "`x`", "{a", "[", "'", '"', "a #b", " a ", "\t", "é", "\u2028", "{{ x }}", "make test", "a" * 5000,
]


@pytest.mark.parametrize("word", WORDS)
def test_a_text_stays_a_text(word: str) -> None:
    text = yaml.edit("a: 1\n", [(("b",), word), (("c",), [word]), (("d", "e"), word)], "f")
    assert yaml.parse(text, "f") == {"a": 1, "b": word, "c": [word], "d": {"e": word}}
    again = yaml.edit(text, [(("a",), 2)], "f")
    assert again == text.replace("a: 1", "a: 2", 1)


TREES = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        st.integers() | st.booleans() | st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20)
        | st.lists(st.text("ab: -#'\"", max_size=5), max_size=3),
        lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)  # fmt: skip


@given(TREES, TREES)
def test_what_is_set_is_read_back(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Whatever is in the file, setting values makes them the values, and leaves the others."""
    text = yaml.edit("", [((key,), value) for key, value in old.items()], "f")
    assert (yaml.parse(text, "f") or {}) == old
    text = yaml.edit(text, [((key,), value) for key, value in new.items()], "f")
    assert (yaml.parse(text, "f") or {}) == {**old, **new}


def test_edit_file(sandbox: Sandbox) -> None:
    real = sandbox.write("dots/config.yml", "a: 1\n", 0o640)
    link = os.path.join(sandbox.root, "config.yml")
    os.symlink("dots/config.yml", link)
    yaml.edit_file(link, [(("a",), 2)])
    assert os.path.islink(link) and sandbox.read("dots/config.yml") == "a: 2\n"
    assert os.stat(real).st_mode & 0o777 == 0o640
    before = os.stat(real).st_ino
    yaml.edit_file(link, [(("a",), 2)])
    assert os.stat(real).st_ino == before  # nothing changed, nothing written
    assert os.listdir(os.path.dirname(real)) == ["config.yml"]


def test_edit_file_makes_the_file(sandbox: Sandbox) -> None:
    path = os.path.join(sandbox.root, "new", "config.yml")
    with pytest.raises(NotFound):
        yaml.read(path)
    yaml.edit_file(path, [(("a",), "x: y")])
    assert yaml.read(path) == {"a": "x: y"}
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_file_that_does_not_parse_is_left_alone(sandbox: Sandbox) -> None:
    path = sandbox.write("config.yml", "a: [\n")
    with pytest.raises(BadData):
        yaml.edit_file(path, [(("a",), 1)])
    assert sandbox.read(path) == "a: [\n"
