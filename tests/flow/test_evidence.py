"""flow/evidence: commits of this attempt and nobody else's, what they change, and what stops publication; from the mirror only."""
from __future__ import annotations

import os
import shutil

from orch.core import evidence as rules
from orch.flow import checkout, evidence, mirror
from orch.host.world import World
from orch.records import Evidence, Prepared, Spec
from tests.gitbox import SLUG, begin, collide, poison, sly, spec
from tests.sandbox import Sandbox

TOKEN = "ghp_" + "q7Zk2mP9xW4vT8nB3cL6dR1sJ5hG0fYaUeIo"


def judge(world: World, wanted: Spec, prepared: Prepared) -> Evidence:
    mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], wanted["checkout"], wanted["branch"])
    return evidence.gather(world, wanted, prepared, {"v": 1, "left_out": [{"path": ".env", "why": "secret"}]})


def theirs(sandbox: Sandbox, files: dict[str, str], message: str = "theirs") -> str:
    path = os.path.join(sandbox.root, "code", "app")
    sha = sandbox.commit(path, files, message)
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    return sha


def test_no_commit_is_no_evidence(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    sandbox.write(os.path.join(wanted["checkout"], "untracked"), "x")
    assert judge(world, wanted, prepared) == {
        "v": 1, "base": prepared["base"], "start": prepared["base"], "head": prepared["base"], "commits": 0, "new_commits": 0, "files": [],
        "nested": [], "protected": [], "secrets": [], "left_out": [{"path": ".env", "why": "secret"}],
    }  # fmt: skip


def test_commits_are_counted_from_the_base_and_from_the_start(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.commit(place, {"a": "1\n", "b": "1\n"}, "one")
    first = sandbox.commit(place, {"a": "2\n"}, "two")
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["new_commits"], found["files"], found["head"]) == (2, 2, ["a", "b"], first)
    again = spec(world, number=2, base=prepared["base"])
    second = checkout.prepare(world, again)
    found = judge(world, again, second)
    assert (found["commits"], found["new_commits"]) == (2, 0)
    sandbox.commit(place, {"c": "1\n"}, "three")
    found = judge(world, again, second)
    assert (found["commits"], found["new_commits"], found["files"]) == (3, 1, ["a", "b", "c"])


def test_what_others_did_is_not_the_agents_work(sandbox: Sandbox) -> None:
    world, project, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    theirs(sandbox, {".github/workflows/ci.yml": "on: push\n", "key": TOKEN + "\n", "lib": "1\n"})
    mirror.fetch(world, project)
    sandbox.git("fetch", "-q", cwd=place)
    sandbox.git("merge", "-q", "origin/main", cwd=place)
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["files"]) == (0, [])  # a fast-forward to what is there is no work
    sandbox.commit(place, {"mine": "1\n"}, "mine")
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["new_commits"], found["files"]) == (1, 1, ["mine"])
    assert (found["protected"], found["secrets"]) == ([], [])
    theirs(sandbox, {"lib": "2\n"}, "more of theirs")
    mirror.fetch(world, project)
    sandbox.git("fetch", "-q", cwd=place)
    sandbox.git("merge", "-q", "--no-edit", "origin/main", cwd=place)
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["files"]) == (2, ["mine"])


def test_rewritten_history_counts_as_what_it_is_now(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    for name in "abc":
        sandbox.commit(place, {name: "1\n"}, name)
    judge(world, wanted, prepared)
    sandbox.git("reset", "-q", "--soft", prepared["base"], cwd=place)
    sandbox.commit(place, {}, "squashed")
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["files"]) == (1, ["a", "b", "c"])
    sandbox.git("checkout", "-q", "--orphan", "fresh", cwd=place)
    sandbox.commit(place, {"d": "1\n"}, "a history of its own")
    sandbox.git("branch", "-q", "-D", wanted["branch"], cwd=place)
    found = judge(world, wanted, prepared)
    assert (found["commits"], found["files"]) == (1, ["a", "b", "c", "d"])


