"""core/evidence: reading `git log -p`, globs of protected paths, and what looks like a secret."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import evidence, kinds

# Written in two parts, so that nothing that looks for secrets in this repository finds one here.
TOKEN = "ghp_" + "q7Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIo"
KEYS = {
    "an AWS key": "AKIA" + "Q3ZK7PLM2XWVTNB5",
    "a GitHub token": TOKEN,
    "an Anthropic key": "sk-ant-" + "api03-Zk2mP9xW4vT8nB3cL6dR1sJ5hG0f",
    "an OpenAI key": "sk-proj-" + "Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fZk2mP9xW4vT8nB3c",
    "a Slack token": "xoxb-" + "2938471029-8472910384-Zk2mP9xW4vT8nB3c",
    "a Google key": "AIza" + "SyZk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeI",
    "a GitLab token": "glpat-" + "Zk2mP9xW4vT8nB3cL6dR",
    "an npm token": "npm_" + "Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIoQw",
    "a private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
}


def log(*lines: str, path: str = "f", commit: str = "a" * 40) -> list[bytes]:
    head = [f"\0{commit} {'b' * 40}", "", f"diff --git a/{path} b/{path}", "index 1..2 100644", f"--- a/{path}", f"+++ b/{path}"]
    return [line.encode() for line in [*head, "@@ -1 +1 @@", *lines]]


def found(*lines: str) -> list[dict[str, str]]:
    return evidence.scan(log(*lines)).secrets


@pytest.mark.parametrize("what", list(KEYS))
def test_known_shapes_are_found_in_added_lines_only(what: str) -> None:
    assert found(f"+x = '{KEYS[what]}'" if what != "a private key" else "+" + KEYS[what]) == [{"path": "f", "what": what}]
    assert found(f"-x = '{KEYS[what]}'", f" y = '{KEYS[what]}'", f"\\ {KEYS[what]}") == []


def test_the_value_is_never_told() -> None:
    assert TOKEN not in repr(found(f"+{TOKEN}"))


@pytest.mark.parametrize("line", [
    "AKIA" + "IOSFODNN7EXAMPLE", "token = ghp_" + "x" * 36, "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "sk-ant-" + "your-key-goes-here-please",
    'if "-----BEGIN RSA ' + 'PRIVATE KEY-----" in text:', "class='sk-some-very-long-css-class-name-that-goes-on'", "xoxb-" + "1" * 40,
    "postgres://user:password@localhost/db", "https://user:changeme99@example.org/", "postgres://app:sEcr3tPw@db:5432/app", "ghp_short",
    "sha512-" + "Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIoQw==", "http://$USER:$PASSWORD@host.org",
])  # fmt: skip
def test_examples_and_look_alikes_are_no_alarm(line: str) -> None:
    assert found("+" + line) == []


def test_real_keys_in_one_line_of_code_are_found() -> None:
    assert found('+KEY = "-----BEGIN RSA ' + 'PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA"') == [{"path": "f", "what": "a private key"}]
    assert found("+url = 'https://bot:" + "Zk2mP9xW4vT8@git.corp.net/x'") == [{"path": "f", "what": "a login in a URL"}]


def test_values_that_orch_holds_are_found_whatever_they_look_like() -> None:
    env = {"MY_API_KEY": "correct horse", "GH_TOKEN": "short", "TOKEN_FILE": "/etc/token/file", "PATH": "/usr/bin", "OTHER": "correct h"}
    known = evidence.values(env)
    assert known == {"correct horse": "$MY_API_KEY"}
    assert evidence.scan(log("+say correct horse battery"), known).secrets == [{"path": "f", "what": "the value of $MY_API_KEY"}]


def test_secrets_are_found_at_every_place_of_a_long_diff() -> None:
    lines = log(*["+x"] * (evidence.CHUNK * 2))
    for at in (7, 7 + evidence.CHUNK - 1, 7 + evidence.CHUNK, len(lines) - 1):
        changed = [*lines[:at], b"+" + TOKEN.encode(), *lines[at:]]
        assert evidence.scan([*changed, *log("+x", path="g", commit="c" * 40)]).secrets == [{"path": "f", "what": "a GitHub token"}]


def test_names_of_new_files_that_usually_hold_secrets() -> None:
    def new(path: str, mode: str = "new file mode 100644") -> list[dict[str, str]]:
        head = [f"\0{'a' * 40}", f"diff --git a/{path} b/{path}", mode, "index 0..1"]
        lines = [*head, "--- /dev/null", f"+++ b/{path}", "@@ -0,0 +1 @@", "+x"]
        return evidence.scan(line.encode() for line in lines).secrets

    for path in (".env", "deep/.env.local", "id_rsa", "x/id_ed25519", "store.p12", ".netrc"):
        assert [each["path"] for each in new(path)] == [path]
        assert new(path, "index 1..2 100644") == []  # a project may have it on purpose; changing it is no news
    for path in (".env.example", ".env.sample", "env", "cert.pem", "ca.key", "id_rsa.py", "environment.ts"):
        assert new(path) == []


def test_names_of_binary_and_oddly_named_files() -> None:
    lines = [b"\0" + b"a" * 40, b'diff --git "a/d\\303\\251/id_rsa" "b/d\\303\\251/id_rsa"', b"new file mode 100600",
             b"index 0..1", b"--- /dev/null", b'+++ "b/d\\303\\251/id_rsa"', b"@@ -0,0 +1 @@", b"+\0\xff"]  # fmt: skip
    assert evidence.scan(lines).secrets == [{"path": "dé/id_rsa", "what": "a file that usually holds secrets"}]


def test_binary_files_that_a_merge_made_are_not_shown_so_a_person_has_to_look() -> None:
    head = [b"\0" + b"a" * 40, b'diff --combined "d/caf\\303\\251 b"', b"index 1,2..3", b"Binary files differ", *log("+x", path="g")]
    assert evidence.scan(head).secrets == [{"path": "d/café b", "what": "a binary file that was made in a merge, not looked through"}]


def test_lines_that_look_like_headers_are_content_inside_a_hunk() -> None:
    lines = log("--- a/other", "+++ b/other", f"+{TOKEN}")
    assert evidence.scan(lines).secrets == [{"path": "f", "what": "a GitHub token"}]


def test_in_a_merge_only_lines_of_no_parent_count() -> None:
    head = [f"\0{'a' * 40} {'b' * 40} {'c' * 40}", "diff --cc f", "index 1,2..3", "--- a/f", "+++ b/f", "@@@ -1,1 -1,1 +1,3 @@@"]
    scan = evidence.scan(line.encode() for line in [*head, f"+ {TOKEN}", f" +{TOKEN}"])
    assert scan.secrets == [] and scan.commits == {"a" * 40: ["b" * 40, "c" * 40]}
    assert evidence.scan(line.encode() for line in [*head, f"++{TOKEN}"]).secrets == [{"path": "f", "what": "a GitHub token"}]


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_can_be_scanned(lines: list[bytes]) -> None:
    evidence.scan([b"\0" + b"a" * 40, b"diff --git a/f b/f", b"@@ -1 +1 @@", *(b"+" + line for line in lines)])


def test_commits_after_a_start() -> None:
    commits = {"d": ["c", "x"], "c": ["b"], "b": ["a"], "x": ["a"]}
    assert [evidence.after(commits, "d", start) for start in ("a", "b", "c", "d", "elsewhere")] == [4, 3, 2, 0, 4]


@pytest.mark.parametrize(("pattern", "yes", "no"), [
    (".github/workflows/**", [".github/workflows/a.yml", ".github/workflows/d/e"], [".github/x", "a/.github/workflows/x"]),
    ("*.tf", ["x.tf", "deep/er/x.tf"], ["x.tfx", "tf"]),
    ("Makefile", ["Makefile", "sub/Makefile", "Makefile/x"], ["makefile", "Makefile.am"]),
    ("/Makefile", ["Makefile"], ["sub/Makefile"]),
    ("infra/", ["infra/x", "infra/d/y", "a/infra/x"], ["infrared"]),
    ("a/*/c", ["a/b/c", "a/b/c/d"], ["a/b/b/c", "a/c"]),
    ("a/**/c", ["a/c", "a/b/c", "a/b/b/c"], ["a/xc", "b/a/c"]),
    ("**/secret", ["secret", "a/secret", "a/b/secret"], ["secrets"]),
    ("v[0-9].txt", ["v1.txt"], ["vx.txt", "v10.txt"]),
    ("v[!0-9].txt", ["vx.txt"], ["v1.txt"]),
    ("a?c", ["abc"], ["ac", "a/c", "abbc"]),
    ("[[a&&b]", ["[", "a", "&"], ["c"]),
    ("[!&&a]", ["b"], ["&", "a"]),
    ("a+b(c)", ["a+b(c)"], ["aab(c)", "abc"]),
    ("[", ["["], ["x"]),
])  # fmt: skip
def test_protected_paths(pattern: str, yes: list[str], no: list[str]) -> None:
    assert evidence.protected(yes + no, [pattern]) == yes


@given(st.text(max_size=12) | st.text("[]!-^abz&|~\\", max_size=12), st.text(max_size=12))
def test_any_pattern_that_the_configuration_takes_can_be_asked(pattern: str, path: str) -> None:
    try:
        kinds.accept("patterns", [pattern])
    except ValueError as error:
        assert "patterns" in str(error)
    else:
        evidence.protected([path], [pattern])


@pytest.mark.parametrize("pattern", ["[z-a]", "[!]", "a/[^]"])
def test_brackets_that_mean_nothing_are_found_by_the_check(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"item 2 is the text .*: (bad character range|unterminated character set)"):
        kinds.accept("patterns", ["*.tf", pattern])


@given(st.text(alphabet="abc/.-_", min_size=1, max_size=20).map(lambda path: path.strip("/")).filter(bool))
def test_a_path_protects_itself(path: str) -> None:
    assert evidence.protected([path], [path]) == [path]


def test_objections_are_said_in_one_line() -> None:
    assert evidence.objection({"files": ["x"]}) is None
    said = evidence.objection({"protected": [f"p{n}" for n in range(7)], "secrets": [{"path": "f", "what": "a GitHub token"}]})
    assert said == "changes protected paths: p0, p1, p2, p3, p4 and 2 more; adds what looks like a secret: f (a GitHub token)"
