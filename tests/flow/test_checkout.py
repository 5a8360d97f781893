"""flow/checkout and the copy list: isolated, repeatable, made whole or not at all, and never reaching outside."""
from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orch.errors import BadConfig, IOFailed, TryLater
from orch.flow import checkout, copies, evidence, mirror, trash
from orch.host import files
from tests.gitbox import SLUG, begin, poison, register, sly, spec, tree
from tests.sandbox import CHECKOUT, Sandbox


def status(sandbox: Sandbox, place: str) -> str:
    return sandbox.git("status", "--porcelain", cwd=place)


def test_a_checkout_is_on_its_branch_at_the_default_tip(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"a": "a\n", "d/run": "#!/bin/sh\n"})
    tip = sandbox.git("rev-parse", "main", cwd=path)
    _, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    assert prepared == {"v": 1, "base": tip, "start": tip, "default": "main", "at": prepared["at"]}
    assert sandbox.git("symbolic-ref", "HEAD", cwd=place) == "refs/heads/task-int-1-fix-it"
    assert sandbox.git("for-each-ref", "--format=%(refname)", cwd=place).splitlines() == [
        "refs/heads/task-int-1-fix-it", "refs/remotes/origin/HEAD", "refs/remotes/origin/main",
    ]  # fmt: skip
    assert status(sandbox, place) == "" and sorted(os.listdir(place)) == [".git", "a", "d"]
    assert not os.path.exists(os.path.join(place, ".git", "hooks"))
    assert sandbox.git("rev-parse", "--abbrev-ref", "origin/HEAD", cwd=place) == "origin/main"


def test_a_checkout_is_what_git_clone_would_have_made(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"a": "1\n", "d/b": "2\n"})
    sandbox.git("tag", "-a", "v1", "-m", "v1", cwd=path)
    sandbox.git("push", "-q", "origin", "v1", "main:other/one", cwd=path)
    _, _, wanted, prepared = begin(sandbox)
    begin(sandbox, "int-2")  # written from the first one's settings
    for place in (wanted["checkout"], wanted["checkout"].replace("int-1", "int-2")):
        real = place + "-real"
        sandbox.git("clone", "-q", "--shared", "--template=", wanted["mirror"], real)
        for words in ("for-each-ref refs/remotes refs/tags", "describe", "fsck --strict", "ls-files --stage", "rev-parse HEAD origin/HEAD"):
            assert sandbox.git(*words.split(), cwd=place) == sandbox.git(*words.split(), cwd=real)
        mine, theirs = ({
            line for line in sandbox.git("config", "--local", "--list", cwd=each).splitlines() if not line.startswith("branch.")
        } for each in (place, real))
        assert mine - theirs == {"remote.origin.pushurl=/dev/null/orch-publishes-this-branch-itself"} and theirs <= mine
        assert sandbox.git("reflog", cwd=place).count(prepared["base"][:7]) >= 1
    sandbox.git("fetch", "-q", "--prune", "origin", cwd=wanted["checkout"])


def test_a_home_that_was_moved_still_makes_checkouts(sandbox: Sandbox) -> None:
    begin(sandbox)
    moved = os.path.join(sandbox.root, "elsewhere")
    os.rename(sandbox.orch_home, moved)
    world = sandbox.world(ORCH_HOME=moved, ORCH_WORKTREES=os.path.join(sandbox.orch_home, "worktrees"))
    place = checkout.prepare(world, spec(world, "int-2"))
    found = world.home.checkout(SLUG, "task-int-2-fix-it")
    assert sandbox.git("rev-parse", "HEAD", cwd=found) == place["start"]
    sandbox.git("fetch", "-q", cwd=found)


def test_a_repository_with_the_newer_hash(sandbox: Sandbox) -> None:
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.git("init", "-q", "-b", "main", "--object-format=sha256", path)
    sandbox.commit(path, {"a": "1\n"}, "first")
    sandbox.git("clone", "-q", "--bare", path, sandbox.remote())
    world, _, wanted, prepared = begin(sandbox)
    sha = sandbox.commit(wanted["checkout"], {"b": "1\n"}, "work")
    assert len(sha) == 64 and mirror.keep(world, SLUG, "int-1", "1-work", wanted["checkout"], wanted["branch"]) == sha
    assert evidence.gather(world, wanted, prepared, {"v": 1})["files"] == ["b"]
    sandbox.write(os.path.join(wanted["checkout"], "new"), "x\n")
    os.unlink(os.path.join(wanted["checkout"], "a"))
    before = status(sandbox, wanted["checkout"])
    trash.remove(world, SLUG, "int-1", wanted["checkout"])
    trash.undo(world, SLUG, "int-1")
    assert status(sandbox, wanted["checkout"]) == before == " D a\n?? new"


