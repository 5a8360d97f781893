"""flow/mirror: made whole or not at all, fetched with its prunes, mended after a kill; and what attempts leave is kept in it."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import partial

import pytest

from orch.errors import BadConfig, IOFailed, TryLater
from orch.flow import mirror, origin, push
from orch.host import files, lock, refs
from orch.host.git import Git
from orch.host.proc import Silence
from tests.gitbox import SLUG, begin, poison, register, sly
from tests.sandbox import CHECKOUT, Sandbox


def heads(sandbox: Sandbox, where: str, under: str = "refs/heads") -> dict[str, str]:
    out = sandbox.git("for-each-ref", "--format=%(refname) %(objectname)", under, cwd=where)
    return dict(line.split(" ") for line in out.splitlines())


def processes(sandbox: Sandbox) -> str:
    """A PATH on which git notes each call; returns the file of notes."""
    notes = os.path.join(sandbox.root, "calls")
    sandbox.write("counted/git", f'#!/bin/sh\necho "$@" >>{notes}\nexec /usr/bin/env PATH={sandbox.env["PATH"]} git "$@"\n', 0o755)
    return notes


def test_a_mirror_has_branches_tags_and_the_default_as_the_remote_names_it(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("tag", "v1", cwd=path)
    sandbox.git("checkout", "-q", "-b", "trunk", cwd=path)
    tip = sandbox.commit(path, {"x": "1"}, "on trunk")
    sandbox.git("push", "-q", "origin", "trunk", "v1", cwd=path)
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/trunk", cwd=sandbox.remote())
    world, project = register(sandbox, path=path)
    found = mirror.ensure(world, project)
    assert heads(sandbox, found) == heads(sandbox, sandbox.remote())
    assert heads(sandbox, found, "refs/tags") == heads(sandbox, sandbox.remote(), "refs/tags")
    assert mirror.default(world, project) == ("trunk", tip)
    assert not os.path.exists(os.path.join(found, "hooks"))
    assert mirror.ensure(world, project) == found


def test_the_objects_of_a_local_origin_are_linked_not_copied(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    blobs = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(found, "objects")) for name in names]
    assert any(os.stat(each).st_nlink > 1 for each in blobs)


def test_fetch_follows_the_origin_and_prunes_but_never_what_is_ours(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("push", "-q", "origin", "main:gone", "main:moved", cwd=path)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    first = sandbox.git("rev-parse", "main", cwd=path)
    sandbox.git("update-ref", "refs/orch/keep/int-1/1", first, cwd=found)
    second = sandbox.commit(path, {"x": "1"}, "second")
    sandbox.git("push", "-q", "origin", "main", ":gone", "main:new/deep", cwd=path)
    sandbox.git("commit", "-q", "--amend", "--allow-empty", "-m", "other", cwd=path)
    sandbox.git("push", "-q", "-f", "origin", "HEAD:moved", cwd=path)
    mirror.fetch(world, project)
    assert heads(sandbox, found) == heads(sandbox, sandbox.remote())
    assert heads(sandbox, found, "refs/orch/keep") == {"refs/orch/keep/int-1/1": first}
    assert mirror.default(world, project) == ("main", second)


def test_a_branch_may_become_a_directory_and_back(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("push", "-q", "origin", "main:a", cwd=path)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    for words in ((":a", "main:a/b"), (":a/b", "main:a")):
        sandbox.git("push", "-q", "origin", words[0], cwd=path)
        sandbox.git("push", "-q", "origin", words[1], cwd=path)
        mirror.fetch(world, project)
        assert heads(sandbox, found) == heads(sandbox, sandbox.remote())


def test_the_default_branch_is_followed_when_the_remote_changes_it(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    world, project = register(sandbox)
    mirror.ensure(world, project)
    sandbox.git("checkout", "-q", "-b", "next", cwd=path)
    tip = sandbox.commit(path, {"x": "1"}, "next")
    sandbox.git("push", "-q", "origin", "next", cwd=path)
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/next", cwd=sandbox.remote())
    mirror.fetch(world, project)
    assert mirror.default(world, project) == ("next", tip)
    sandbox.git("push", "-q", "origin", "next:main", cwd=path)
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/main", cwd=sandbox.remote())
    sandbox.git("push", "-q", "origin", ":next", cwd=path)
    mirror.fetch(world, project)
    assert mirror.default(world, project) == ("main", tip)


def test_the_default_branch_may_be_set(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("push", "-q", "origin", "main:stable", cwd=path)
    world, project = register(sandbox, default_branch="stable")
    mirror.ensure(world, project)
    assert mirror.default(world, project)[0] == "stable"
    sandbox.write("orch/config.yml", "project: {default_branch: main}\n")
    assert mirror.default(world, project)[0] == "main"
    sandbox.write("orch/config.yml", "project: {default_branch: nothing}\n")
    with pytest.raises(BadConfig, match=r"no branch nothing"):
        mirror.default(world, project)


def test_a_persons_own_checkout_as_origin_is_not_followed_around(sandbox: Sandbox) -> None:
    path = sandbox.repo(remote=False)
    world, project = register(sandbox, path, path=path, slug="local/app")
    mirror.ensure(world, project)
    sandbox.git("checkout", "-q", "-b", "experiment", cwd=path)
    sandbox.commit(path, {"x": "1"}, "experiment")
    mirror.fetch(world, project)
    assert mirror.default(world, project)[0] == "main"


def test_an_empty_remote_is_said_to_be_empty_and_filled_later(sandbox: Sandbox) -> None:
    path = sandbox.repo(remote=False)
    bare = sandbox.remote()
    sandbox.git("init", "-q", "--bare", "-b", "main", bare)
    world, project = register(sandbox)
    mirror.ensure(world, project)
    with pytest.raises(IOFailed, match="no commit on any branch"):
        mirror.default(world, project)
    mirror.fetch(world, project)
    sandbox.git("push", "-q", bare, "main", cwd=path)
    mirror.fetch(world, project)
    assert mirror.default(world, project) == ("main", sandbox.git("rev-parse", "main", cwd=path))


def test_a_head_that_names_nothing_is_no_guess(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/nothing", cwd=sandbox.remote())
    world, project = register(sandbox)
    mirror.ensure(world, project)
    mirror.fetch(world, project)
    assert mirror.default(world, project)[0] == "main"  # the only branch there is
    sandbox.git("push", "-q", "origin", "main:other", cwd=path)
    mirror.fetch(world, project)
    with pytest.raises(IOFailed, match="HEAD names") as caught:
        mirror.default(world, project)
    assert "main, other" in caught.value.hint


def test_an_origin_that_is_gone_is_named(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    mirror.ensure(world, project)
    os.rename(sandbox.remote(), sandbox.remote() + ".away")
    for url in (sandbox.remote(), f"file://{sandbox.remote()}"):
        with pytest.raises(TryLater, match=r"the origin .*app\.git is not there") as caught:
            mirror.fetch(world, {**project, "origin": url})
        assert sandbox.remote() in caught.value.message and "mounted" in caught.value.hint
    os.rename(sandbox.remote() + ".away", sandbox.remote())
    mirror.fetch(world, project)


def test_a_network_that_is_down_is_tried_later_and_leaves_nothing(sandbox: Sandbox) -> None:
    world, project = register(sandbox, "https://ada:s3cret@localhost:1/app.git")
    with pytest.raises(TryLater) as caught:
        mirror.ensure(world, project)
    assert "s3cret" not in caught.value.message
    assert os.listdir(os.path.dirname(world.home.mirror(SLUG))) == ["app.json"]


def test_an_origin_that_says_nothing_is_given_up_and_another_fetch_is_not_waited_for(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    mirror.ensure(world, project)
    world, project = register(sandbox, "ssh://me@localhost/app.git")
    hangs = sandbox.write("ssh", "#!/bin/sh\nexec sleep 60\n", 0o755)
    world = world._replace(env={**world.env, "GIT_SSH_COMMAND": hangs})
    with pytest.raises(TryLater, match=r"localhost/app\.git: git fetch: nothing was heard"):
        mirror.fetch(world, project, silence=Silence(0.3, 0.3))
    held = lock.take(world.home.mirror_lock(SLUG))
    assert held is not None
    with pytest.raises(TryLater, match=r"another process has been fetching it for more than 0\.1 s"):
        mirror.fetch(world, project, patience=0.1)
    os.close(held)


def test_an_origin_that_moved_is_fetched_from_its_new_place(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    os.rename(sandbox.remote(), sandbox.remote("new"))
    sandbox.git("push", "-q", sandbox.remote("new"), "main:more", cwd=path)
    _, project = register(sandbox, sandbox.remote("new"))
    mirror.fetch(world, project)
    assert "refs/heads/more" in heads(sandbox, found)


def test_a_fetch_of_an_unchanged_local_origin_starts_no_process(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    notes = processes(sandbox)
    register(sandbox)
    world = sandbox.world(PATH=os.path.join(sandbox.root, "counted"))
    project = register(sandbox)[1]
    mirror.ensure(world, project)
    sandbox.wait_for(lambda: origin.seen(sandbox.remote()))
    mirror.fetch(world, project)
    before = len(files.read_text(notes).splitlines())
    mirror.fetch(world, project)
    assert len(files.read_text(notes).splitlines()) == before
    tip = sandbox.commit(path, {"x": "1"}, "second")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project)
    assert mirror.default(world, project)[1] == tip
    assert len(files.read_text(notes).splitlines()) <= before + 2


def test_what_orch_itself_has_pushed_need_not_be_fetched(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    notes = processes(sandbox)
    register(sandbox)
    world = sandbox.world(PATH=os.path.join(sandbox.root, "counted"))
    project = register(sandbox)[1]
    found = mirror.ensure(world, project)
    tip = sandbox.commit(path, {"x": "1"}, "work")
    sandbox.git("fetch", "-q", path, "main:refs/orch/keep/int-1/1", cwd=found)
    pushed = push.push(world, {"project": SLUG, "sha": tip, "ref": "refs/heads/task-int-1-x", "expect": None})
    assert pushed.done and heads(sandbox, found) == heads(sandbox, sandbox.remote())
    before = files.read_text(notes)
    mirror.fetch(world, project)
    assert files.read_text(notes) == before
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project)
    assert mirror.default(world, project)[1] == tip and files.read_text(notes) != before


def test_the_refs_of_two_repositories_are_compared_as_git_reads_them(sandbox: Sandbox) -> None:
    path, bare = sandbox.repo(), sandbox.remote()
    sandbox.git("tag", "-a", "-m", "one", "v1", cwd=path)
    sandbox.git("push", "-q", "origin", "v1", "main:b", cwd=path)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    assert origin.same(bare, found)
    sandbox.git("pack-refs", "--all", cwd=bare)
    assert origin.same(bare, found)
    for words in (("update-ref", "-d", "refs/heads/b"), ("tag", "v2"), ("symbolic-ref", "refs/heads/main2", "refs/heads/main")):
        sandbox.git(*words, cwd=bare)
        assert not origin.same(bare, found)
        mirror.fetch(world, project)
        assert origin.same(bare, found) == (words[0] != "symbolic-ref")
    sandbox.git("symbolic-ref", "-d", "refs/heads/main2", cwd=bare)
    sandbox.git("update-ref", "-d", "refs/heads/main2", cwd=found)
    assert origin.same(bare, found)
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/other", cwd=bare)
    assert not origin.same(bare, found)
    assert not origin.same("https://example.org/x.git", found)


def test_every_change_of_a_ref_changes_the_print(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    bare = sandbox.remote()
    seen = set()
    steps = (
        (), ("push", "-q", "origin", "main:b"), ("push", "-q", "origin", "main:b/../c"), ("tag", "t"), ("push", "-q", "origin", "t"),
        ("push", "-q", "origin", ":b"), ("commit", "-q", "--allow-empty", "-m", "x"), ("push", "-q", "origin", "main"),
    )  # fmt: skip
    real = 0
    for words in steps:
        before = sandbox.git("for-each-ref", cwd=bare)
        if words:
            sandbox.command(["git", *words], cwd=path)
        real += sandbox.git("for-each-ref", cwd=bare) != before
        seen.add(sandbox.wait_for(lambda: origin.seen(bare)))
    sandbox.git("symbolic-ref", "HEAD", "refs/heads/x", cwd=bare)
    seen.add(sandbox.wait_for(lambda: origin.seen(bare)))
    assert len(seen) == real + 2
    assert origin.seen("https://example.org/x.git") is None and origin.seen("/nowhere") is None


def test_a_clone_that_was_killed_is_begun_anew(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    found = world.home.mirror(SLUG)
    half = os.path.join(os.path.dirname(found), ".app.git.123-456.new")
    sandbox.git("init", "-q", "--bare", half)
    mirror.ensure(world, project)
    assert not os.path.exists(half)
    assert mirror.default(world, project)[0] == "main"


def test_a_mirror_that_is_not_whole_is_replaced_and_its_own_refs_saved(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    sandbox.git("update-ref", "refs/orch/keep/int-1/1", "main", cwd=found)
    sandbox.git("push", "-q", "-f", "origin", "main:other", cwd=path)
    os.unlink(os.path.join(found, "config"))
    mirror.fetch(world, project)
    assert mirror.default(world, project)[0] == "main" and "refs/heads/other" in heads(sandbox, found)
    assert list(heads(sandbox, found, "refs/orch/keep")) == ["refs/orch/keep/int-1/1"]
    assert [name for name in os.listdir(os.path.dirname(found)) if ".bad-" in name]


@pytest.mark.parametrize("name", ["packed-refs.lock", "refs/heads/main.lock", "config.lock", "refs/orch/origin.lock"])
@pytest.mark.parametrize("old", [True, False])
def test_locks_of_a_git_that_was_killed_are_removed(sandbox: Sandbox, name: str, old: bool) -> None:
    path = sandbox.repo()
    sandbox.git("push", "-q", "origin", "main:gone", cwd=path)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    sandbox.commit(path, {"x": "1"}, "second")
    sandbox.git("push", "-q", "origin", "main", ":gone", cwd=path)
    left = sandbox.write(os.path.join(found, name), "")
    if old:
        os.utime(left, (1, 1))
    mirror.fetch(world, project)
    assert heads(sandbox, found) == heads(sandbox, sandbox.remote())


def test_a_second_fetch_waits_says_so_and_takes_the_first_ones_result(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    world, project = register(sandbox)
    mirror.ensure(world, project)
    held = lock.take(world.home.mirror_lock(SLUG))
    assert held is not None
    sandbox.commit(path, {"x": "1"}, "second")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    said: list[str] = []
    waiting = threading.Thread(target=lambda: mirror.fetch(world, project, say=said.append))
    waiting.start()
    sandbox.wait_for(lambda: said)
    os.close(held)
    waiting.join()
    assert said == [f"{SLUG}: waiting for another process that fetches it"]
    assert mirror.default(world, project)[1] == sandbox.git("rev-parse", "main", cwd=path)


def test_many_processes_make_one_mirror(sandbox: Sandbox) -> None:
    sandbox.repo()
    register(sandbox)
    code = (
        "import os, sys; from orch.host import world; from orch.flow import mirror, project\n"
        "w = world.build(os.environ, '/'); p = project.get(w, 'ada/app'); mirror.ensure(w, p); mirror.fetch(w, p)\n"
        "print(mirror.default(w, p)[1])"
    )
    env = {**sandbox.env, "PYTHONPATH": CHECKOUT}
    running = [subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert len({each.communicate()[0] for each in running}) == 1 and all(each.returncode == 0 for each in running)
    assert sorted(os.listdir(os.path.join(sandbox.orch_home, "projects", "ada"))) == ["app.git", "app.json"]


def test_a_killed_fetch_is_done_again(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    for number in range(4):
        sandbox.commit(path, {"x": str(number)}, f"commit {number}")
        sandbox.git("push", "-q", "origin", "main", f"main:b{number}", cwd=path)
        code = (
            "import os, sys; from orch.host import world; from orch.flow import mirror, project\n"
            "w = world.build(os.environ, '/'); mirror.fetch(w, project.get(w, 'ada/app'))"
        )
        child = subprocess.Popen([sys.executable, "-c", code], env={**sandbox.env, "PYTHONPATH": CHECKOUT})
        sandbox.wait_for(partial(_fetching, world.home.mirror_lock(SLUG), child))
        child.kill()
        child.wait()
        mirror.fetch(world, project)
        assert heads(sandbox, found) == heads(sandbox, sandbox.remote())


def _fetching(path: str, child: subprocess.Popen[bytes]) -> bool:
    return lock.probe(path) == "held" or child.poll() is not None


def test_the_projects_own_configuration_comes_from_the_default_branch(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={".orch.yml": "workflow: {max_attempts: 2}\n"})
    world, project = register(sandbox)
    mirror.ensure(world, project)
    target = world.home.project_config(SLUG)
    assert files.read_text(target) == "workflow: {max_attempts: 2}\n"
    stamp = files.stamp(target)
    sandbox.commit(path, {"other": "x"}, "no change of it")
    sandbox.git("checkout", "-q", "-b", "side", cwd=path)
    sandbox.commit(path, {".orch.yml": "workflow: {max_attempts: 99}\n"}, "on a side branch")
    sandbox.git("push", "-q", "origin", "main", "side", cwd=path)
    mirror.fetch(world, project)
    assert files.stamp(target) == stamp
    sandbox.git("checkout", "-q", "main", cwd=path)
    sandbox.git("rm", "-q", ".orch.yml", cwd=path)
    sandbox.commit(path, {".orchestrator.yml": "workflow: {max_attempts: 3}\n"}, "the older name")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project)
    assert files.read_text(target) == "workflow: {max_attempts: 3}\n"
    os.unlink(target)
    mirror.fetch(world, project)
    assert files.read_text(target) == "workflow: {max_attempts: 3}\n"
    sandbox.git("rm", "-q", ".orchestrator.yml", cwd=path)
    sandbox.commit(path, {}, "none")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    mirror.fetch(world, project)
    assert not os.path.exists(target)


def test_a_torn_note_of_the_last_fetch_is_no_harm(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    sandbox.write(os.path.join(found, "orch.json"), '{"v": 1, "or')
    mirror.fetch(world, project)
    assert json.loads(files.read_text(os.path.join(found, "orch.json")))["origin"] == sandbox.remote()


def test_the_users_settings_do_not_change_a_mirror(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    for key, value in (("init.templateDir", os.path.join(sandbox.root, "template")), ("fetch.prune", "true"), ("fetch.pruneTags", "true"),
                       ("clone.defaultRemoteName", "upstream"), ("init.defaultRefFormat", "reftable"), ("push.followTags", "true")):
        sandbox.git("config", "--global", key, value)
    sandbox.write("template/hooks/post-checkout", "#!/bin/sh\nexit 1\n", 0o755)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    sandbox.git("push", "-q", "origin", "main:more", cwd=path)
    mirror.fetch(world, project)
    assert heads(sandbox, found) == heads(sandbox, sandbox.remote()) and not os.path.exists(os.path.join(found, "hooks"))


# what attempts leave


def kept(sandbox: Sandbox, found: str) -> dict[str, str]:
    refs = heads(sandbox, found, "refs/orch")
    return {name.removeprefix("refs/orch/"): sha for name, sha in refs.items() if not name.endswith("/origin")}


def test_keep_takes_the_branch_into_the_mirror(sandbox: Sandbox) -> None:
    world, _, spec, prepared = begin(sandbox)
    place = spec["checkout"]
    args = (world, SLUG, "int-1", "1-work", place, spec["branch"])
    assert mirror.keep(*args) == prepared["start"]
    sha = sandbox.commit(place, {"new": "x"}, "work")
    assert mirror.keep(*args) == sha
    assert mirror.keep(*args) == sha
    assert kept(sandbox, spec["mirror"]) == {"keep/int-1/1": sha}
    sandbox.git("reset", "-q", "--hard", prepared["base"], cwd=place)
    other = sandbox.commit(place, {"new": "y"}, "rewritten")
    assert mirror.keep(*args) == other


def test_keep_finds_work_on_another_branch_or_none(sandbox: Sandbox) -> None:
    world, _, spec, prepared = begin(sandbox)
    place, branch = spec["checkout"], spec["branch"]
    args = (world, SLUG, "int-1", "1-work", place, branch)
    first = sandbox.commit(place, {"a": "1"}, "on the branch")
    sandbox.git("checkout", "-q", "--detach", cwd=place)
    ahead = sandbox.commit(place, {"b": "1"}, "detached, ahead")
    assert mirror.keep(*args) == ahead
    sandbox.git("checkout", "-q", prepared["base"], cwd=place)
    assert mirror.keep(*args) == first
    sandbox.git("checkout", "-q", "-b", "mine/own", prepared["base"], cwd=place)
    aside = sandbox.commit(place, {"c": "1"}, "aside")
    assert mirror.keep(*args) == first  # neither contains the other: the branch that was asked for
    found = kept(sandbox, spec["mirror"])
    assert {found["heads/int-1/1/HEAD"], found["heads/int-1/1/branch/mine/own"]} == {aside}
    sandbox.git("branch", "-q", "-D", branch, cwd=place)
    assert mirror.keep(world, SLUG, "int-1", "2-work", place, branch) == aside
    sandbox.git("checkout", "-q", "--orphan", "unborn", cwd=place)
    assert mirror.keep(world, SLUG, "int-1", "3-work", place, branch) is None
    assert kept(sandbox, spec["mirror"])["heads/int-1/3/branch/mine/own"] == aside


def test_keep_takes_the_work_of_this_attempt_wherever_head_is(sandbox: Sandbox) -> None:
    world, _, spec, prepared = begin(sandbox)
    place, branch = spec["checkout"], spec["branch"]

    def keep(n: int) -> str | None:
        return mirror.keep(world, SLUG, "int-1", f"{n}-work", place, branch)

    old = sandbox.commit(place, {"a": "1"}, "bad")
    assert keep(1) == old
    sandbox.git("checkout", "-q", "--detach", prepared["base"], cwd=place)
    assert keep(2) == old, "nothing new anywhere"
    good = sandbox.commit(place, {"b": "1"}, "good")
    assert keep(3) == good
    better = sandbox.commit(place, {"b": "2"}, "better")
    assert keep(4) == better
    assert keep(4) == better, "taken in once more, after a crash"
    sandbox.git("checkout", "-q", branch, cwd=place)
    both = sandbox.commit(place, {"c": "1"}, "on the branch again")
    sandbox.git("checkout", "-q", "--detach", better, cwd=place)
    sandbox.commit(place, {"d": "1"}, "and elsewhere")
    assert keep(5) == both


def test_keep_of_what_is_no_repository_any_more(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    os.rename(os.path.join(place, ".git"), os.path.join(place, "git"))
    with pytest.raises(IOFailed):
        mirror.keep(world, SLUG, "int-1", "1-work", place, spec["branch"])
    os.rename(place, place + ".away")
    assert mirror.keep(world, SLUG, "int-1", "1-work", place, spec["branch"]) is None


def test_keep_refuses_objects_that_are_not_what_they_say(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    entry = b"100644 .git\0" + bytes.fromhex(sandbox.git("rev-parse", "HEAD:README.md", cwd=place))
    words = ["git", "hash-object", "-t", "tree", "--literally", "-w", "--stdin"]
    bad = sandbox.command(words, cwd=place, input=entry).out.strip()
    sha = sandbox.git("commit-tree", "-m", "a .git in the tree", "-p", "HEAD", bad, cwd=place)
    sandbox.git("update-ref", "HEAD", sha, cwd=place)
    with pytest.raises(IOFailed, match=r"hasDotgit|\.git"):
        mirror.keep(world, SLUG, "int-1", "1-work", place, spec["branch"])
    assert kept(sandbox, spec["mirror"]) == {}


def test_nothing_in_an_agents_repository_runs_when_its_work_is_kept(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"new": "x"}, "work")
    ran = poison(sandbox, place)
    sly(sandbox, place, "checkout", "-q", "-b", "elsewhere")
    sly(sandbox, place, "commit", "-q", "--allow-empty", "-m", "more")
    with open(os.path.join(place, ".git", "objects", "info", "alternates"), "a") as file:
        file.write(os.path.join(sandbox.root, "code", "app", ".git", "objects") + "\n")
    if os.path.exists(ran):
        os.unlink(ran)
    assert mirror.keep(world, SLUG, "int-1", "1-work", place, spec["branch"]) == sly(sandbox, place, "rev-parse", "HEAD")
    assert not os.path.exists(ran)


@pytest.mark.parametrize("lazy", ["0", "1"])
def test_a_missing_object_is_not_fetched_through_the_agents_config(sandbox: Sandbox, lazy: str) -> None:
    """A promisor remote names a program (remote.*.uploadpack). git before 2.39.4 has no GIT_NO_LAZY_FETCH, as lazy=0 stands for."""
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"new": "x"}, "work")
    blob = sandbox.git("rev-parse", "HEAD:new", cwd=place)
    ran = poison(sandbox, place)
    os.unlink(os.path.join(place, ".git", "objects", blob[:2], blob[2:]))
    sandbox.git("config", "remote.evil.url", place, cwd=place)
    if os.path.exists(ran):
        os.unlink(ran)
    upload = f"GIT_NO_LAZY_FETCH={lazy} git upload-pack"
    naked = Git.of(sandbox.env).also(GIT_NO_LAZY_FETCH=lazy)
    words = ("fetch", "-q", "--no-write-fetch-head", "--upload-pack", upload, place, "HEAD")
    assert naked.call(*words, repo=spec["mirror"]).code != 0
    assert os.path.exists(ran) == (lazy == "0"), "the attack that this test is about"
    if os.path.exists(ran):
        os.unlink(ran)
    with pytest.raises(IOFailed):
        mirror.keep(world, SLUG, "int-1", "1-work", place, spec["branch"])
    assert naked.also(GIT_ALLOW_PROTOCOL="none").call("rev-list", "--objects", "HEAD", repo=place).code != 0
    assert not os.path.exists(ran)


def test_a_config_that_never_ends_is_given_up(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    os.mkfifo(os.path.join(place, ".git", "pipe"))
    sandbox.git("config", "include.path", os.path.join(place, ".git", "pipe"), cwd=place)
    with pytest.raises(TryLater):
        Git.of(world.env).run("fetch", "-q", "--no-write-fetch-head", place, "HEAD", repo=spec["mirror"], timeout=0.5)


def test_kept_work_cannot_be_seen_by_other_attempts(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    sandbox.commit(spec["checkout"], {"new": "x"}, "work")
    mirror.keep(world, SLUG, "int-1", "1-work", spec["checkout"], spec["branch"])
    assert "refs/orch" not in sandbox.git("ls-remote", spec["mirror"])


def test_read_ref_reads_what_a_fetch_has_written(sandbox: Sandbox) -> None:
    sandbox.repo()
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    assert refs.read(found, "refs/heads/main") == sandbox.git("rev-parse", "refs/heads/main", cwd=found)
