from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import check, clock, config, kinds
from orch.core.config import KEYS, Key

PLAIN = [key for key in KEYS if not key.named]
# For each type: what YAML may say, what becomes of it, what is refused, and what a person may type.
VALUES: dict[str, dict[str, list[Any]]] = {
    "count": {"good": [0, 7], "bad": [-1, 1.5, True, "7", [], {}], "text": [("3", 3), (" 3 ", 3)], "typo": ["x", "-1", "1.5", ""]},
    "positive": {"good": [1, 7], "bad": [0, -1, "7"], "text": [("3", 3)], "typo": ["0", "x"]},
    "days": {"good": [0, 14, 365250], "bad": [-1, 1.5, "7", True, 365251], "text": [("3", 3)], "typo": ["x", "3d", "1000000"]},
    "seconds": {
        "good": [0, 90, clock.MILLENNIUM], "bad": [-1, 1.5, "soon", True, clock.MILLENNIUM + 1, "999999999w"],
        "text": [("90", 90), ("5m", 300), ("2h", 7200)], "typo": ["soon", "-1", ""],
    },
    "bytes": {
        "good": [0, 90], "bad": [-1, 1.5, "big", "999999999999T"],
        "text": [("90", 90), ("5MB", 5_000_000), ("1.5 GB", 1_500_000_000)], "typo": ["big"],
    },
    "money": {
        "good": [0.0, 1.5], "bad": [-1, "1", True, float("nan"), float("inf")],
        "text": [("1.5", 1.5), ("2", 2.0)], "typo": ["$1", "nan"],
    },
    "flag": {"good": [True, False], "bad": [0, 1, "yes"], "text": [("yes", True), ("OFF", False), ("1", True)], "typo": ["maybe", ""]},
    "text": {"good": ["", "a b", "é"], "bad": [1, True, ["a"], "a\nb", "a\0"], "text": [("a b", "a b")], "typo": ["a\nb"]},
    "word": {"good": ["", "main", "gpt-5.1"], "bad": [1, "-x", "a b", "a\n"], "text": [("main", "main")], "typo": ["--upload-pack=x"]},
    "list": {
        "good": [[], ["make test", "a, b"]], "bad": ["make", [1], [""], ["a\0"], {"a": 1}, [["a"]]],
        "text": [("a, b", ["a", "b"]), ("", []), ('["a, b"]', ["a, b"])], "typo": ["[a", '[1]'],
    },
    "names": {
        "good": [["claude", "my-agent"]], "bad": ["claude", ["a/b"], ["-x"], ["../x"]],
        "text": [("a,b", ["a", "b"])], "typo": ["a/b"],
    },
    "variables": {
        "good": [["API_KEY", "A=1", "B="]], "bad": [["A B"], ["=1"], ["1A"]],
        "text": [("A,B=x y", ["A", "B=x y"])], "typo": ["1A=1"],
    },
    "paths": {
        "good": [[".env.local", "a/b"]], "bad": [["/etc/passwd"], ["../x"], ["a/../../x"], ["~/x"], [""]],
        "text": [("a, b/c", ["a", "b/c"])], "typo": ["/etc/passwd"],
    },
    "patterns": {
        "good": [[], ["*.tf", "/a/[a-z]/**", "[", "[!x]"]], "bad": ["*.tf", [1], [""], ["ok", "[z-a]"], ["[!]"]],
        "text": [("a, b", ["a", "b"]), ('["{a,b}"]', ["{a,b}"])], "typo": ["[[z-a]]", '["[z-a]"]'],
    },
    "argv": {
        "good": [[], ["a", "{prompt}"]], "bad": [1, ["a", 1], "'open"],
        "text": [("a 'b c'", ["a", "b c"]), ('["a", "b c"]', ["a", "b c"])], "typo": ["'open"],
    },
}  # fmt: skip


def values(key: Key) -> dict[str, list[Any]]:
    if "|" in key.type:
        choices = key.type.split("|")
        same = [(each, each) for each in choices]
        return {"good": choices, "bad": ["nonsense", 1, True, [choices[0]]], "text": same, "typo": ["nonsense", ""]}
    return VALUES[key.type]


def concrete(key: Key) -> config.Path:
    """The path of a key with names put in."""
    owner = "o/r.js" if key.path.startswith("projects.") else "my-agent"
    return tuple(owner if part == "*" else part for part in key.path.split("."))


