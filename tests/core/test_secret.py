from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orch.core import secret


@pytest.mark.parametrize("path", [".env", "a/.env.local", "deploy/prod.env", "keys/id_rsa", "ID_RSA", "x.pem", "server.key", ".netrc"])
def test_names_that_usually_hold_secrets(path: str) -> None:
    assert secret.named(path)


@pytest.mark.parametrize("path", [".env.example", ".env.sample.local", "env.py", "id_rsa.pub", "environment.md", "src/.env/x.py"])
def test_names_that_do_not(path: str) -> None:
    assert not secret.named(path)


# put together here so that no scanner takes this file for what it tests
SEEN = {
    "a private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "an AWS key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a GitHub token": "ghp_" + "a1" * 18,
    "an Anthropic key": "sk-ant-" + "api03-abcdefghijklmnopq",
    "an OpenAI key": "sk-proj-" + "x" * 44,
    "a Slack token": "xoxb-" + "1234567890-abcdefghijkl",
    "a Google key": "AIza" + "b" * 35,
    "a login in a URL": "postgres://app:" + "hunter2hunter2@db.example.org/app",
}


@pytest.mark.parametrize("what", SEEN)
def test_shapes_of_keys_are_seen_in_any_content(what: str) -> None:
    assert secret.found(b"\x00\xffkey = '" + SEEN[what].encode() + b"'\n") == what


@pytest.mark.parametrize(
    "text", ["AKIAIOSFODNN7EXAMPLE", "sk-something", "https://user:$PASSWORD@host/", "https://example.org/a:b@c", "the task-force", ""]
)
def test_what_only_resembles_one_is_not(text: str) -> None:
    assert secret.found(text.encode()) is None


@settings(max_examples=40)
@given(st.sampled_from(secret.SHAPES).flatmap(lambda each: st.tuples(st.just(each), st.from_regex(each[2]))))
def test_every_match_of_a_shape_holds_one_of_its_marks(drawn: tuple[tuple[str, tuple[bytes, ...], bytes], bytes]) -> None:
    (_, marks, shape), text = drawn
    assert not re.search(shape, text) or any(mark in text for mark in marks)


@given(st.sampled_from([*secret.NAMES, *secret.HARMLESS]), st.text("aenv.-_*keymplrc", max_size=14), st.booleans())
def test_globs_mean_what_fnmatch_says(glob: str, filling: str, like: bool) -> None:
    name = glob.replace("*", filling) if like else filling
    assert secret._fits(name, glob) == fnmatchcase(name, glob)
