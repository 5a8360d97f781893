from __future__ import annotations

import functools
import os
import re
import threading

import pytest

from orch.core import names
from orch.core.task import Change
from orch.errors import BadData, Exists, NotAllowed, NotFound, OrchError, Usage
from orch.flow import project, repository
from orch.host import files, lock
from orch.host.world import World
from orch.stores import local
from tests import life
from tests.house import source
from tests.sandbox import Sandbox


def at(sandbox: Sandbox, cwd: str, **env: str) -> World:
    return sandbox.world(**env)._replace(cwd=cwd)


def bare_of(sandbox: Sandbox, path: str, name: str) -> str:
    """Give a checkout an origin at root/remotes/<name>.git, as a server would have it."""
    bare = os.path.join(sandbox.root, "remotes", name + ".git")
    sandbox.git("clone", "-q", "--bare", path, bare)
    return bare


def served(sandbox: Sandbox, path: str, url: str, name: str) -> None:
    """Make url the origin of a checkout, and lead git from url to a repository on this disk."""
    bare = bare_of(sandbox, path, name)
    sandbox.git("remote", "remove", "origin", cwd=path) if sandbox.git("remote", cwd=path) else None
    sandbox.git("remote", "add", "origin", url, cwd=path)
    sandbox.git("config", "--global", f"url.{bare}.insteadOf", url)


def tree(path: str) -> dict[str, tuple[int, int]]:
    """Every file below path with its size and time of change: what must not be different afterwards."""
    found = {}
    for folder, _, inside in os.walk(path):
        for name in inside:
            info = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = (info.st_size, info.st_mtime_ns)
    return found


# --- what is pointed at


def test_a_checkout_without_a_remote(sandbox: Sandbox) -> None:
    path = sandbox.repo("app", remote=False)
    os.mkdir(path + "/sub")
    for where in (path, path + "/sub", path + "/.git"):
        assert repository.look(sandbox.world(), where) == (path, path, "local/app")


def test_a_checkout_with_a_remote_on_this_disk(sandbox: Sandbox) -> None:
    path = sandbox.repo("app")
    assert repository.look(sandbox.world(), path) == (path, sandbox.remote("app"), "local/app")
    sandbox.git("remote", "set-url", "origin", "../../remotes/app.git", cwd=path)
    assert repository.look(sandbox.world(), path) == (path, sandbox.remote("app"), "local/app")
    sandbox.git("remote", "set-url", "origin", f"file://{sandbox.remote('app')}", cwd=path)
    assert repository.look(sandbox.world(), path) == (path, sandbox.remote("app"), "local/app")


@pytest.mark.parametrize("url", ["https://github.com/acme/app.git", "git@github.com:acme/app.git", "ssh://git@github.com/acme/app"])
def test_a_checkout_with_a_server(sandbox: Sandbox, url: str) -> None:
    path = sandbox.repo("x", remote=False)
    sandbox.git("remote", "add", "upstream", url, cwd=path)
    assert repository.look(sandbox.world(), path) == (path, url, "acme/app")  # the only remote there is
    sandbox.git("remote", "add", "other", "https://github.com/else/where", cwd=path)
    assert repository.look(sandbox.world(), path) == (path, path, "local/x")  # which of the two is a guess
    sandbox.git("remote", "rename", "upstream", "origin", cwd=path)
    assert repository.look(sandbox.world(), path) == (path, url, "acme/app")


def test_a_linked_worktree_stands_for_its_main_one(sandbox: Sandbox) -> None:
    path = sandbox.repo("app", remote=False)
    sandbox.git("worktree", "add", "-q", sandbox.root + "/side", cwd=path)
    assert repository.look(sandbox.world(), sandbox.root + "/side") == (path, path, "local/app")


def test_a_bare_repository(sandbox: Sandbox) -> None:
    bare = bare_of(sandbox, sandbox.repo("app", remote=False), "srv")
    assert repository.look(sandbox.world(), bare) == (None, bare, "local/srv")


def test_what_is_no_repository(sandbox: Sandbox) -> None:
    world = sandbox.world()
    os.mkdir(sandbox.root + "/plain")
    with pytest.raises(BadData, match="not a git repository") as caught:
        repository.look(world, sandbox.root + "/plain")
    assert "git init" in caught.value.hint
    sandbox.git("init", "-q", sandbox.root + "/empty")
    with pytest.raises(BadData, match="nothing is committed") as caught:
        repository.look(world, sandbox.root + "/empty")
    assert "commit" in caught.value.hint
    with pytest.raises(NotFound):
        repository.look(world, sandbox.root + "/nowhere")