def test_objects_are_borrowed_and_removing_a_checkout_harms_nobody(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"big": "x" * 100_000})
    before = tree(path)
    world, _, wanted, _ = begin(sandbox)
    packs = [name for _, _, names in os.walk(os.path.join(wanted["checkout"], ".git", "objects")) for name in names]
    assert packs == ["alternates"]
    trash.remove(world, SLUG, "int-1", wanted["checkout"])
    assert tree(path) == before
    sandbox.git("fsck", "--strict", cwd=wanted["mirror"])


def test_an_agent_can_fetch_but_not_push(sandbox: Sandbox) -> None:
    world, project, wanted, _ = begin(sandbox)
    sandbox.commit(wanted["checkout"], {"x": "x"}, "work")
    pushed = sandbox.command(["git", "push", "origin", "HEAD"], cwd=wanted["checkout"])
    assert pushed.code != 0 and "orch-publishes-this-branch-itself" in pushed.err
    more = sandbox.commit(os.path.join(sandbox.root, "code", "app"), {"y": "y"}, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=os.path.join(sandbox.root, "code", "app"))
    mirror.fetch(world, project)
    sandbox.git("fetch", "-q", cwd=wanted["checkout"])
    assert sandbox.git("rev-parse", "origin/main", cwd=wanted["checkout"]) == more


def test_the_users_checkout_is_byte_identical_afterwards(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"a": "a\n", ".gitignore": ".env\n"})
    sandbox.write(os.path.join(path, "a"), "dirty\n")
    sandbox.write(os.path.join(path, "untracked"), "u\n")
    sandbox.write(os.path.join(path, ".env"), "SECRET=1\n")
    before = tree(path)
    stamps = {name: os.stat(os.path.join(path, ".git", name)).st_mtime_ns for name in ("index", "HEAD", "config")}
    world, _, wanted, _ = begin(sandbox, source=path, copy=[".env", "a"])
    assert files.read_text(os.path.join(wanted["checkout"], ".env")) == "SECRET=1\n"
    assert files.read_text(os.path.join(wanted["checkout"], "a")) == "a\n"
    checkout.clean(world, wanted, wanted["start"] or mirror.default(world, register(sandbox)[1])[1], wanted["checkout"] + ".verify-2")
    trash.remove(world, SLUG, "int-1", wanted["checkout"])
    assert tree(path) == before
    assert stamps == {name: os.stat(os.path.join(path, ".git", name)).st_mtime_ns for name in stamps}


