"""flow/trash, flow/snapshot, flow/sweep: nothing is removed that cannot be brought back, and nothing that somebody may need."""
from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orch.core import task as life
from orch.core.task import Change
from orch.errors import Exists, IOFailed, NotFound, TryLater
from orch.flow import checkout, due, mirror, repair, snapshot, sweep, trash, worktree
from orch.flow import config as configs
from orch.flow import project as projects
from orch.host import files, lock
from orch.host.world import World
from orch.stores import local
from tests.gitbox import SLUG, begin, collide, poison, register, sly, spec, tree
from tests.sandbox import Sandbox


def work(place: str) -> dict[str, tuple[int, bytes]]:
    """The work tree, without the repository."""
    return {name: (mode & 0o100, content) for name, (mode, content) in tree(place).items() if not name.startswith(".git/")}


def seen(sandbox: Sandbox, place: str) -> dict[str, str]:
    """All that git can tell of a checkout."""
    return {word: sandbox.git(*word.split(), cwd=place) for word in (
        "status --porcelain --branch -uall", "for-each-ref", "stash list", "ls-files --stage", "diff", "diff --cached",
    )} | {"HEAD": files.read_text(os.path.join(place, ".git", "HEAD"))}  # fmt: skip


def messy(sandbox: Sandbox, place: str) -> None:
    """A checkout with something of everything in it."""
    sandbox.commit(place, {"a": "1\n", "b": "1\n", "run": "#!/bin/sh\n", "d/e/f": "1\n", "gone": "1\n", ".gitignore": "*.log\n"}, "work")
    sandbox.git("branch", "side", cwd=place)
    sandbox.commit(place, {"a": "2\n"}, "more work")
    sandbox.write(os.path.join(place, "b"), "stashed\n")
    sandbox.git("stash", "-q", cwd=place)
    sandbox.write(os.path.join(place, "b"), "staged\n")
    sandbox.git("add", "b", cwd=place)
    sandbox.write(os.path.join(place, "b"), "staged and changed\n")
    sandbox.write(os.path.join(place, "only staged"), "only staged\n")
    sandbox.git("add", "only staged", cwd=place)
    os.unlink(os.path.join(place, "only staged"))
    os.unlink(os.path.join(place, "gone"))
    os.chmod(os.path.join(place, "run"), 0o755)
    sandbox.write(os.path.join(place, "new ünï \\ \" '"), "untracked\r\n")
    sandbox.write(os.path.join(place, "new\nline"), "odd\n")
    sandbox.write(os.path.join(place, '"quoted"'), "odd\n")
    sandbox.write(os.path.join(place, "return\r"), "odd\n")
    with open(os.fsencode(place) + b"/caf\xe9", "wb") as file:
        file.write(b"\xff\x00")
    sandbox.write(os.path.join(place, "build.log"), "ignored\n")
    os.symlink("/etc/passwd", os.path.join(place, "link"))
    os.symlink("d", os.path.join(place, "dirlink"))
    sandbox.write(os.path.join(place, "empty"), "")
    os.chmod(os.path.join(place, "d", "e"), 0o500)