def test_orchs_own_repositories_are_no_projects(sandbox: Sandbox) -> None:
    world = sandbox.world()
    path = os.path.join(world.home.worktrees, "acme/app/task-int-1")
    sandbox.git("init", "-q", path)
    with pytest.raises(NotAllowed, match="belongs to orch"):
        repository.look(world, path)


@pytest.mark.parametrize(
    ("what", "source"),
    [
        ("acme/app", (None, "https://github.com/acme/app.git", "acme/app")),
        ("acme/app.git", (None, "https://github.com/acme/app.git", "acme/app")),
        ("https://github.com/acme/app", (None, "https://github.com/acme/app", "acme/app")),
        ("ssh://git@[::1]:22/acme/app", (None, "ssh://git@[::1]:22/acme/app", "acme/app")),
        ("git@github.com:acme/app.git", (None, "git@github.com:acme/app.git", "acme/app")),
        ("https://example.org/", (None, "https://example.org/", None)),
    ],
)
def test_addresses(sandbox: Sandbox, what: str, source: tuple[str | None, str, str]) -> None:
    assert repository.read(sandbox.world(), what) == source


@pytest.mark.parametrize(
    "what", ["", "app", "./acme/app", "/nowhere", "a/b/c", "~/x/y", "../x", "acme /app", "-x/y", "ext::sh -c x/y", "ext::sh/y", "a b:c/d"]
)
def test_what_is_no_address(sandbox: Sandbox, what: str) -> None:
    with pytest.raises((NotFound, BadData)):
        repository.read(sandbox.world(), what)


def test_a_directory_wins_over_an_address(sandbox: Sandbox) -> None:
    path = sandbox.repo("acme/app", remote=False)
    assert repository.read(at(sandbox, sandbox.root + "/code"), "acme/app") == (path, path, "local/app")


def test_no_project_lies_on_top_of_a_file_of_orchs_own() -> None:
    """Each name directly below .orch that the program mentions is reserved, so that no owner can have it."""
    found = [re.findall(r'\bstate\("([^"]+)"', source.read(name)) for name in source.files("orch/*.py")]
    used = {each for some in found for each in some}
    assert len(used) > 8 and used <= names.RESERVED


# --- add


def test_add_makes_a_record_and_a_mirror(sandbox: Sandbox) -> None:
    path = sandbox.repo("app")
    world = sandbox.world(ORCH_TEST_NOW="2026-11-20T10:00:00Z")
    before = tree(path)
    record = project.add(world, path)
    assert record == {
        "v": 1, "slug": "local/app", "path": path, "origin": sandbox.remote("app"), "default_branch": None,
        "added_at": "2026-11-20T10:00:00.000Z",
    }  # fmt: skip
    assert project.get(world, "local/app") == record and project.slugs(world) == ["local/app"]
    assert sandbox.git("rev-parse", "refs/heads/main", cwd=world.home.mirror("local/app")) == sandbox.git("rev-parse", "HEAD", cwd=path)
    assert tree(path) == before
    assert project.register(sandbox.world(), path).how == "known"
    assert project.get(world, "local/app") == record


def test_another_repository_of_the_same_name(sandbox: Sandbox) -> None:
    one, other = sandbox.repo("a/app", remote=False), sandbox.repo("b/app", remote=False)
    world = sandbox.world()
    project.add(world, one)
    with pytest.raises(Exists) as caught:
        project.add(world, other)
    assert "--name owner/repo" in caught.value.hint and one in caught.value.message
    with pytest.raises(Exists):
        project.add(world, other, "Local/App")  # the same name on a disk that folds case
    project.add(world, other, "team-b/app")
    assert project.slugs(world) == ["local/app", "team-b/app"]
    with pytest.raises(Exists, match="is the project team-b/app already"):
        project.add(world, other, "team-c/app")
    with pytest.raises(BadData):
        project.add(world, one, "../evil")


def test_same_names_of_different_owners(sandbox: Sandbox) -> None:
    world = sandbox.world()
    for owner in ("acme", "umbrella"):
        path = sandbox.repo(owner + "/app", {"WHO": owner}, remote=False)
        served(sandbox, path, f"https://example.org/{owner}/app.git", owner)
        project.add(world, path)
    assert project.slugs(world) == ["acme/app", "umbrella/app"]
    for owner in ("acme", "umbrella"):
        assert sandbox.git("show", "main:WHO", cwd=world.home.mirror(owner + "/app")) == owner


def test_a_project_of_a_url_gets_a_checkout_later(sandbox: Sandbox) -> None:
    world, url = sandbox.world(), "https://example.org/acme/app.git"
    path = sandbox.repo("app", remote=False)
    served(sandbox, path, url, "srv")
    assert project.add(world, url)["path"] is None
    added = project.register(world, path)
    assert (added.how, added.project["path"], added.project["slug"]) == ("updated", path, "acme/app")
    assert project.register(world, url).how == "known"
    assert project.get(world, "acme/app")["path"] == path


