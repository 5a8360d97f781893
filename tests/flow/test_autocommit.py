"""What an agent forgot to commit, in real checkouts; each through the real shepherd."""
from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.flow import autocommit
from tests import life
from tests.attempts import Attempt
from tests.sandbox import Sandbox

KEY = "ghp_" + "q7Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIo"


def listed(attempt: Attempt) -> dict[str, str]:
    return {each["path"]: each["why"] for each in attempt.exit["left_out"]}


def test_everything_that_is_left_goes_into_one_commit_of_the_agent(sandbox: Sandbox) -> None:
    script = "write new.txt a\nappend README.md more\nwrite kept.txt k\ncommit First\ndelete kept.txt\nrun git add new.txt\nwrite d/x y"
    attempt = Attempt(sandbox, script, title="Change  things\n\nnow").run()
    assert attempt.subjects() == ["Change things now", "First"]
    assert attempt.exit["auto_commit"] == attempt.git("rev-parse", "HEAD")
    assert attempt.git("show", "--format=", "--name-status", "HEAD").split() == ["A", "d/x", "D", "kept.txt"]
    assert attempt.git("log", "-1", "--format=%an <%ae> %cn%n%b") == (
        "rehearsal[bot] <rehearsal@noreply.orch.invalid> rehearsal[bot]\nTask: local/app#int-1\nAttempt: 1-work\n"
    )
    assert attempt.git("status", "--porcelain") == ""


def test_nothing_left_is_no_commit(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "write a.txt x\ncommit One\nrun touch README.md").run()
    assert (attempt.exit["auto_commit"], attempt.exit["left_out"], attempt.exit["text"]) == (None, [], "")
    assert attempt.subjects() == ["One"]


def test_what_is_left_out_is_named(sandbox: Sandbox) -> None:
    script = "\n".join((
        "write .env A=1", "write conf/server.pem x", "write .env.example A=", f"write notes.txt the key is {KEY}",
        "run head -c 2000 /dev/zero > big.bin; git init -q inner; git -C inner commit -q --allow-empty -m x; echo s > .env.local",
        "write good.txt postgres://postgres:postgres@localhost:5432/app_test", "run git add .env && echo B=2 > id_rsa && git add id_rsa",
    ))
    attempt = Attempt(sandbox, script, big=1000).run()
    assert listed(attempt) == {
        ".env": "its name is one that holds secrets", ".env.local": "its name is one that holds secrets",
        "conf/server.pem": "its name is one that holds secrets", "id_rsa": "its name is one that holds secrets",
        "notes.txt": "it seems to hold a GitHub token", "big.bin": "2000 bytes; the limit is 1000", "inner/": "a repository of its own",
    }
    assert attempt.git("show", "--format=", "--name-only", "HEAD").split() == [".env.example", "good.txt"]
    assert os.path.exists(attempt.checkout + "/.env")


def test_a_tracked_file_is_no_secret_any_more(sandbox: Sandbox) -> None:
    sandbox.orch("project", "add", sandbox.repo("app", {".env": "A=1\n", "t.txt": KEY}))
    attempt = Attempt(sandbox, "append .env B=2\nappend t.txt x").run()
    assert attempt.exit["left_out"] == []
    assert attempt.git("show", "--format=", "--name-only", "HEAD").split() == [".env", "t.txt"]


def test_the_copy_list_is_not_the_agents_work(sandbox: Sandbox) -> None:
    repo = sandbox.repo("app")
    sandbox.orch("project", "add", repo)
    sandbox.write(repo + "/local/settings.ini", "x")
    script = "run test -e local/settings.ini && rm .git/info/exclude\nwrite local/more.ini y\nwrite ok.txt z"
    attempt = Attempt(sandbox, script, copy=["local"]).run()
    assert set(listed(attempt)) == {"local/settings.ini", "local/more.ini"}
    assert attempt.git("show", "--format=", "--name-only", "HEAD").split() == ["ok.txt"]


def test_any_name_of_a_file(sandbox: Sandbox) -> None:
    names = [" lead", "-f", "ünï ☃", "a\tb", 'q"uote', "*", ":(top)x", "line\nbreak", "#hash", "back\\slash", "\\377"]
    script = f"for name in [*{names!r}, b'b\\xff']: open(name, 'w').write('x')"
    attempt = Attempt(sandbox, argv=["python3", "-c", script]).run()
    shown = attempt.git("-c", "core.quotePath=false", "show", "--format=", "-z", "--name-only", "HEAD")
    assert set(shown.strip("\0").split("\0")) == {*names, "b\udcff"}