def test_a_retry_goes_on_in_the_same_checkout(sandbox: Sandbox) -> None:
    world, _, wanted, first = begin(sandbox)
    place = wanted["checkout"]
    done = sandbox.commit(place, {"x": "1"}, "first try")
    sandbox.write(os.path.join(place, "x"), "dirty\n")
    sandbox.write(os.path.join(place, "new"), "untracked\n")
    for left in ("index.lock", "HEAD.lock", "refs/heads/task-int-1-fix-it.lock"):
        sandbox.write(os.path.join(place, ".git", left), "")
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.commit(path, {"y": "y"}, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    again = checkout.prepare(world, spec(world, number=2, base=first["base"]))
    assert (again["base"], again["start"]) == (first["base"], done)
    assert status(sandbox, place) == " M x\n?? new"
    sandbox.git("commit", "-q", "-a", "-m", "no lock is left", cwd=place)
    # the record may have lost the base, when the first attempt died before it could be taken in
    assert checkout.prepare(world, spec(world, number=3))["base"] == first["base"]


@pytest.mark.parametrize("link", ["refs", "refs/heads", "refs/mine"])
def test_a_retry_takes_no_lock_file_for_gits_that_a_link_leads_to(sandbox: Sandbox, link: str) -> None:
    """Cargo.lock and yarn.lock of the user lie where an agent's link points; what is no file in .git is no lock either."""
    world, _, wanted, first = begin(sandbox)
    inner, theirs = os.path.join(wanted["checkout"], ".git"), os.path.join(sandbox.home, "code")
    for name in ("Cargo.lock", "deep/er/yarn.lock"):
        sandbox.write(os.path.join(theirs, name), "theirs\n")
    before, place = tree(theirs), os.path.join(inner, link)
    sandbox.git("checkout", "-q", "--detach", cwd=wanted["checkout"])
    if os.path.isdir(place):
        os.rename(place, os.path.join(sandbox.root, "away"))
    os.symlink(theirs, place)
    os.symlink(os.path.join(theirs, "Cargo.lock"), os.path.join(inner, "x.lock"))
    os.mkdir(os.path.join(inner, "zz.lock"))
    sandbox.write(os.path.join(inner, "index.lock"), "")
    again = checkout.prepare(world, spec(world, number=2, base=first["base"]))
    assert again["start"] == first["start"]
    assert tree(theirs) == before
    assert not os.path.exists(os.path.join(inner, "index.lock"))


def test_a_checkout_whose_git_directory_is_a_link_is_not_used_again(sandbox: Sandbox) -> None:
    world, _, wanted, first = begin(sandbox)
    inner, theirs = os.path.join(wanted["checkout"], ".git"), os.path.join(sandbox.home, "code")
    os.rename(inner, theirs)
    os.symlink(theirs, inner)
    sandbox.write(os.path.join(theirs, "Cargo.lock"), "theirs\n")
    before = tree(theirs)
    checkout.prepare(world, spec(world, number=2, base=first["base"]))
    assert tree(theirs) == before and os.path.isdir(inner) and not os.path.islink(inner)


def test_a_given_start_and_base_are_kept(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    base = sandbox.git("rev-parse", "main", cwd=path)
    world, project = register(sandbox)
    found = mirror.ensure(world, project)
    head = sandbox.commit(path, {"x": "x"}, "kept earlier")
    sandbox.git("fetch", "-q", path, "main:refs/orch/keep/int-1/1", cwd=found)
    sandbox.git("reset", "-q", "--hard", "HEAD~1", cwd=path)
    sandbox.commit(path, {"y": "y"}, "the default moves on")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    prepared = checkout.prepare(world, spec(world, start=head))
    assert (prepared["base"], prepared["start"]) == (base, head)
    with pytest.raises(IOFailed):
        checkout.prepare(world, spec(world, "int-2", start="1" * 40))
    assert os.listdir(os.path.join(world.home.worktrees, SLUG)) == ["task-int-1-fix-it"]


def test_what_cannot_be_used_goes_to_the_trash_first(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    lost = sandbox.commit(place, {"x": "1"}, "work")
    sandbox.write(os.path.join(place, "untracked"), "u\n")
    sandbox.git("checkout", "-q", "--orphan", "unborn", cwd=place)
    again = checkout.prepare(world, spec(world, number=2))
    assert again["start"] == prepared["base"] and status(sandbox, place) == ""
    item = trash.items(world, SLUG, "int-1")[0]
    assert sandbox.git("show", f"{item.commit}:files/untracked", cwd=wanted["mirror"]) == "u"
    assert sandbox.git("merge-base", "--is-ancestor", lost, item.commit, cwd=wanted["mirror"]) == ""


@pytest.mark.parametrize("damage", ["no .git", "a file", "no HEAD", "no alternates", "a link"])
def test_what_cannot_even_be_read_is_moved_aside(sandbox: Sandbox, damage: str) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.write(os.path.join(place, "mine"), "m\n")
    if damage == "no .git":
        os.rename(os.path.join(place, ".git"), os.path.join(place, "git"))
    elif damage == "a file":
        os.rename(place, place + ".away")
        sandbox.write(place, "a file\n")
    elif damage == "no HEAD":
        os.unlink(os.path.join(place, ".git", "HEAD"))
    elif damage == "no alternates":
        os.unlink(os.path.join(place, ".git", "objects", "info", "alternates"))
    else:
        os.rename(place, place + ".away")
        os.symlink(os.path.join(sandbox.root, "code", "app"), place)
    again = checkout.prepare(world, spec(world, number=2))
    assert again["start"] == prepared["base"] and status(sandbox, place) == ""
    aside = [name for name in os.listdir(os.path.dirname(place)) if ".bad-" in name]
    removed = trash.items(world, SLUG, "int-1")
    assert (len(aside), len(removed)) == ((0, 1) if damage == "no alternates" else (1, 0))
    assert os.path.isdir(os.path.join(sandbox.root, "code", "app", ".git"))


def test_the_network_matters_only_to_what_has_not_begun(sandbox: Sandbox) -> None:
    world, _, _, prepared = begin(sandbox)
    register(sandbox, "https://localhost:1/app.git")
    again = checkout.prepare(world, spec(world, number=2, base=prepared["base"]))
    assert again["base"] == prepared["base"]
    with pytest.raises(TryLater):
        checkout.prepare(world, spec(world, "int-2"))
    assert checkout.prepare(world, spec(world, "int-2", fetch=False))["base"] == prepared["base"]


def _reached(folder: str, most: int, child: subprocess.Popen[bytes]) -> bool:
    return sum(len(names) for _, _, names in os.walk(folder)) > most or child.poll() is not None


def test_a_kill_at_any_moment_leaves_a_good_checkout_or_none(sandbox: Sandbox) -> None:
    sandbox.repo(files={f"f{number}": "x\n" for number in range(50)})
    world, _ = register(sandbox)
    wanted = spec(world)
    files.replace_json(os.path.join(sandbox.root, "spec.json"), dict(wanted))
    code = (
        "import os, sys, json; from orch.host import world; from orch.flow import checkout\n"
        "checkout.prepare(world.build(os.environ, '/'), json.load(open(sys.argv[1])))"
    )
    folder = os.path.dirname(wanted["checkout"])
    for number in range(6):
        child = subprocess.Popen([sys.executable, "-c", code, os.path.join(sandbox.root, "spec.json")],
                                 env={**sandbox.env, "PYTHONPATH": CHECKOUT})  # fmt: skip
        sandbox.wait_for(partial(_reached, folder, number * 15, child))
        child.kill()
        child.wait()
        assert not os.path.exists(wanted["checkout"]) or len(os.listdir(wanted["checkout"])) == 51
    sandbox.wait_for(lambda: not sandbox.processes())
    checkout.prepare(world, wanted)
    assert status(sandbox, wanted["checkout"]) == "" and os.listdir(folder) == [os.path.basename(wanted["checkout"])]


def test_a_clean_checkout_is_of_one_commit_and_thrown_away(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"a": "1\n"})
    sandbox.write(os.path.join(path, ".env.local"), "E=1\n")
    world, _, wanted, prepared = begin(sandbox, source=path, copy=[".env.local"])
    sha = sandbox.commit(wanted["checkout"], {"a": "2\n"}, "work")
    mirror.keep(world, SLUG, "int-1", "1-work", wanted["checkout"], wanted["branch"])
    folder = wanted["checkout"] + ".verify-2"
    sandbox.write(os.path.join(folder, "left", "over"), "x")
    os.chmod(os.path.join(folder, "left"), 0o500)
    for commit, content in ((sha, "2\n"), (prepared["base"], "1\n")):
        checkout.clean(world, wanted, commit, folder)
        assert files.read_text(os.path.join(folder, "a")) == content and files.read_text(os.path.join(folder, ".env.local")) == "E=1\n"
        assert status(sandbox, folder) == "" and not os.path.exists(os.path.join(folder, "left"))
        assert sandbox.git("rev-parse", "HEAD", cwd=folder) == commit
    with pytest.raises(IOFailed):
        checkout.clean(world, wanted, "1" * 40, folder)
    assert not os.path.exists(folder)


def test_nothing_of_the_agents_runs_when_its_checkout_is_used_again(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.write(os.path.join(path, ".env"), "E=1\n")
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    ran = poison(sandbox, place)
    sly(sandbox, place, "commit", "-q", "--allow-empty", "-m", "work")
    if os.path.exists(ran):
        os.unlink(ran)
    again = checkout.prepare(world, spec(world, number=2, source=path, copy=[".env"]))
    assert again["start"] != prepared["start"] and again["base"] == prepared["base"]
    assert files.read_text(os.path.join(place, ".env")) == "E=1\n"
    assert not os.path.exists(ran)


# submodules


def with_submodule(sandbox: Sandbox, gitmodules: str, path: str = "lib") -> None:
    """The project `app`, which holds `lib` at a relative URL, and an origin for both."""
    library = sandbox.repo("lib", {"l": "1\n"})
    app = sandbox.repo(files={".gitmodules": gitmodules})
    sandbox.git("update-index", "--add", "--cacheinfo", "160000", sandbox.git("rev-parse", "HEAD", cwd=library), path, cwd=app)
    sandbox.git("commit", "-q", "-m", "with a submodule", cwd=app)
    sandbox.git("push", "-q", "origin", "main", cwd=app)
    sandbox.git("config", "--global", "protocol.file.allow", "always")


def test_a_relative_submodule_is_beside_the_projects_origin(sandbox: Sandbox) -> None:
    url = "../" + os.path.basename(sandbox.remote("lib"))
    with_submodule(sandbox, f'[submodule "lib"]\n\tpath = lib\n\turl = {url}\n')
    world, _, wanted, _ = begin(sandbox)
    place = wanted["checkout"]
    sandbox.git("submodule", "--quiet", "update", cwd=place)
    assert os.listdir(os.path.join(place, "lib")) == []  # nobody has asked for it
    sandbox.git("submodule", "--quiet", "update", "--init", "--recursive", cwd=place)
    assert files.read_text(os.path.join(place, "lib", "l")) == "1\n"
    assert sandbox.git("remote", "get-url", "origin", cwd=os.path.join(place, "lib")) == sandbox.remote("lib")
    assert status(sandbox, place) == ""
    trash.remove(world, SLUG, "int-1", place)
    for folder in (trash.undo(world, SLUG, "int-1"), place + ".verify-2"):
        if folder != place:
            checkout.clean(world, wanted, sandbox.git("rev-parse", "HEAD", cwd=place), folder)
        assert sandbox.git("config", "submodule.lib.url", cwd=folder) == sandbox.remote("lib")


def test_hostile_names_and_urls_of_submodules_set_nothing_else(sandbox: Sandbox) -> None:
    hostile = (
        '[submodule "a\\"]\\n[core] fsmonitor = x"]\n\turl = "../x\\"\\\\ #;"\n'
        '[submodule "b"]\n\turl = "../y\\n[core]\\n\\tfsmonitor = z"\n'
        '[submodule "c"]\n\turl = https://example.org/c\n[core]\n\tfsmonitor = evil\n[include]\n\tpath = more\n'
    )
    sandbox.repo(files={".gitmodules": hostile})
    _, _, wanted, _ = begin(sandbox)
    told = sandbox.git("config", "--local", "--list", "-z", cwd=wanted["checkout"]).split("\0")
    names = [each.split("\n")[0] for each in told]
    assert "core.fsmonitor" not in names and "include.path" not in names
    set_ = [each for each in told if each.startswith("submodule.")]
    beside = os.path.dirname(sandbox.remote())
    assert set_ == ['submodule.a"]n[core] fsmonitor = x.active\nfalse', f'submodule.a"]n[core] fsmonitor = x.url\n{beside}/x"\\ #;']


# the copy list


def source(sandbox: Sandbox) -> tuple[str, str]:
    root, target = os.path.join(sandbox.root, "source"), os.path.join(sandbox.root, "target")
    sandbox.git("init", "-q", target)
    for name in (".env", ".env.local", "deep/er/file", "deep/.hidden", ".git/config", "sub/.git/config", "sub/x", "README"):
        sandbox.write(os.path.join(root, name), name + "\n")
    sandbox.write("outside/secret", "secret\n")
    return root, target


@pytest.mark.parametrize(("patterns", "copied"), [
    ([".env.local"], {".env.local"}),
    ([".env*"], {".env", ".env.local"}),
    (["deep"], {"deep/er/file", "deep/.hidden"}),
    (["deep/"], {"deep/er/file", "deep/.hidden"}),
    (["deep/**"], {"deep/er/file", "deep/.hidden"}),
    (["**/file"], {"deep/er/file"}),
    (["**"], {".env", ".env.local", "deep/er/file", "deep/.hidden", "sub/x", "README"}),
    ([".git", ".git/config", "sub/.git", "sub/.git/config"], set()),
    (["none", "deep/none*"], set()),
    (["sub"], {"sub/x"}),
])  # fmt: skip
def test_what_a_pattern_means(sandbox: Sandbox, patterns: list[str], copied: set[str]) -> None:
    root, target = source(sandbox)
    assert set(copies.copy(root, patterns, target)) == copied
    assert {name: content for name, (_, content) in tree(target).items() if not name.startswith(".git/")} == {
        name: name.encode() + b"\n" for name in copied
    }
    assert status(sandbox, target) == ""  # .git/info/exclude names them
    assert copies.copy(root, patterns, target) == []


@pytest.mark.parametrize("pattern", ["../outside/secret", "/etc/passwd", "deep/../../outside", "..", "", "a\0b"])
def test_a_pattern_that_leads_outside_is_bad_configuration(sandbox: Sandbox, pattern: str) -> None:
    root, target = source(sandbox)
    with pytest.raises(BadConfig, match=r"workflow\.copy"):
        copies.copy(root, [".env", pattern], target)
    assert not os.path.exists(os.path.join(target, ".env"))


def test_links_are_copied_only_when_they_stay_inside(sandbox: Sandbox) -> None:
    root, target = source(sandbox)
    outside = os.path.join(sandbox.root, "outside")
    for name, aim in {"in": "deep/er/file", "abs": root + "/README", "out": outside + "/secret", "up": "../outside/secret",
                      "dir": outside, "inner": "deep", "dangling": "nothing"}.items():  # fmt: skip
        os.symlink(aim, os.path.join(root, name))
    os.mkfifo(os.path.join(root, "pipe"))
    done = copies.copy(root, ["*", "dir/*", "dir/secret", "inner/er/file"], target)
    assert "secret\n" not in [content.decode() for name, (_, content) in tree(target).items()]
    assert {"in", "abs", "inner", "dangling", "inner/er/file"} & set(done) == {"in", "abs", "inner", "dangling"}
    assert os.readlink(os.path.join(target, "in")) == "deep/er/file"
    assert not os.path.islink(os.path.join(target, "abs")) and files.read_text(os.path.join(target, "abs")) == "README\n"
    assert not {"out", "up", "dir", "dir/secret", "pipe"} & set(os.listdir(target))


def test_a_copy_is_never_written_through_a_link_of_the_repository(sandbox: Sandbox) -> None:
    root, target = source(sandbox)
    os.symlink(os.path.join(sandbox.root, "outside"), os.path.join(target, "deep"))
    os.symlink(os.path.join(sandbox.root, "outside", "new"), os.path.join(target, ".env"))
    assert set(copies.copy(root, ["deep", ".env", ".env.local"], target)) == {".env.local"}
    assert os.listdir(os.path.join(sandbox.root, "outside")) == ["secret"]
    os.rename(os.path.join(target, ".git", "info"), os.path.join(sandbox.root, "info"))
    os.symlink(os.path.join(sandbox.root, "info"), os.path.join(target, ".git", "info"))
    before = tree(os.path.join(sandbox.root, "info"))
    copies.copy(root, ["README"], target)
    assert tree(os.path.join(sandbox.root, "info")) == before


def test_tracked_files_are_not_replaced_even_when_the_agent_deleted_them(sandbox: Sandbox) -> None:
    path = sandbox.repo(files={"tracked": "1\n"})
    world, _, wanted, _ = begin(sandbox)
    os.unlink(os.path.join(wanted["checkout"], "tracked"))
    sandbox.write(os.path.join(path, "tracked"), "user's\n")
    checkout.prepare(world, spec(world, number=2, source=path, copy=["tracked", "*"]))
    assert not os.path.exists(os.path.join(wanted["checkout"], "tracked"))


def test_modes_are_kept(sandbox: Sandbox) -> None:
    root, target = source(sandbox)
    os.chmod(os.path.join(root, ".env"), 0o600)
    sandbox.write(os.path.join(root, "tool"), "#!/bin/sh\n", 0o755)
    copies.copy(root, [".env", "tool"], target)
    assert [os.stat(os.path.join(target, name)).st_mode & 0o777 for name in (".env", "tool")] == [0o600, 0o755]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(alphabet="ab *?[]\\!# é'\"", min_size=1, max_size=8).filter(lambda each: each.strip(" .") == each and each))
def test_an_exclude_line_means_just_that_file(sandbox: Sandbox, name: str) -> None:
    import glob
    import tempfile

    root, target = tempfile.mkdtemp(dir=sandbox.root), tempfile.mkdtemp(dir=sandbox.root)
    sandbox.git("init", "-q", target)
    sandbox.write(os.path.join(root, name), "x")
    assert copies.copy(root, [glob.escape(name)], target) == [name]
    sandbox.write(os.path.join(target, "aaaaaaaaaaaa"), "y")
    assert status(sandbox, target) == "?? aaaaaaaaaaaa"