def test_a_repository_without_a_remote_that_moved_is_the_same_project(sandbox: Sandbox) -> None:
    world, path = sandbox.world(), sandbox.repo("app", remote=False)
    assert project.register(world, path).how == "added"
    other = sandbox.repo("other", {"unlike": "x"}, remote=False)
    os.makedirs(sandbox.root + "/new")
    os.rename(path, sandbox.root + "/gone")
    with pytest.raises(Exists):
        project.register(world, other, "local/app")
    os.rename(sandbox.root + "/gone", sandbox.root + "/new/app")
    assert project.register(world, sandbox.root + "/new/app").how == "updated"
    found = project.get(world, "local/app")
    assert (found["path"], found["origin"]) == (sandbox.root + "/new/app",) * 2
    id = sandbox.orch("task", "add", "x", "--project", "local/app", "-a", "shell", "-b", "echo 1 > new").out.strip()
    assert life.rest(sandbox)[id]["status"] == "done"
    assert life.task(sandbox, id)["branch"] in sandbox.git("branch", "--list", "--format=%(refname:short)", cwd=found["origin"])


def test_a_checkout_that_moved_or_changed_its_origin(sandbox: Sandbox) -> None:
    world, url = sandbox.world(), "https://example.org/acme/app.git"
    path = sandbox.repo("app", remote=False)
    served(sandbox, path, url, "srv")
    project.add(world, path)
    os.rename(path, sandbox.root + "/moved")
    assert project.register(world, sandbox.root + "/moved").how == "updated"
    assert project.get(world, "acme/app")["path"] == sandbox.root + "/moved"
    ssh = "git@example.org:acme/app.git"
    sandbox.git("remote", "set-url", "origin", ssh, cwd=sandbox.root + "/moved")
    sandbox.git("config", "--global", "--add", f"url.{sandbox.remote('srv')}.insteadOf", ssh)
    assert project.register(world, sandbox.root + "/moved").how == "updated"
    assert project.get(world, "acme/app")["origin"] == ssh


def test_a_repository_that_cannot_be_had_leaves_no_project(sandbox: Sandbox) -> None:
    world = sandbox.world()
    path = sandbox.repo("app")
    os.rename(sandbox.remote("app"), sandbox.remote("gone"))
    with pytest.raises(OrchError):
        project.add(world, path)
    assert project.slugs(world) == []


def test_eight_at_once_make_one_project(sandbox: Sandbox) -> None:
    path = sandbox.repo("app", remote=False)
    hows: list[str] = []

    def one() -> None:
        hows.append(project.register(sandbox.world(), path).how)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(hows) == ["added"] + ["known"] * 7
    assert project.slugs(sandbox.world()) == ["local/app"]


def test_the_next_project_of_a_name_has_its_own_commits(sandbox: Sandbox) -> None:
    """A mirror that stayed behind, and what it said about configuration, belong to the repository that is gone."""
    one = sandbox.repo("one/app", {".orch.yml": "workflow: {max_attempts: 9}\n"})
    other, world = sandbox.repo("two/app", {"B": "b"}), sandbox.world()
    project.add(world, one)
    project.remove(world, "local/app")
    project.add(world, other)
    assert sandbox.git("rev-parse", "refs/heads/main", cwd=world.home.mirror("local/app")) == sandbox.git("rev-parse", "HEAD", cwd=other)
    assert not os.path.exists(world.home.project_config("local/app"))


# --- which one is meant


def three(sandbox: Sandbox) -> World:
    world = sandbox.world()
    for slug, path in (("acme/app", "/code/app"), ("acme/lib", "/code/app/lib"), ("umbrella/app", None)):
        files.replace_json(world.home.project(slug), {"v": 1, "slug": slug, "path": path and sandbox.root + path, "origin": "x"})
    return world


@pytest.mark.parametrize(
    ("name", "slug"),
    [("acme/app", "acme/app"), ("ACME/App", "acme/app"), ("lib", "acme/lib"), ("Lib", "acme/lib"), ("umbrella/app", "umbrella/app")],
)
def test_by_name(sandbox: Sandbox, name: str, slug: str) -> None:
    world = three(sandbox)
    assert project.here(world, name) == slug
    assert project.here(at(sandbox, "/", ORCH_PROJECT=name)) == slug
    assert project.here(at(sandbox, "/", ORCH_PROJECT="acme/lib"), name) == slug


