from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import names
from orch.errors import BadData

IDS = st.one_of(
    st.integers(1, 10**18 - 1).map(str),
    st.integers(1, 10**18 - 1).map("int-{}".format),
)
PART = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)
SLUGS = st.tuples(PART, PART).map("/".join).filter(lambda text: good(names.slug, text))


def good(function, *args) -> bool:
    try:
        function(*args)
    except BadData:
        return False
    return True


@pytest.mark.parametrize("text", ["o/r", "org/.github", "A-1/b_c.d", "_x/y", "local/app", "a" * 100 + "/" + "b" * 100])
def test_slug(text: str) -> None:
    assert names.slug(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "o", "/", "o/", "/r", "o/r/s", "../r", "o/..", "o/.", "-o/r", "o/-r", ".o/r", "o r/x", "o/r\n", "o\0/r", "o/é", "o/r.git",
     "o/r.lock", "inbox/x", "Cache/x", "wake/new", "a" * 101 + "/b"],
)  # fmt: skip
def test_not_a_slug(text: str) -> None:
    with pytest.raises(BadData) as caught:
        names.slug(text)
    assert caught.value.hint


@given(st.text())
def test_a_slug_never_leaves_its_folder(text: str) -> None:
    if good(names.slug, text):
        owner, repo = text.split("/")
        assert owner not in (".", "..") and repo not in (".", "..") and not {"/", "\0", "\n"} & set(owner + repo)


@pytest.mark.parametrize(
    ("origin", "slug"),
    [
        ("https://github.com/o/r", "o/r"),
        ("https://github.com/o/r.git", "o/r"),
        ("https://github.com/o/r/", "o/r"),
        ("https://github.com/o/r.git/", "o/r"),
        ("https://user:secret@github.com/o/r.git", "o/r"),
        ("HTTPS://GitHub.com/O/R", "O/R"),
        ("git@github.com:o/r.git", "o/r"),
        ("github.com:o/r", "o/r"),
        ("ssh://git@github.com/o/r.git", "o/r"),
        ("ssh://git@host.example:2222/deep/er/o/r.git", "o/r"),
        ("ssh://git@[::1]:2222/o/r.git", "o/r"),
        ("[::1]:o/r", "o/r"),
        ("git://example.org/o/r.git", "o/r"),
        ("https://github.com/org/.github", "org/.github"),
        ("https://git.sr.ht/~someone/tool", "someone/tool"),
        ("https://gitlab.com/group/sub/app.git", "sub/app"),
        ("git@git.example.org:app.git", "git.example.org/app"),
        ("https://example.org/o/r?x=1#y", "o/r"),
        ("https://example.org/my%20team/app", "my-20team/app"),
        ("/srv/git/o/r.git", None),
        ("../r.git", None),
        ("r.git", None),
        ("./a:b/c", None),
        ("file:///srv/o/r.git", None),
        ("C:\\code\\app", None),
        ("", None),
    ],
)
def test_slug_of(origin: str, slug: str | None) -> None:
    assert names.slug_of(origin) == slug


@pytest.mark.parametrize("origin", ["https://github.com/", "https://github.com", "git@host:", "ssh://h/%/%", "https://x/inbox/y"])
def test_an_address_without_a_name(origin: str) -> None:
    with pytest.raises(BadData) as caught:
        names.slug_of(origin)
    assert "--name" in caught.value.hint


@given(st.text())
def test_slug_of_gives_slugs_only(text: str) -> None:
    if good(names.slug_of, text) and (slug := names.slug_of(text)) is not None:
        assert names.slug(slug) == slug


@given(st.text())
def test_local_is_total(text: str) -> None:
    slug = names.local(text)
    assert names.slug(slug) == slug and slug.startswith("local/") and slug == names.local(text)


@pytest.mark.parametrize(
    ("folder", "slug"),
    [("app", "local/app"), ("app.git", "local/app"), ("My App!", "local/My-App"), ("Über uns", "local/uber-uns"), (".dot", "local/.dot")],
)
def test_local(folder: str, slug: str) -> None:
    assert names.local(folder) == slug


@pytest.mark.parametrize("text", ["1", "42", "int-1", "int-123456789012345678"])
def test_task_id(text: str) -> None:
    assert names.task_id(text) == text


@pytest.mark.parametrize(
    "text", ["", "0", "007", "int-0", "int-", "INT-1", "-1", "1.5", "int-1\n", "../1", "#1", "int-1/..", "\u0661", "9" * 30]
)
def test_not_a_task_id(text: str) -> None:
    with pytest.raises(BadData):
        names.task_id(text)


