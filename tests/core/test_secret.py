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
    "a private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA",
    "an AWS key": "AKIA" + "Q3ZK7PLM2XWVTNB5",
    "a GitHub token": "ghp_" + "q7Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIo",
    "an Anthropic key": "sk-ant-" + "api03-Zk2mP9xW4vT8nB3cL6dR1sJ5hG0f",
    "an OpenAI key": "sk-proj-" + "Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fZk2mP9xW4vT8nB3c",
    "a Slack token": "xoxb-" + "2938471029-8472910384-Zk2mP9xW4vT8nB3c",
    "a Google key": "AIza" + "SyZk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeI",
    "a login in a URL": "postgres://app:" + "hunter2hunter2@sql.corp.net/app",
}


@pytest.mark.parametrize("what", SEEN)
def test_shapes_of_keys_are_seen_in_any_content(what: str) -> None:
    assert secret.found(b"\x00\xffkey = '" + SEEN[what].encode() + b"'\n") == what
    assert list(secret.kinds("\n".join(SEEN.values()).encode())) == list(SEEN)


@pytest.mark.parametrize(
    "text",
    [
        *("AKIAIOSFODNN7EXAMPLE", "sk-something", "https://user:$PASSWORD@host/", "https://example.org/a:b@c", "the task-force", ""),
        *("postgres://postgres:postgres@localhost:5432/app_test", "ghp_" + "a1" * 18, "DB=mysql://root:changeme@sql.corp.net/x\n"),
        'if "-----BEGIN RSA ' + 'PRIVATE KEY-----" in text:\n    return True\n',
    ],
)
def test_what_only_resembles_one_is_not(text: str) -> None:
    assert secret.found(text.encode()) is None


@pytest.mark.parametrize("end", ["", "\n", "\r\nMIIE", "  \nProc-Type: 4,ENCRYPTED", "MIIEpAIBAAKCAQEAx7yZk2mP", "\\nMIIE", "\\r\\nMIIE"])
def test_a_private_key_goes_on_behind_its_first_line(end: str) -> None:
    head = "-----BEGIN RSA " + "PRIVATE KEY-----"
    assert secret.found(f"{head}{end}".encode()) == "a private key"
    assert secret.found(f"{head}' {end}".encode()) is None
    assert secret.found(f"{head}'\n{head}{end}".encode()) == "a private key"


@settings(max_examples=40)
@given(st.sampled_from(secret.SHAPES).flatmap(lambda each: st.tuples(st.just(each), st.from_regex(each[2]))))
def test_every_match_of_a_shape_holds_one_of_its_marks(drawn: tuple[tuple[str, tuple[bytes, ...], bytes], bytes]) -> None:
    (_, marks, shape), text = drawn
    assert not re.search(shape, text) or any(mark in text for mark in marks)


@given(st.sampled_from([*secret.NAMES, *secret.HARMLESS]), st.text("aenv.-_*keymplrc", max_size=14), st.booleans())
def test_globs_mean_what_fnmatch_says(glob: str, filling: str, like: bool) -> None:
    name = glob.replace("*", filling) if like else filling
    assert secret._fits(name, glob) == fnmatchcase(name, glob)
