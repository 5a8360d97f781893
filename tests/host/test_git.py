"""host/git: what reaches git, what its complaints mean, and the small questions that everybody asks it."""
from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.errors import BadData, IOFailed, NotAllowed, OrchError, TryLater, Unavailable
from orch.host import git as gits
from orch.host import gitsaid, objects, proc, refs
from orch.host.git import Git
from orch.host.proc import Accident, Done
from tests.sandbox import Sandbox


@pytest.fixture
def git(sandbox: Sandbox) -> Git:
    return Git.of(sandbox.env)


def test_the_environment_of_git_is_scrubbed() -> None:
    env = Git.of({
        "GIT_DIR": "/elsewhere", "GIT_INDEX_FILE": "/x", "GIT_CONFIG_COUNT": "1", "GIT_EXTERNAL_DIFF": "/evil", "GIT_TRACE": "/x",
        "GIT_SSH_COMMAND": "ssh -i key", "GIT_SSL_CAINFO": "/ca", "SSH_ASKPASS": "/popup", "HOME": "/h", "LC_ALL": "de_DE",
    }).env
    kept = {"HOME": "/h", "GIT_SSH_COMMAND": "ssh -i key", "GIT_SSL_CAINFO": "/ca"}
    assert kept.items() <= env.items()
    kept = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LC_ALL": "C"}
    assert kept.items() <= env.items()
    assert not {"GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "GIT_EXTERNAL_DIFF", "GIT_TRACE", "SSH_ASKPASS"} & env.keys()


def test_the_identity_of_orch_is_its_own_unless_configured(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    tree = git.text("rev-parse", "HEAD^{tree}", repo=path)
    for who, shown in ((git, "orch <orch@localhost>"), (Git.of(sandbox.env, "Bot", "bot@example.org"), "Bot <bot@example.org>")):
        made = who.text("commit-tree", "-m", "x", tree, repo=path)
        assert git.text("show", "-s", "--format=%an <%ae>|%cn <%ce>", made, repo=path) == f"{shown}|{shown}"


def test_hooks_monitors_and_pagers_of_the_user_do_not_run(sandbox: Sandbox, git: Git) -> None:
    path, ran = sandbox.repo(), os.path.join(sandbox.root, "ran")
    evil = sandbox.write("evil", f"#!/bin/sh\necho $0 >>{ran}\n", 0o755)
    hooks = os.path.join(sandbox.root, "hooks")
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit"):
        sandbox.write(f"hooks/{name}", f"#!/bin/sh\necho {name} >>{ran}\n", 0o755)
    for key, value in (("core.hooksPath", hooks), ("core.fsmonitor", evil), ("core.pager", evil), ("gpg.program", evil),
                       ("commit.gpgSign", "true"), ("core.editor", evil), ("diff.external", evil)):
        sandbox.git("config", "--global", key, value)
    git.run("checkout", "-q", "-b", "other", cwd=path)
    git.run("commit", "-q", "--allow-empty", "-m", "x", cwd=path)
    git.run("status", cwd=path)
    sandbox.write(os.path.join(path, "README.md"), "changed\n")
    assert objects.diff(git, path, "HEAD~1", "HEAD") == ""
    assert not os.path.exists(ran)


def test_looking_at_a_checkout_does_not_refresh_its_index(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    index = os.path.join(path, ".git", "index")
    os.utime(os.path.join(path, "README.md"), (1, 1))
    before = os.stat(index).st_mtime_ns
    git.run("status", cwd=path)
    assert os.stat(index).st_mtime_ns == before


def test_rev_says_the_commit_or_nothing(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    head = sandbox.git("rev-parse", "HEAD", cwd=path)
    sandbox.git("tag", "-a", "v1", "-m", "v1", cwd=path)
    assert [objects.rev(git, path, name) for name in ("HEAD", "main", "v1", head, "origin/main")] == [head] * 5
    assert [objects.rev(git, path, name) for name in ("none", "-x", "--all", "", "HEAD:README.md", "1" * 40, "a b", "é")] == [None] * 8


def test_read_ref_agrees_with_git_on_loose_and_packed_refs(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    bare, first = sandbox.remote(), sandbox.git("rev-parse", "HEAD", cwd=path)
    for name in ("a", "a-b", "deep/er"):
        sandbox.git("push", "-q", "origin", f"main:refs/heads/{name}", cwd=path)
    sandbox.git("pack-refs", "--all", cwd=bare)
    second = sandbox.commit(path, {"x": "x"}, "second")
    sandbox.git("push", "-q", "origin", "main:refs/heads/a", cwd=path)
    expect = {"a": second, "a-b": first, "deep/er": first, "main": first, "deep": None, "none": None, "er": None}
    assert {name: refs.read(bare, f"refs/heads/{name}") for name in expect} == expect


def test_ancestors_counts_and_changes(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    base = sandbox.git("rev-parse", "HEAD", cwd=path)
    names = {"a b": "1", "ü/x\ty": "2", "-dash": "3"}
    head = sandbox.commit(path, names, "second")
    assert objects.is_ancestor(git, path, base, head) and not objects.is_ancestor(git, path, head, base)
    with pytest.raises(IOFailed):
        objects.is_ancestor(git, path, base, "1" * 40)
    assert (objects.count(git, path, base, head), objects.count(git, path, head, base)) == (1, 0)
    assert sorted(each.path for each in objects.changed(git, path, base, head)) == sorted(names)
    assert sorted(objects.tree(git, path, head)) == sorted([*names, "README.md"])


def test_show_gives_content_of_files_only(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo(files={"AGENTS.md": "agents\n", "d/x": "", "two words": "2"})
    found = objects.blobs(git, path, "HEAD", ["AGENTS.md", "no", "d", "d/x", "two words", "no words either"])
    assert found == {"AGENTS.md": b"agents\n", "no": None, "d": None, "d/x": b"", "two words": b"2", "no words either": None}
    assert objects.show(git, path, "HEAD", "AGENTS.md") == b"agents\n"
    with pytest.raises(BadData):
        objects.show(git, path, "HEAD", "a\nb")


def test_paths_that_are_not_utf8_can_be_recorded(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    with open(os.fsencode(path) + b"/caf\xe9", "wb"):
        pass
    sandbox.commit(path, {}, "latin")
    assert objects.changed(git, path, "HEAD~1", "HEAD") == [objects.Changed("caf\\xe9", "000000", "100644")]


def test_diff_is_plain_unless_asked(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo()
    sandbox.git("config", "--global", "color.ui", "always")
    sandbox.commit(path, {"README.md": "# app\nmore\n"}, "second")
    assert objects.diff(git, path, "HEAD~1", "HEAD").endswith("+more\n")
    assert "\x1b[" in objects.diff(git, path, "HEAD~1", "HEAD", color=True)
    assert objects.diff(git, path, "HEAD~1", "HEAD", stat=True).splitlines()[0] == " README.md | 1 +"


def test_stream_stops_at_its_limit(sandbox: Sandbox, git: Git) -> None:
    path = sandbox.repo(files={"long": "line\n" * 100_000, "wide": "\n" + "x" * 200_000 + "\n\ny"})
    lines = list(gits.stream(git, path, "show", "HEAD:long", most=1 << 20))
    assert len(lines) == 100_000 and set(lines) == {b"line"}
    assert list(gits.stream(git, path, "show", "HEAD:wide", most=1 << 20)) == [b"", b"x" * 200_000, b"", b"y"]
    with pytest.raises(gits.TooMuch):
        list(gits.stream(git, path, "show", "HEAD:long", most=1000))
    with pytest.raises(IOFailed):
        list(gits.stream(git, path, "show", "HEAD:none", most=1000))


def complaint(text: str, code: int = 128) -> OrchError:
    return gitsaid.failure(Done(code, b"", text.encode()), ("fetch", "origin"))


@pytest.mark.parametrize(("said", "kind"), [
    ("fatal: unable to access 'https://x/': Could not resolve host: x", TryLater),
    ("ssh: Could not resolve hostname x: Name or service not known\nfatal: Could not read from remote repository.", TryLater),
    ("ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote repository.", TryLater),
    ("error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: early EOF", TryLater),
    ("fatal: unable to access 'https://x/': The requested URL returned error: 503", TryLater),
    ("fatal: unable to access 'https://x/': The requested URL returned error: 429", TryLater),
    ("fatal: the remote end hung up unexpectedly", TryLater),
    ("fatal: Unable to create '/m/packed-refs.lock': File exists.\n\nAnother git process seems to be running", TryLater),
    ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", NotAllowed),
    ("remote: Invalid username or password.\nfatal: Authentication failed for 'https://x/'", NotAllowed),
    ("git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.", NotAllowed),
    ("remote: Permission to o/r.git denied to bob.\nfatal: unable to access 'x': The requested URL returned error: 403", NotAllowed),
    ("Host key verification failed.\nfatal: Could not read from remote repository.", NotAllowed),
    ("fatal: '/gone' does not appear to be a git repository\nfatal: Could not read from remote repository.", IOFailed),
    ("remote: Repository not found.\nfatal: repository 'https://github.com/o/r/' not found", IOFailed),
    ("fatal: write error: No space left on device\nfatal: early EOF", gitsaid.DiskFull),
    ("error: git-upload-pack died of signal 9\nfatal: the remote end hung up unexpectedly", Accident),
    ("error: index-pack died of signal 11\nfatal: fetch-pack: invalid index-pack output", IOFailed),
    ("error: cannot fork() for index-pack: Cannot allocate memory\nfatal: fetch-pack: unable to fork off index-pack", Accident),
    ("fatal: bad object HEAD", IOFailed),
    ("", IOFailed),
])  # fmt: skip
def test_what_git_says_decides_the_class(said: str, kind: type[OrchError]) -> None:
    assert type(complaint(said)) is kind


def test_the_message_is_the_line_that_tells() -> None:
    error = complaint("Cloning into 'x'...\nremote: Counting\nssh: connect to host x port 22: Connection refused\nfatal: Could not read.")
    assert error.message == "git fetch: ssh: connect to host x port 22: Connection refused"
    assert complaint("", 137).message == "git fetch: ended by signal 9"


def test_progress_and_what_was_fetched_say_nothing_of_a_failure() -> None:
    error = complaint("From x\n * [new branch]  fix/ssl_connect -> fix/ssl_connect\nReceiving objects:  9% (1/9)\rfatal: bad object x\n")
    assert type(error) is IOFailed and error.message == "git fetch: fatal: bad object x"


def test_a_remote_that_says_nothing_is_given_up(sandbox: Sandbox, git: Git) -> None:
    hangs = git.also(GIT_SSH_COMMAND=sandbox.write("ssh", "#!/bin/sh\nexec sleep 60\n", 0o755))
    with pytest.raises(TryLater) as caught:
        hangs.run("ls-remote", "ssh://me@localhost/app.git", silence=proc.Silence(0.5, 60))
    assert caught.value.message == "git ls-remote: nothing was heard for 0.5 s" and "tried again" in caught.value.hint
    sandbox.wait_for(lambda: not sandbox.processes())


def test_passwords_in_addresses_are_not_told(sandbox: Sandbox, git: Git) -> None:
    with pytest.raises(TryLater) as caught:
        git.run("ls-remote", "https://ada:s3cret@localhost:1/x.git", timeout=20)
    assert "s3cret" not in caught.value.message + caught.value.hint and "localhost" in caught.value.message


@given(st.text(alphabet=st.characters(exclude_characters="/ '\"\n\r\t", exclude_categories=["Cs"]), min_size=1))
def test_redact_never_leaves_a_credential(secret: str) -> None:
    assert gitsaid.redact(f"fatal: 'https://{secret}@host/x.git'") == "fatal: 'https://***@host/x.git'"


def test_a_late_git_is_killed_with_its_children(sandbox: Sandbox, git: Git) -> None:
    sandbox.write("bin/git-sleepy", "#!/bin/sh\nsleep 600 &\nwait\n", 0o755)
    slow = git.also(PATH=os.path.join(sandbox.root, "bin") + ":" + sandbox.env["PATH"])
    with pytest.raises(TryLater, match="git sleepy: not finished"):
        slow.run("sleepy", timeout=0.3)
    sandbox.wait_for(lambda: not sandbox.processes())


@pytest.mark.parametrize("how", ["kill -9 $$", "sh -c 'kill -15 $$'; exit $?"])
def test_a_git_that_somebody_killed_gave_no_answer(sandbox: Sandbox, how: str) -> None:
    """The kernel, for want of memory, or a person: it is to be asked again, whatever would have been read into its status."""
    path = sandbox.repo()
    sandbox.write("bin/git", f"#!/bin/sh\n{how}\n", 0o755)
    git = Git.of({**sandbox.env, "PATH": os.path.join(sandbox.root, "bin") + ":" + sandbox.env["PATH"]})
    for ask in (lambda: git.run("status", repo=path), lambda: objects.rev(git, path, "HEAD"), lambda: objects.rev_object(git, path, "HEAD"),
                lambda: objects.is_ancestor(git, path, "HEAD", "HEAD"), lambda: list(gits.stream(git, path, "log", most=1000))):
        with pytest.raises(Accident, match="ended by signal"):
            ask()


def test_a_git_that_dies_of_its_own_fault_fails(sandbox: Sandbox) -> None:
    sandbox.write("bin/git", "#!/bin/sh\nkill -11 $$\n", 0o755)
    git = Git.of({**sandbox.env, "PATH": os.path.join(sandbox.root, "bin") + ":" + sandbox.env["PATH"]})
    for ask in (lambda: git.run("status"), lambda: list(gits.stream(git, "/", "log", most=1000))):
        with pytest.raises(IOFailed, match="ended by signal 11"):
            ask()


def test_a_stream_of_a_git_that_is_not_there(sandbox: Sandbox) -> None:
    with pytest.raises(Unavailable):
        list(gits.stream(Git.of({"PATH": sandbox.home}), "/", "log", most=1000))