def test_everything_but_ignored_files_comes_back(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    messy(sandbox, place)
    before, told = work(place), seen(sandbox, place)
    assert trash.remove(world, SLUG, "int-1", place) == "refs/orch/trash/int-1/1"
    assert os.listdir(os.path.dirname(place)) == []
    assert trash.undo(world, SLUG, "int-1") == place
    del before["build.log"]
    assert work(place) == before
    assert seen(sandbox, place) == told
    sandbox.git("fsck", "--strict", cwd=place)
    with pytest.raises(Exists):
        trash.undo(world, SLUG, "int-1")
    assert trash.remove(world, SLUG, "int-1", place) == "refs/orch/trash/int-1/2"
    assert [(item.number, item.name) for item in trash.items(world, SLUG, "int-1")] == [(1, spec["branch"]), (2, spec["branch"])]
    trash.undo(world, SLUG, "int-1", 1)
    assert seen(sandbox, place) == told


def test_every_stash_and_what_only_a_tag_names_come_back(sandbox: Sandbox) -> None:
    sandbox.repo()
    sandbox.git("tag", "-a", "theirs", "-m", "theirs", cwd=os.path.join(sandbox.root, "code", "app"))
    sandbox.git("push", "-q", "origin", "theirs", cwd=os.path.join(sandbox.root, "code", "app"))
    world, _, spec, prepared = begin(sandbox)
    place = spec["checkout"]
    for name in ("light", "heavy"):
        sandbox.commit(place, {"x": f"{name}\n"}, name)
        sandbox.git("tag", *(["-a", "-m", "n"] if name == "heavy" else []), name, cwd=place)
        sandbox.git("reset", "-q", "--hard", prepared["base"], cwd=place)
    sandbox.git("tag", "blob", sandbox.git("hash-object", "-w", "README.md", cwd=place), cwd=place)
    sandbox.git("tag", "again", "light", cwd=place)
    sandbox.git("notes", "add", "-m", "a note", cwd=place)
    for number in range(3):
        sandbox.write(os.path.join(place, "README.md"), f"{number}\n")
        sandbox.git("-c", "i18n.commitEncoding=latin1", "stash", "push", "-q", "-m", f"stash {number}", cwd=place)
    sandbox.git("stash", "drop", "-q", "stash@{1}", cwd=place)
    with open(os.path.join(place, ".git", "logs", "refs", "stash"), "r+b") as file:
        lines = file.read().splitlines(keepends=True)
        file.seek(0)
        odd = b"%040d %040d A <a@b> 1 +0000\todd\n" % (0, 1)
        file.writelines([odd, b"not a line\n", lines[0].replace(b"stash 0", b"caf\xe9"), *lines[1:], b"torn"])
    expected = seen(sandbox, place)["for-each-ref"]
    item = trash.remove(world, SLUG, "int-1", place)
    parents = sandbox.git("rev-list", "--parents", "-1", str(item), cwd=spec["mirror"]).split()[1:]
    held = sandbox.git("for-each-ref", "--format=%(objecttype)", "refs/orch/objects", cwd=spec["mirror"]).split()
    assert (len(parents), sorted(held)) == (3, ["blob", "commit", "commit", "tag"])  # and not the tag that the project has
    trash.undo(world, SLUG, "int-1")
    assert seen(sandbox, place)["for-each-ref"] == expected
    listed = sandbox.command(["git", "stash", "list", "--format=%gd"], cwd=place).out.split()
    assert listed == ["stash@{0}", "stash@{1}"]
    assert b"caf\xe9" in files.read_bytes(os.path.join(place, ".git", "logs", "refs", "stash"))
    assert [sandbox.git("show", f"{each}:README.md", cwd=place) for each in listed] == ["2", "0"]
    assert [sandbox.git("show", f"{tag}:x", cwd=place) for tag in ("light", "heavy")] == ["light", "heavy"]
    sandbox.git("fsck", "--strict", cwd=place)


def test_a_tag_that_the_project_got_meanwhile_does_not_stop_it(sandbox: Sandbox) -> None:
    world, project, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"x": "1\n"}, "work")
    sandbox.git("tag", "v1", cwd=place)
    told = seen(sandbox, place)
    trash.remove(world, SLUG, "int-1", place)
    sandbox.git("tag", "v1", "main", cwd=sandbox.remote())
    mirror.fetch(world, project)
    trash.undo(world, SLUG, "int-1")
    assert seen(sandbox, place) == told


@pytest.mark.parametrize("what", ["a link", "too much"])
def test_a_list_of_stashes_that_cannot_be_read_keeps_the_checkout(sandbox: Sandbox, what: str) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    messy(sandbox, place)
    log = os.path.join(place, ".git", "logs", "refs", "stash")
    os.rename(log, log + ".away")
    if what == "a link":
        os.symlink("stash.away", log)
    else:
        sandbox.write(log, "x" * (snapshot.STASHES + 1))
    with pytest.raises(IOFailed, match="stash"):
        trash.remove(world, SLUG, "int-1", place)
    assert os.path.isdir(place)