def test_the_table_is_whole() -> None:
    assert len({key.path for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert key.scope in ("any", "trust", "user"), key
        assert "|" in key.type or key.type in kinds.TYPES, key
        assert 10 <= len(key.doc) <= 100 and not key.doc.endswith("."), key
        assert kinds.accept(key.type, key.default) == key.default if key.default != "" or "|" in key.type else True, key
    assert set(kinds.EXPECTED) == set(kinds.TYPES)
    variables = [key.env() for key in PLAIN]
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_each_key_takes_its_type(key: Key) -> None:
    path = concrete(key)
    for value in values(key)["good"]:
        found = check.layer(config.nest([(path, value)]))
        assert not found.problems and not found.unknown
        assert config.at(found.values, path) == value


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_each_key_refuses_another_type(key: Key) -> None:
    path = concrete(key)
    for value in values(key)["bad"]:
        found = check.layer(config.nest([(path, value)]))
        assert len(found.problems) == 1, value
        assert found.problems[0].startswith(config.dotted(path) + ": expected ")
        assert config.at(found.values, path) is None


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_each_key_reads_text(key: Key) -> None:
    for text, value in values(key)["text"]:
        assert kinds.from_text(key.type, text) == value
    for text in values(key)["typo"]:
        with pytest.raises(ValueError, match=r"expected|not JSON"):
            kinds.from_text(key.type, text)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_each_key_is_found_by_its_name(key: Key) -> None:
    path = concrete(key)
    assert config.split(config.dotted(path)) == path
    assert config.key_at(path) == key


@pytest.mark.parametrize(
    "name", ["", ".", "engine.", ".engine", "engine.max", "max_parallel", "engine.max_parallel.x", "agents.*", "agents.", "x" * 999]
)
def test_not_a_key(name: str) -> None:
    assert config.split(name) is None


def test_sections_are_paths_too() -> None:
    assert config.split("engine") == ("engine",)
    assert config.split("agents.claude") == ("agents", "claude")
    assert config.split("projects.a/b.c") == ("projects", "a/b.c")
    for path in (("engine",), ("nosuch", "x"), ("engine", "tick_interval", "x")):
        assert config.key_at(path) is None


def test_every_problem_is_reported_at_once() -> None:
    found = check.layer({"engine": {"max_parallel": "lots"}, "workflow": ["x"], "router": {"mode": "llm"}, "git": {"name": None}})
    assert found.problems == [
        'engine.max_parallel: expected a whole number above 0, got the text "lots"',
        "workflow: expected a map, got a list",
        'router.mode: expected default or round_robin, got the text "llm"',
    ]
    assert found.values == {"engine": {}, "router": {}, "git": {}}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"engin": {}}, "engin: unknown key; did you mean engine?"),
        ({"engine": {"max_paralel": 1}}, "engine.max_paralel: unknown key; did you mean engine.max_parallel?"),
        ({"timeout_seconds": 1}, "timeout_seconds: unknown key; did you mean workflow.timeout_seconds?"),
        ({"qqq": 1}, "qqq: unknown key"),
        ({"agents": {"x": {"comand": []}}}, "agents.x.comand: unknown key; did you mean agents.x.command?"),
    ],
)
def test_unknown_keys(raw: dict[str, Any], said: str) -> None:
    found = check.layer(raw)
    assert found.unknown == [said] and not found.problems


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([1], "expected a map of sections, got a list"),
        ("x", 'expected a map of sections, got the text "x"'),
        ({True: 1}, "True: a key must be text, this is true; put it in quotes"),
        ({"agents": {"a/b": {}}}, "agents.a/b: an agent's name has letters, digits, dot, dash and underscore only"),
        ({"projects": {"app": {"trust": True}}}, "projects.app: not a project name: 'app'"),
        ({"projects": ["/home/me/app"]}, "projects: expected a map, got a list"),
        ({"git": {"name": 5}}, "git.name: expected one line of text, got the number 5"),
    ],
)
def test_wrong_shapes(raw: Any, said: str) -> None:
    assert check.layer(raw).problems == [said]


def test_nothing_is_an_empty_map() -> None:
    assert check.layer(None) == check.Layer({}, [], [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(config.TREE)) | st.text(), JSON, max_size=4))
def test_checking_is_total_and_what_is_left_is_good(raw: dict[str, Any]) -> None:
    found = check.layer(raw)
    again = check.layer(found.values)
    assert again == check.Layer(found.values, [], [])