def test_what_was_taken_out_of_the_default_branch_is_looked_through_again(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    theirs(sandbox, {"key": TOKEN + "\n"}, "leak")
    world, project, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.commit(place, {"mine": "1\n"}, "mine")
    assert judge(world, wanted, prepared)["secrets"] == []
    sandbox.git("reset", "-q", "--hard", "HEAD~1", cwd=path)
    sandbox.git("push", "-q", "-f", "origin", "main", cwd=path)
    tip = theirs(sandbox, {"lib": "1\n"})
    mirror.fetch(world, project)
    found = judge(world, wanted, prepared)
    assert (found["base"], found["commits"], [each["path"] for each in found["secrets"]]) == (prepared["base"], 1, ["key"])
    sandbox.git("fetch", "-q", cwd=place)
    sandbox.git("rebase", "-q", "--onto", "origin/main", prepared["base"], cwd=place)
    found = judge(world, wanted, prepared)
    assert (found["base"], found["commits"], found["files"], found["secrets"]) == (tip, 1, ["mine"], [])


def test_protected_paths_and_secrets_are_named(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.commit(place, {".github/workflows/ci.yml": "on: push\n", "src/conf.py": f"T = '{TOKEN}'\n", "deploy/.env": "A=1\n"}, "careless")
    found = judge(world, wanted, prepared)
    assert found["protected"] == [".github/workflows/ci.yml"]
    assert sorted(each["path"] for each in found["secrets"]) == ["deploy/.env", "src/conf.py"]
    assert "src/conf.py (a GitHub token)" in str(rules.objection(found))


def test_a_secret_that_a_later_commit_takes_out_is_published_all_the_same(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.commit(place, {"conf": TOKEN + "\n"}, "careless")
    sandbox.git("rm", "-q", "conf", cwd=place)
    sandbox.commit(place, {"x": "1\n"}, "cleaned up")
    found = judge(world, wanted, prepared)
    assert (found["files"], found["secrets"]) == (["x"], [{"path": "conf", "what": "a GitHub token"}])


def test_a_repository_that_was_committed_without_its_files_is_named(sandbox: Sandbox) -> None:
    sandbox.git("config", "--global", "protocol.file.allow", "always")
    library = sandbox.repo("lib")
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    for name in ("app", "deep/two"):
        sandbox.git("init", "-q", os.path.join(place, name))
        sandbox.commit(os.path.join(place, name), {"index.js": "1\n"}, "inside")
    sandbox.git("submodule", "--quiet", "add", library, "vendor/lib", cwd=place)
    sandbox.commit(place, {"README.md": "more\n"}, "all of it")
    found = judge(world, wanted, prepared)
    assert found["nested"] == ["app", "deep/two"] and "vendor/lib" in found["files"]
    sandbox.git("rm", "-q", "--cached", "app", "deep/two", cwd=place)
    for name in ("app", "deep/two"):
        shutil.rmtree(os.path.join(place, name, ".git"))
    sandbox.commit(place, {}, "its files")
    found = judge(world, wanted, prepared)
    assert found["nested"] == [] and "deep/two/index.js" in found["files"]


def test_a_project_that_holds_repositories_without_naming_them_goes_on_so(sandbox: Sandbox) -> None:
    path = sandbox.repo()
    sandbox.git("init", "-q", os.path.join(path, "app"))
    sandbox.commit(os.path.join(path, "app"), {"x": "1\n"}, "inside")
    sandbox.commit(path, {}, "on purpose")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    world, _, wanted, prepared = begin(sandbox)
    sandbox.git("update-index", "--cacheinfo", "160000", prepared["base"], "app", cwd=wanted["checkout"])
    sandbox.git("commit", "-q", "-m", "newer", cwd=wanted["checkout"])
    found = judge(world, wanted, prepared)
    assert (found["files"], found["nested"]) == (["app"], [])


def test_secrets_in_binary_files_are_seen(sandbox: Sandbox) -> None:
    world, project, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    sandbox.commit(place, {"app.db": f"SQLite\0 token {TOKEN}\0\n", "image.png": "\x89PNG\0\0\0", "old.db": "\0" * 200_000}, "binary")
    mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], place, wanted["branch"])
    assert judge(world, wanted, prepared)["secrets"] == [{"path": "app.db", "what": "a GitHub token"}]
    theirs = f"{sandbox.root}/code/app"
    base = sandbox.commit(theirs, {"old.db": "\0" * 200_000}, "theirs")
    sandbox.git("push", "-q", cwd=theirs)
    mirror.fetch(world, project)
    sandbox.git("reset", "-q", "--hard", base, cwd=place)
    sandbox.git("rm", "-q", "old.db", cwd=place)
    sandbox.commit(place, {"x": "\0x"}, "removing one costs nothing")
    mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], place, wanted["branch"])
    assert evidence.gather(world, wanted, {**prepared, "base": base}, {"v": 1}, most=10_000)["secrets"] == []