def test_detached_conflicted_and_unborn_states_come_back(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    collide(sandbox, place, "x", "ours\n", "theirs\n")
    before = work(place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before and "<<<<<<<" in files.read_text(os.path.join(place, "x"))
    sandbox.git("checkout", "-q", "-f", "--detach", cwd=place)
    told = seen(sandbox, place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert seen(sandbox, place) == told and not told["HEAD"].startswith("ref")
    sandbox.git("checkout", "-q", "--orphan", "unborn", cwd=place)
    before = work(place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before and files.read_text(os.path.join(place, ".git", "HEAD")) == "ref: refs/heads/unborn\n"


def test_changes_that_flags_hide_are_kept(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"assumed": "1\n", "skipped": "1\n", "sparse": "1\n"}, "work")
    sandbox.git("update-index", "--assume-unchanged", "assumed", cwd=place)
    sandbox.git("update-index", "--skip-worktree", "skipped", "sparse", cwd=place)
    for name in ("assumed", "skipped"):
        sandbox.write(os.path.join(place, name), "changed\n")
    os.unlink(os.path.join(place, "sparse"))
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert [files.read_text(os.path.join(place, name)) for name in ("assumed", "skipped", "sparse")] == ["changed\n", "changed\n", "1\n"]


def test_a_change_in_the_same_tick_as_the_index_is_seen(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    path, index = os.path.join(place, "x"), os.path.join(place, ".git", "index")
    sandbox.git("config", "--global", "core.trustCtime", "false")
    sandbox.write(path, "1\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    sandbox.commit(place, {}, "work")
    sandbox.write(path, "2\n")  # as long as it was, in the same inode
    for each in (path, index):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert files.read_text(path) == "2\n"


def test_repositories_inside_the_checkout_come_back_with_their_commits(sandbox: Sandbox) -> None:
    library = sandbox.repo("lib")
    sandbox.git("config", "--global", "protocol.file.allow", "always")
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    inner = os.path.join(place, "inner")
    sandbox.git("init", "-q", inner)
    commit = sandbox.commit(inner, {"q": "q\n"}, "inside")
    sandbox.git("submodule", "--quiet", "add", library, "sub", cwd=place)
    sandbox.git("commit", "-q", "-m", "a submodule", cwd=place)
    more = sandbox.commit(os.path.join(place, "sub"), {"s": "s\n"}, "in the submodule")
    sandbox.write(os.path.join(place, "sub", "dirty"), "d\n")
    before = work(place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before
    assert sandbox.git("rev-parse", "HEAD", cwd=inner) == commit
    assert sandbox.git("rev-parse", "HEAD", cwd=os.path.join(place, "sub")) == more
    assert sandbox.git("status", "--porcelain", cwd=os.path.join(place, "sub")) == "?? dirty"


def test_a_file_that_became_a_directory_and_the_other_way_round(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"f": "1\n", "d/x": "1\n"}, "work")
    os.unlink(os.path.join(place, "f"))
    os.unlink(os.path.join(place, "d", "x"))
    os.rmdir(os.path.join(place, "d"))
    sandbox.write(os.path.join(place, "f", "x"), "2\n")
    sandbox.write(os.path.join(place, "d"), "2\n")
    before, told = work(place), seen(sandbox, place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before and seen(sandbox, place) == told


def test_nothing_outside_is_read_or_touched_through_a_link(sandbox: Sandbox) -> None:
    """A directory of the commit, of a submodule or of packages that became a link: what lies where it points is not the checkout's."""
    world, _, spec, _ = begin(sandbox)
    place, theirs = spec["checkout"], os.path.join(sandbox.home, "theirs")
    sandbox.commit(place, {"d/x": "1\n", "s/y": "1\n"}, "work")
    sandbox.git("init", "-q", os.path.join(place, "mod/inner"))
    sandbox.commit(os.path.join(place, "mod/inner"), {"z": "1\n"}, "inner")
    sandbox.git("add", "mod/inner", cwd=place)
    for name in ("d", "s", "mod"):
        os.rename(os.path.join(place, name), os.path.join(sandbox.root, "was-" + name))
        os.symlink(theirs, os.path.join(place, name))
    for name in ("x", "y", "inner/secret", "inner/.git/HEAD"):
        sandbox.write(os.path.join(theirs, name), "secret words\n")
    os.mkfifo(os.path.join(theirs, ".gitignore"))
    os.chmod(os.path.join(theirs, "x"), 0o200)
    before, info = work(place), {name: os.lstat(os.path.join(theirs, name)).st_mode for name in ("", "x", "y", ".gitignore", "inner")}
    trash.remove(world, SLUG, "int-1", place)
    assert info == {name: os.lstat(os.path.join(theirs, name)).st_mode for name in info}
    commit = trash.items(world, SLUG, "int-1")[0].commit
    assert sandbox.command(["git", "--git-dir", spec["mirror"], "grep", "-c", "secret words", commit]).code == 1
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before


def test_removing_a_tree_leaves_alone_what_its_links_lead_to(sandbox: Sandbox) -> None:
    place, theirs = os.path.join(sandbox.root, "tree"), os.path.join(sandbox.home, "theirs")
    sandbox.write(os.path.join(theirs, "deep", "file"), "theirs\n")
    os.chmod(os.path.join(theirs, "deep"), 0o500)
    os.chmod(theirs, 0o500)
    before = os.stat(theirs).st_mode, os.stat(os.path.join(theirs, "deep")).st_mode, tree(theirs)
    for folder in ("", "inner"):
        sandbox.write(os.path.join(place, folder, "file"), "x")
        os.symlink(theirs, os.path.join(place, folder, "link"))
        os.symlink(os.path.join(theirs, "deep", "file"), os.path.join(place, folder, "file-link"))
    os.chmod(os.path.join(place, "inner"), 0o500)
    repair.remove(place)
    os.symlink(theirs, place)
    repair.remove(place)
    os.mkfifo(place)
    repair.remove(place)
    assert not os.path.lexists(place)
    assert (os.stat(theirs).st_mode, os.stat(os.path.join(theirs, "deep")).st_mode, tree(theirs)) == before


def test_any_home_will_do(sandbox: Sandbox) -> None:
    sandbox.repo()
    odd = sandbox.world(ORCH_HOME=os.path.join(sandbox.root, 'a:b "c" \\d é -x'))
    files.replace_json(odd.home.project(SLUG), {"v": 1, "slug": SLUG, "path": None, "origin": sandbox.remote()})
    wanted = spec(odd)
    checkout.prepare(odd, wanted)
    place = wanted["checkout"]
    sha = sandbox.commit(place, {"x": "1"}, "work")
    sandbox.write(os.path.join(place, "staged"), "s\n")
    sandbox.git("add", "staged", cwd=place)
    assert mirror.keep(odd, SLUG, "int-1", "1-work", place, wanted["branch"]) == sha
    before = seen(sandbox, place)
    trash.remove(odd, SLUG, "int-1", place)
    trash.undo(odd, SLUG, "int-1")
    assert seen(sandbox, place) == before


RESERVED = (".", "..", ".git", "git~1", ".gitignore", ".gitattributes")
NAMES = st.text(alphabet=st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda name: name.lower() not in RESERVED
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.dictionaries(NAMES, st.binary(max_size=20), max_size=5), st.dictionaries(NAMES, st.binary(max_size=20), max_size=3))
@example({"a\r": b"1", "\r": b"2"}, {"b\r": b"3"})
def test_any_file_of_any_name_comes_back(sandbox: Sandbox, flat: dict[str, bytes], deep: dict[str, bytes]) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    os.makedirs(os.path.join(place, "dir"), exist_ok=True)
    for folder, names in (("", flat), ("dir", deep)):
        for name, content in names.items():
            path = os.path.join(place, folder, name)
            if not os.path.isdir(path):
                with open(path, "wb") as file:
                    file.write(content)
    before = work(place)
    trash.remove(world, SLUG, "int-1", place)
    trash.undo(world, SLUG, "int-1")
    assert work(place) == before


def test_nothing_of_the_agents_runs_and_no_filter_changes_a_byte(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.commit(place, {"x": "1\n", "y": "1\n"}, "work")
    ran = poison(sandbox, place)
    with open(os.path.join(place, ".gitattributes"), "a", encoding="utf-8") as file:
        file.write("*.txt text eol=crlf ident\n*.u16 working-tree-encoding=UTF-16\n")
    sandbox.write(os.path.join(place, "x"), "2\n")
    sandbox.write(os.path.join(place, "windows.txt"), "a\nb\r\n$Id$\n")
    sandbox.write(os.path.join(place, "z.u16"), "not utf-16")
    sly(sandbox, place, "branch", "side")
    os.utime(os.path.join(place, "y"), (1, 1))
    before = work(place)
    if os.path.exists(ran):
        os.unlink(ran)
    trash.remove(world, SLUG, "int-1", place)
    assert not os.path.exists(ran)
    trash.undo(world, SLUG, "int-1")
    assert not os.path.exists(ran)
    assert work(place) == before
    assert "evil" not in files.read_text(os.path.join(place, ".git", "config"))


def test_what_cannot_be_saved_is_not_removed(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sha = sandbox.commit(place, {"x": "1"}, "work")
    os.unlink(os.path.join(place, ".git", "objects", sha[:2], sha[2:]))
    before = tree(place)
    with pytest.raises(IOFailed):
        trash.remove(world, SLUG, "int-1", place)
    assert tree(place) == before and trash.items(world, SLUG, "int-1") == []
    assert [name for name in os.listdir(spec["mirror"]) if "orch-" in name] == []


def test_a_checkout_that_is_being_written_to_stays(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]

    head = sandbox.git("rev-parse", "HEAD", cwd=place)

    @contextmanager
    def late(name: str, content: str) -> Iterator[None]:
        sandbox.write(os.path.join(place, name), content)
        yield None

    for name, content in (("new", "x\n"), ("README.md", "x\n"), (".git/refs/heads/other", head + "\n")):
        with pytest.raises(TryLater, match="changed"):
            trash.remove(world, SLUG, "int-1", place, partial(late, name, content))
        assert files.read_text(os.path.join(place, name)) == content
    assert trash.remove(world, SLUG, "int-1", place) is not None


def test_nothing_waits_for_a_pipe_where_patterns_are_expected(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.write(os.path.join(place, "deep/new"), "x\n")
    sandbox.write(os.path.join(place, "README.md"), "changed\n")
    for name in (".gitignore", "deep/.gitattributes", "deep/.gitignore"):
        os.mkfifo(os.path.join(place, name))
    begun = time.monotonic()
    trash.remove(world, SLUG, "int-1", place)
    assert time.monotonic() - begun < worktree.SLOW / 10
    trash.undo(world, SLUG, "int-1")
    assert files.read_text(os.path.join(place, "deep/new")) == "x\n" and files.read_text(os.path.join(place, "README.md")) == "changed\n"


def test_two_removals_at_once_lose_nothing(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    place = spec["checkout"]
    sandbox.write(os.path.join(place, "new"), "x\n")
    ends: list[object] = []

    def one() -> None:
        try:
            ends.append(trash.remove(world, SLUG, "int-1", place))
        except Exception as error:
            ends.append(error)

    running = [threading.Thread(target=one) for _ in range(2)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert not os.path.exists(place) and any(isinstance(each, str) for each in ends)
    trash.undo(world, SLUG, "int-1")
    assert files.read_text(os.path.join(place, "new")) == "x\n"


def test_what_is_not_there(sandbox: Sandbox) -> None:
    world, _, spec, _ = begin(sandbox)
    assert trash.remove(world, SLUG, "int-1", spec["checkout"] + "-none") is None
    with pytest.raises(NotFound):
        trash.undo(world, SLUG, "int-1")
    trash.remove(world, SLUG, "int-1", spec["checkout"])
    with pytest.raises(NotFound, match="under number 7"):
        trash.undo(world, SLUG, "int-1", 7)


# retention


def record(world: World, **draft: str) -> str:
    return local.create(world, SLUG, [{"title": "Fix it", **draft}])[0]["id"]


def finish(world: World, id: str, at: str) -> None:
    frozen = world._replace(env={**world.env, "ORCH_TEST_NOW": at})
    for status in ("routed", "in_progress", "done"):
        fields = {"status": status} | ({"resolution": "completed"} if status == "done" else {})
        local.change(frozen, SLUG, id, lambda task, fields=fields: Change(fields, "test", "test"))  # type: ignore[misc]


def swept(world: World, **engine: int) -> list[str]:
    removed, errors, _ = sweep.sweep(world, [SLUG], configs.shared(world)["engine"] | engine)
    assert errors == []
    return [each.task for each in removed]


@pytest.fixture
def three(sandbox: Sandbox) -> World:
    """Three tasks with checkouts: done long ago, done just now, open."""
    sandbox.repo()
    world, _ = register(sandbox)
    for _ in range(3):
        id = record(world)
        begin(sandbox, id)
    finish(world, "int-1", "2020-01-01T00:00:00Z")
    finish(world, "int-2", world.now_text())
    for number in (1, 2, 3):
        forget(world, f"int-{number}")
    return world


def forget(world: World, id: str) -> None:
    """As if nobody had looked into the checkout since it was made, long ago."""
    os.utime(world.home.checkout(SLUG, f"task-{id}-fix-it"), (1, 1))


def there(world: World) -> list[str]:
    return sorted(os.listdir(os.path.join(world.home.worktrees, SLUG)))


def test_old_checkouts_of_done_tasks_are_removed(three: World) -> None:
    assert swept(three) == ["int-1"]
    assert there(three) == ["task-int-2-fix-it", "task-int-3-fix-it"]
    assert trash.undo(three, SLUG, "int-1")
    assert swept(three) == []  # it was brought back to be looked at
    forget(three, "int-1")
    local.archive(three, SLUG, "int-1")
    assert swept(three) == ["int-1"]
    assert swept(three, retention_days=0) == []


def test_checkouts_that_take_too_much_room_go_oldest_first_but_never_an_open_tasks(three: World) -> None:
    assert swept(three, retention_days=0, retention_bytes=1) == ["int-1", "int-2"]
    assert there(three) == ["task-int-3-fix-it"]


def test_room_is_counted_over_all_projects(sandbox: Sandbox, three: World) -> None:
    """The oldest goes, whosever it is; what another project's open task needs counts too, and stays."""
    path = sandbox.repo("other")
    other = projects.add(three, path)["slug"]
    place = three.home.checkout(other, "task-int-4-fix-it")
    id = local.create(three, other, [{"title": "Fix it"}])[0]["id"]
    sandbox.write(os.path.join(place, "big"), "x" * 3_000_000)
    assert id == "int-4" and place.endswith(f"{other}/task-int-4-fix-it")
    engine = {"retention_days": 0, "retention_bytes": 3_000_000}
    assert [each.task for each in sweep.sweep(three, [SLUG], engine)[0]] == []
    assert [each.task for each in sweep.sweep(three, [other, SLUG], engine)[0]] == ["int-1", "int-2"]


def test_bytes_are_counted_after_each_removal(sandbox: Sandbox, three: World) -> None:
    big = three.home.checkout(SLUG, "task-int-1-fix-it")
    sandbox.write(os.path.join(big, "big"), "x" * 3_000_000)
    forget(three, "int-1")
    assert swept(three, retention_days=0, retention_bytes=2_000_000) == ["int-1"]


def test_a_living_or_unknown_attempt_keeps_its_checkout(three: World) -> None:
    folder = three.home.attempt(SLUG, "int-1", "1-work")
    held = lock.take(os.path.join(folder, "lock"))
    assert held is not None and swept(three) == []
    os.close(held)
    assert swept(three) == ["int-1"]


def test_what_names_no_task_or_an_unreadable_one_is_left(sandbox: Sandbox, three: World) -> None:
    root = os.path.join(three.home.worktrees, SLUG)
    for name in ("mine", "task-int-99-other", "task-int-12-x"):
        sandbox.write(os.path.join(root, name, "file"), "x")
    sandbox.write(three.home.record(SLUG, "int-2"), "{torn")
    before = there(three)
    assert swept(three, retention_bytes=1, retention_days=0) == ["int-1"]
    assert set(before) - set(there(three)) == {"task-int-1-fix-it"}


def test_leftovers_of_kills_are_cleared(sandbox: Sandbox, three: World) -> None:
    root = os.path.join(three.home.worktrees, SLUG)
    os.rename(os.path.join(root, "task-int-1-fix-it"), os.path.join(root, ".task-int-1-fix-it.1.gone"))
    sandbox.write(os.path.join(root, "task-int-3-fix-it.verify-2", "x"), "x")
    sandbox.write(os.path.join(root, ".task-int-3-fix-it.12-34.new", "x"), "x")
    sandbox.write(os.path.join(root, "task-int-2-fix-it.bad-20200101", "x"), "x")
    old = sandbox.write(os.path.join(three.home.mirror(SLUG), "objects", "pack", "tmp_pack_x"), "x")
    os.utime(old, (1, 1))
    assert sorted(swept(three)) == ["int-1", "int-3", "int-3"]
    assert there(three) == ["task-int-2-fix-it", "task-int-2-fix-it.bad-20200101", "task-int-3-fix-it"]
    assert not os.path.exists(old)
    assert trash.undo(three, SLUG, "int-1") == os.path.join(root, "task-int-1-fix-it")


def test_a_sweep_goes_through_no_link(sandbox: Sandbox, three: World) -> None:
    root, theirs = os.path.join(three.home.worktrees, SLUG), os.path.join(sandbox.home, "theirs")
    for name in ("Cargo.lock", "tmp_theirs", "orch-theirs", "task-int-1-fix-it.verify-2/x"):
        os.utime(sandbox.write(os.path.join(theirs, name), "theirs\n"), (1, 1))
    before = tree(theirs)
    for name in ("task-int-3-fix-it.verify-2", ".task-int-3-fix-it.12-34.new", ".task-int-1-fix-it.7.gone", "task-int-9-x"):
        os.symlink(theirs, os.path.join(root, name))
    os.symlink(theirs, os.path.join(root, "task-int-1-fix-it", "theirs"))
    for name in ("tmp_x", "pack/tmp_x"):
        os.symlink(os.path.join(theirs, "Cargo.lock"), os.path.join(three.home.mirror(SLUG), "objects", name))
    forget(three, "int-1")
    assert swept(three) == ["int-1"]
    assert tree(theirs) == before


def test_a_task_that_is_wanted_again_keeps_its_checkout(three: World) -> None:
    place = three.home.checkout(SLUG, "task-int-1-fix-it")

    def again() -> object:
        local.change(three, SLUG, "int-1", lambda task: Change(life.reset(task), "retried", "again"))
        return sweep._guard(three, SLUG, "int-1")

    with pytest.raises(TryLater, match="new again"):
        trash.remove(three, SLUG, "int-1", place, again)  # type: ignore[arg-type]
    assert os.path.isdir(place)


def test_a_tick_sweeps_now_and_then(sandbox: Sandbox, three: World) -> None:
    sandbox.orch("tick")
    assert there(three) == ["task-int-2-fix-it", "task-int-3-fix-it"]
    trash.undo(three, SLUG, "int-1")
    forget(three, "int-1")
    sandbox.orch("tick")
    assert len(there(three)) == 3
    os.utime(three.home.swept(SLUG), (1, 1))
    sandbox.orch("tick")
    assert len(there(three)) == 2
    assert "`orch undo int-1` brings it back" in sandbox.orch("log").out


def test_a_sweep_that_takes_long_goes_on_with_the_next_tick(three: World) -> None:
    finish(three, "int-3", "2020-01-02T00:00:00Z")
    assert sweep.now_and_then(three, [SLUG], 0) == []
    assert there(three) == ["task-int-2-fix-it", "task-int-3-fix-it"] and due.untidy(three, [SLUG])
    assert sweep.now_and_then(three, [SLUG], 0) == []
    assert there(three) == ["task-int-2-fix-it"] and not due.untidy(three, [SLUG])
    later = three._replace(env={**three.env, "ORCH_TEST_NOW": "2099-01-01T00:00:00Z"})
    assert due.untidy(later, [SLUG]), "by the clock that everything else goes by"
    assert sweep.now_and_then(later, [SLUG]) == [] and there(three) == [] and not due.untidy(later, [SLUG])


def test_what_the_sweep_cannot_remove_it_reports_and_goes_on(three: World) -> None:
    os.unlink(os.path.join(three.home.checkout(SLUG, "task-int-1-fix-it"), ".git", "HEAD"))
    finish(three, "int-3", "2020-01-02T00:00:00Z")
    removed, errors, _ = sweep.sweep(three, [SLUG], configs.shared(three)["engine"])
    assert [each.task for each in removed] == ["int-3"] and len(errors) == 1