def test_hooks_do_not_stop_it_and_filters_run_as_the_agent(sandbox: Sandbox) -> None:
    script = (
        "run printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-commit 2>/dev/null || { mkdir -p .git/hooks; printf '#!/bin/sh\\nexit 1\\n' > "
        ".git/hooks/pre-commit; }; chmod +x .git/hooks/pre-commit; git config filter.f.clean 'env > ../filter-saw; cat'; "
        "echo '*.txt filter=f' > .gitattributes\nwrite a.txt x"
    )
    sandbox.env["GH_TOKEN"] = "very secret"
    attempt = Attempt(sandbox, script).run()
    assert attempt.subjects() == ["Say hello"]
    saw = sandbox.read(os.path.dirname(attempt.checkout) + "/filter-saw")
    assert "ORCH_ATTEMPT=" in saw
    assert "very secret" not in saw
    assert "ORCH_HOME" not in saw


def test_hooks_that_no_option_of_commit_leaves_out_do_not_run(sandbox: Sandbox) -> None:
    hook = "#!/bin/sh\\ntouch ../hook-ran\\nexit 1\\n"
    script = f"mkdir -p .git/hooks && cd .git/hooks && for h in prepare-commit-msg post-commit; do printf '{hook}' > $h; chmod +x $h; done"
    attempt = Attempt(sandbox, f"run {script}\nwrite a.txt x").run()
    assert attempt.exit["auto_commit"] and attempt.exit["uncommitted"] == ""
    assert not os.path.exists(os.path.dirname(attempt.checkout) + "/hook-ran")


def test_what_cannot_be_committed_is_said_and_is_not_done(sandbox: Sandbox) -> None:
    life.project(sandbox, workflow__max_attempts=1)
    broken = "run git config filter.f.clean false; git config filter.f.required true; echo '*.c filter=f' > .gitattributes"
    id = life.add(sandbox, "Half of it", f"write a.h x\ncommit half\n{broken}\nwrite b.c y\ndone all of it\n")
    task = life.rest(sandbox)[id]
    assert (task["status"], task["failures"][0]["kind"]) == ("needs_review", "no_evidence"), task
    assert "it says done, but not all of its work is committed (auto-commit failed: git add: " in task["why"]
    assert not life.branches(sandbox).get(task["branch"])


def test_what_a_filter_leaves_running_is_ended(sandbox: Sandbox) -> None:
    script = "run git config filter.f.clean 'setsid sleep 600 >/dev/null 2>&1 & cat'; echo '*.txt filter=f' > .gitattributes\nwrite a.txt x"
    attempt = Attempt(sandbox, script).run()
    assert attempt.exit["auto_commit"]
    assert attempt.left == []


def test_a_lock_that_the_killed_agent_left(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "write a.txt x\nrun touch .git/index.lock\nsignal 9").run()
    assert attempt.subjects() == ["Say hello"]


@pytest.mark.parametrize("resolved", [True, False])
def test_a_merge_in_progress_is_never_aborted(sandbox: Sandbox, resolved: bool) -> None:
    script = (
        "run git checkout -q -b side; echo side > README.md; git commit -qam Side; git checkout -q -; echo ours > README.md; "
        "git commit -qam Ours; git merge side; true\nwrite other.txt x"
    ) + ("\nwrite README.md both" + "\nrun git add README.md" if resolved else "")
    attempt = Attempt(sandbox, script).run()
    parents = attempt.git("rev-list", "--parents", "-1", "HEAD").split()[1:]
    if resolved:
        assert len(parents) == 2
        assert attempt.exit["left_out"] == []
        assert sorted(attempt.git("ls-tree", "--name-only", "HEAD").split()) == ["README.md", "other.txt"]
    else:
        assert os.path.exists(attempt.checkout + "/.git/MERGE_HEAD")
        assert listed(attempt) == {"README.md": "its conflict is not resolved"}
        assert attempt.exit["text"] == "a merge with unresolved conflicts was left in the checkout"


def test_a_rebase_in_progress_and_a_detached_head(sandbox: Sandbox) -> None:
    script = "write a.txt 1\ncommit A\nrun git checkout -q --detach\nwrite b.txt 2"
    attempt = Attempt(sandbox, script).run()
    assert attempt.subjects() == ["Say hello", "A"]
    assert attempt.git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    script = "write a.txt 1\ncommit B\nrun GIT_SEQUENCE_EDITOR='sed -i s/^pick/edit/' git rebase -q -i HEAD~1\nwrite c.txt 2"
    attempt = Attempt(sandbox, script, number=2).run()
    assert attempt.subjects()[0] == "Say hello"
    assert os.path.isdir(attempt.checkout + "/.git/rebase-merge")


@given(st.text(max_size=300))
def test_any_title_is_one_short_line(title: str) -> None:
    spec = {"title": title, "project": "o/r", "task": "int-1", "attempt": "1-work"}
    subject, empty, *rest = autocommit.message(spec).split("\n")  # type: ignore[arg-type]
    assert subject
    assert len(subject) <= 100
    assert "\0" not in subject
    assert (empty, rest) == ("", ["Task: o/r#int-1", "Attempt: 1-work", ""])


def test_a_title_that_looks_like_a_comment(sandbox: Sandbox) -> None:
    attempt = Attempt(sandbox, "write a.txt x", title="# not a comment").run()
    assert attempt.subjects() == ["# not a comment"]