@pytest.mark.parametrize(
    ("cwd", "slug"),
    [("/code/app", "acme/app"), ("/code/app/deep/er", "acme/app"), ("/code/app/lib", "acme/lib"), ("/code/app/lib/x", "acme/lib"),
     ("/orch/worktrees/umbrella/app/task-int-1/src", "umbrella/app"), ("/link", "acme/app")],
)  # fmt: skip
def test_by_directory(sandbox: Sandbox, cwd: str, slug: str) -> None:
    three(sandbox)
    os.makedirs(sandbox.root + "/code/app")
    os.symlink("code/app", sandbox.root + "/link")
    assert project.here(at(sandbox, sandbox.root + cwd)) == slug


def test_not_by_anything(sandbox: Sandbox) -> None:
    with pytest.raises(Usage, match="no project yet"):
        project.here(sandbox.world())
    world = three(sandbox)
    with pytest.raises(Usage) as caught:
        project.here(world)
    assert "acme/app, acme/lib, umbrella/app" in caught.value.hint
    with pytest.raises(Usage, match="may be any of acme/app, umbrella/app"):
        project.here(world, "app")
    with pytest.raises(NotFound) as missing:
        project.here(world, "acme/ap")
    assert missing.value.hint == "did you mean acme/app?"
    with pytest.raises(NotFound):
        project.here(at(sandbox, sandbox.root + "/code/app", ORCH_PROJECT="nosuch"))
    assert project.maybe(world) is None
    assert project.maybe(at(sandbox, sandbox.root + "/code/apple")) is None


def test_the_only_one(sandbox: Sandbox) -> None:
    world = sandbox.world()
    files.replace_json(world.home.project("org/.github"), {"v": 1, "slug": "org/.github", "path": None, "origin": "x"})
    assert project.here(world) == "org/.github"
    assert project.maybe(world) is None


def test_foreign_and_broken_files_stop_nobody(sandbox: Sandbox) -> None:
    world = three(sandbox)
    sandbox.write("orch/projects/acme/not a slug.json", "{}")
    sandbox.write("orch/projects/acme/notes.txt", "x")
    sandbox.write("orch/projects/stray.json", "{}")
    sandbox.write("orch/projects/acme/app.json", "{")
    assert project.slugs(world) == ["acme/app", "acme/lib", "umbrella/app"]
    assert project.here(at(sandbox, sandbox.root + "/code/app/lib")) == "acme/lib"
    with pytest.raises(BadData, match="not JSON"):
        project.get(world, "acme/app")
    sandbox.write("orch/projects/acme/app.json", '{"slug": "acme/app"}')
    with pytest.raises(BadData, match="needs an origin"):
        project.get(world, "acme/app")
    with pytest.raises(BadData):
        project.get(world, "../../etc/passwd")


# --- remove


def test_remove_moves_aside(sandbox: Sandbox) -> None:
    path, world = sandbox.repo("app"), sandbox.world()
    project.add(world, path)
    task = local.create(world, "local/app", [{"title": "x"}])[0]
    with pytest.raises(NotAllowed, match="there are open tasks: int-1"):
        project.remove(world, "local/app")
    (old, new), = project.remove(world, "local/app", force=True)
    assert old == world.home.project("local/app") and not os.path.exists(old) and os.path.exists(new)
    assert new.startswith(world.home.state("trash", "local", "app-"))
    assert os.path.isdir(world.home.mirror("local/app"))
    assert project.slugs(world) == []
    with pytest.raises(NotFound):
        project.remove(world, "local/app")
    os.rename(new, old)
    assert project.slugs(world) == ["local/app"] and local.get(world, "local/app", task["id"]) == task
    moves = project.remove(world, "local/app", force=True, purge=True)
    assert [os.path.exists(old) for old, _ in moves] == [False, False] and [os.path.exists(new) for _, new in moves] == [True, True]
    project.add(world, path)
    assert os.path.isdir(world.home.mirror("local/app"))


def test_remove_waits_for_agents(sandbox: Sandbox) -> None:
    path, world = sandbox.repo("app"), sandbox.world()
    project.add(world, path)
    task = local.create(world, "local/app", [{"title": "x"}])[0]
    for move in (Change({"status": "routed"}, "status", "x"), Change({"status": "in_progress"}, "status", "x")):
        local.change(world, "local/app", task["id"], functools.partial(lambda change, _: change, move))
    with pytest.raises(NotAllowed, match="agents are at work on int-1"):
        project.remove(world, "local/app", force=True, purge=True)
    assert project.slugs(world) == ["local/app"]


def test_remove_takes_the_projects_lock(sandbox: Sandbox) -> None:
    world = three(sandbox)
    held = lock.take(world.home.lock("acme/app"))
    assert held is not None
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(project.remove(world, "acme/app")))
    thread.start()
    assert not done and os.path.exists(world.home.project("acme/app"))
    os.close(held)
    thread.join()
    assert done and not os.path.exists(world.home.project("acme/app"))