@given(st.sampled_from([key.type for key in KEYS]), st.text())
def test_text_is_read_or_refused(kind: str, text: str) -> None:
    try:
        value = kinds.from_text(kind, text)
    except ValueError:
        return
    assert kinds.accept(kind, value) == value


# --- merging

TREES = st.recursive(
    st.none() | st.integers() | st.lists(st.integers(), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
LAYERS = st.lists(st.dictionaries(st.sampled_from("abc"), TREES, max_size=3), max_size=4)


def merged(*layers: dict[str, Any]) -> config.Config:
    return config.merge([(str(number), layer) for number, layer in enumerate(layers)])[0]


def bare(layer: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that are not given."""
    return {name: bare(value) if isinstance(value, dict) else value for name, value in layer.items() if value is not None}


def test_maps_merge_and_lists_replace() -> None:
    found, origins = config.merge([("low", {"a": {"x": 1, "y": [1, 2]}}), ("high", {"a": {"y": [3], "z": None}, "b": 2})])
    assert found == {"a": {"x": 1, "y": [3]}, "b": 2}
    assert origins == {("a", "x"): "low", ("a", "y"): "high", ("b",): "high"}


def test_a_map_and_a_value_replace_each_other() -> None:
    assert config.merge([("low", {"a": {"x": {"y": 1}}}), ("high", {"a": {"x": 2}})]) == ({"a": {"x": 2}}, {("a", "x"): "high"})
    assert config.merge([("low", {"a": 1}), ("high", {"a": {"x": 2}})]) == ({"a": {"x": 2}}, {("a", "x"): "high"})


@given(LAYERS)
def test_merge_leaves_its_layers_alone(layers: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(layers)
    found = merged(*layers)
    for path in list(config.leaves(found)):
        value = config.at(found, path)
        if isinstance(value, list):
            value.append(0)
    found["new"] = 1
    assert layers == before


@given(LAYERS)
def test_every_leaf_has_an_origin_and_every_origin_a_leaf(layers: list[dict[str, Any]]) -> None:
    found, origins = config.merge([(str(number), layer) for number, layer in enumerate(layers)])
    assert set(config.leaves(found)) == set(origins)
    for path, origin in origins.items():
        assert config.at(layers[int(origin)], path) == config.at(found, path)


@given(LAYERS)
def test_merging_one_by_one_is_merging_at_once(layers: list[dict[str, Any]]) -> None:
    step: dict[str, Any] = {}
    for layer in layers:
        step = merged(step, layer)
    assert step == merged(*layers)


@given(LAYERS, st.dictionaries(st.sampled_from("abc"), TREES, max_size=3))
def test_the_last_layer_wins(layers: list[dict[str, Any]], last: dict[str, Any]) -> None:
    found = merged(*layers, last)
    for path in config.leaves(bare(last)):
        assert config.at(found, path) == config.at(last, path)


def test_merging_twice_changes_nothing() -> None:
    once = merged(config.DEFAULTS, {"engine": {"max_parallel": 7}})
    assert merged(once, once) == once


def test_defaults_hold_every_plain_key() -> None:
    assert set(config.leaves(config.DEFAULTS)) == {tuple(key.path.split(".")) for key in PLAIN}
    assert config.DEFAULTS["model_map"] == {"simple": {}, "medium": {}, "complex": {}} and config.DEFAULTS["agents"] == {}


# --- what a project's file may say


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_what_counts_in_a_project_file(key: Key) -> None:
    path = concrete(key)
    values_ = config.nest([(path, values(key)["good"][0])])
    for trusted in (False, True):
        counts, waiting, never = check.split_by_scope(values_, trusted)
        if key.scope == "user":
            assert (counts, waiting, never) == ({}, [], [path])
        elif key.scope == "trust" and not trusted:
            assert (counts, waiting, never) == ({}, [path], [])
        else:
            assert (counts, waiting, never) == (values_, [], [])


def test_what_runs_programs_needs_trust() -> None:
    """The keys of design section 6: whatever is added to the table, these stay behind trust."""
    scope = {key.path: key.scope for key in KEYS}
    assert {scope[path] for path in scope if path.startswith("agents.")} == {"trust"}
    assert {scope["router.default_agent"], scope["router.agents"]} == {"trust"}
    assert {scope[f"workflow.{name}"] for name in ("verify", "setup", "copy", "protected", "finish")} == {"trust"}
    assert {scope[path] for path in scope if path.startswith(("engine.", "projects."))} == {"user"}