def test_a_binary_file_that_a_merge_made_needs_a_person(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    collide(sandbox, place, "f", "\0 1\n", "\0 2\n")
    sandbox.commit(place, {"f": f"\0 {TOKEN}\n"}, "resolved, and more")
    assert [each["path"] for each in judge(world, wanted, prepared)["secrets"]] == ["f"]


def test_what_a_merge_itself_brings_in_is_seen(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    collide(sandbox, place, "f", "1\n", "2\n")
    sandbox.commit(place, {"f": f"1\n{TOKEN}\n"}, "resolved, and more")
    assert judge(world, wanted, prepared)["secrets"] == [{"path": "f", "what": "a GitHub token"}]


def test_values_of_our_own_environment_are_known(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    sandbox.commit(wanted["checkout"], {"f": "the password is tr0ub4dor and three\n"}, "leak")
    wanted["env"] = {"DB_PASSWORD": "tr0ub4dor and three", "ORCH_RESULT": "/x"}
    assert judge(world, wanted, prepared)["secrets"] == [{"path": "f", "what": "the value of $DB_PASSWORD"}]


def test_the_agents_attributes_and_config_neither_run_nor_hide_anything(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    place = wanted["checkout"]
    ran = poison(sandbox, place)
    sandbox.write(os.path.join(place, ".gitattributes"), "* binary -diff filter=evil diff=evil merge=evil\n")
    sandbox.write(os.path.join(place, "conf"), TOKEN + "\n")
    sandbox.write(os.path.join(place, ".git", "info", "attributes"), "")
    sly(sandbox, place, "add", "-A")
    sly(sandbox, place, "commit", "-q", "-m", "hidden")
    sandbox.git("config", "--global", "diff.external", os.path.join(sandbox.root, "evil"))
    sandbox.git("config", "--global", "log.showSignature", "true")
    sandbox.git("config", "--global", "diff.noprefix", "true")
    sandbox.git("config", "--global", "diff.renames", "copies")
    sandbox.git("config", "--global", "format.pretty", "oneline")
    if os.path.exists(ran):
        os.unlink(ran)
    found = judge(world, wanted, prepared)
    assert found["secrets"] == [{"path": "conf", "what": "a GitHub token"}] and ".gitattributes" in found["files"]
    assert not os.path.exists(ran)


def test_more_than_can_be_looked_through_needs_a_person(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    sandbox.commit(wanted["checkout"], {"big": "x\n" * 10_000}, "much")
    sandbox.commit(wanted["checkout"], {"big": "y\n" * 10_000}, "once more")
    mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], wanted["checkout"], wanted["branch"])
    found = evidence.gather(world, wanted, prepared, {"v": 1}, most=100_000)
    assert (found["commits"], found["new_commits"], found["files"]) == (2, 2, ["big"])
    assert rules.objection(found) is None
    found = evidence.gather(world, wanted, prepared, {"v": 1}, most=10_000)
    assert "not looked through" in str(rules.objection(found))