@pytest.mark.parametrize(
    ("text", "ref"),
    [("int-5", (None, "int-5")), ("42", (None, "42")), ("#42", (None, "42")), (" #int-5 ", (None, "int-5")), ("o/r#7", ("o/r", "7")),
     ("a-b/c.d#int-1", ("a-b/c.d", "int-1"))],
)  # fmt: skip
def test_parse_ref(text: str, ref: tuple[str | None, str]) -> None:
    assert names.parse_ref(text) == ref


@pytest.mark.parametrize("text", ["", "#", "o/r#", "o#1", "o/r#x", "o/r", "o/r##1", "../..#1"])
def test_not_a_ref(text: str) -> None:
    with pytest.raises(BadData):
        names.parse_ref(text)


@given(SLUGS, IDS)
def test_a_ref_reads_back(slug: str, task: str) -> None:
    assert names.parse_ref(f"{slug}#{task}") == (slug, task)


def test_order_is_by_number() -> None:
    assert sorted(["int-10", "10", "int-9", "9", "int-1"], key=names.order) == ["9", "10", "int-1", "int-9", "int-10"]


@pytest.mark.parametrize(
    ("task", "title", "branch"),
    [
        ("42", "Fix the login", "gh-task-42-fix-the-login"),
        ("int-5", "Fix the login", "task-int-5-fix-the-login"),
        ("int-5", "", "task-int-5"),
        ("int-5", " \n\t", "task-int-5"),
        ("int-5", "../../etc/passwd", "task-int-5-etc-passwd"),
        ("int-5", "-rf .lock @{u}~^:?*[\\", "task-int-5-rf-lock-u"),
        ("int-5", "Ünïcödé straße, Øl & Æsir", "task-int-5-unicode-strasse-ol-aesir"),
        ("int-5", "ﬁne ① Ⅳ", "task-int-5-fine-1-iv"),
        ("int-5", "İstanbul IŞIK", "task-int-5-istanbul-isik"),
        ("int-5", "Исправить login", "task-int-5-login"),
        ("7", "word " * 100, "gh-task-7-word-word-word-word-word-word-word-word"),
        ("7", "a" * 100, "gh-task-7-" + "a" * 40),
    ],
)
def test_branch(task: str, title: str, branch: str) -> None:
    assert names.branch(task, title) == branch


def test_titles_without_a_letter_of_ours_still_differ() -> None:
    assert names.branch("1", "修复登录") != names.branch("1", "修复注册") != "gh-task-1"


@given(IDS, st.text(st.characters()))
def test_a_branch_is_a_valid_ref(task: str, title: str) -> None:
    branch = names.branch(task, title)
    assert branch == names.branch(task, title)
    assert 0 < len(branch.encode()) <= names.BRANCH_BYTES
    assert task in branch
    assert subprocess.run(["git", "check-ref-format", "--branch", branch], capture_output=True, cwd="/").returncode == 0
    assert names.is_branch(branch, task) and not names.is_branch(branch, f"{task}0")


@given(st.tuples(SLUGS, IDS), st.tuples(SLUGS, IDS))
def test_sessions_differ(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (names.session(*one) == names.session(*other)) == (one == other)
    assert not {".", ":", " "} & set(names.session(*one))


def test_sessions_of_names_that_look_alike() -> None:
    alike = ["a-b/c", "a/b-c", "a/b_c", "a/b.c", "a/b_dc", "a/b-int", "a-/b", "a/b"]
    assert len({names.session(slug, task) for slug in alike for task in ("1", "int-1")}) == 2 * len(alike)
    assert names.session("acme/app", "int-5") == "orch-acme-app-int-5"


@given(st.integers(1, 10**9 - 1), st.sampled_from(["work", "verify"]))
def test_attempts_read_back(number: int, kind: str) -> None:
    name = names.attempt(number, kind)
    assert (names.number(name), names.kind(name)) == (number, kind)


@pytest.mark.parametrize("name", ["", "0-work", "1", "work", "1-", "1-Work", "1-../x", "01-work", "1-work\n"])
def test_not_an_attempt(name: str) -> None:
    with pytest.raises(BadData):
        names.number(name)


def test_nearest() -> None:
    assert names.nearest("comit", ["commit", "push"]) == "commit"
    assert names.nearest("zzz", ["commit", "push"]) is None


@pytest.mark.parametrize("name", [
    "main", "größe", "日本", "a/b", "-x", "@", "a@b", "{x}", "a#b", "a'b", "a$b", "a,b;c", "x.y", "HEAD", "", "/", "a/", "/a", "a//b", ".a",
    "a/.b", "a.lock", "a.lock/b", "a..b", "a.", "a@{b", "a b", "a~", "a^", "a:b", "a?", "a*", "a[", "a\\b",
    "a\tb", "a\x7fb", "a\nb", "\x80",
])
def test_branches_are_what_git_takes(name: str) -> None:
    asked = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    assert names.is_ref_name(name) == (asked.returncode == 0)
