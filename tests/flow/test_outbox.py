"""flow/outbox and flow/push: each act is done once however often it is tried, and says why when it is not."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from orch.errors import BadData, NotFound, TryLater
from orch.flow import mirror, outbox, push
from orch.host import files, lock
from orch.host.proc import Silence
from orch.host.world import World
from orch.records import Act
from orch.stores import local
from tests.gitbox import SLUG, begin, poison, register
from tests.sandbox import CHECKOUT, Sandbox

T0 = "2026-01-01T00:00:00Z"


def act(sha: str, ref: str = "refs/heads/task-int-1-fix-it", expect: str | None = None, **more: Any) -> Act:
    made: Act = {
        "v": 1, "key": f"push-{sha[:8]}-{abs(hash((ref, expect))) % 1000}", "kind": "push", "project": SLUG, "task": "int-1",
        "created_at": T0, "not_before": None, "tries": 0, "sha": sha, "ref": ref, "expect": expect,
    }  # fmt: skip
    made.update(more)  # type: ignore[typeddict-item]
    return made


def kept(sandbox: Sandbox, files: dict[str, str] | None = None) -> tuple[World, str, str]:
    """A commit of an attempt, kept in the mirror: (world, its SHA, the base's)."""
    world, _, wanted, prepared = begin(sandbox)
    sandbox.commit(wanted["checkout"], {"x": "1\n"} if files is None else files, "work")
    sha = mirror.keep(world, SLUG, wanted["task"], wanted["attempt"], wanted["checkout"], wanted["branch"])
    return world, str(sha), prepared["base"]


def remote(sandbox: Sandbox, ref: str = "refs/heads/task-int-1-fix-it") -> str:
    return sandbox.command(["git", "rev-parse", "--verify", "-q", ref], cwd=sandbox.remote()).out.strip()


def at(world: World, time: str) -> World:
    return world._replace(env={**world.env, "ORCH_TEST_NOW": time})


def waiting(world: World) -> list[str]:
    return [one["key"] for one in outbox.pending(world, SLUG)]


def test_a_push_is_done_and_filed(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    one = act(sha)
    outbox.put(world, one)
    assert waiting(world) == [one["key"]]
    done = outbox.deliver(world, SLUG)
    assert remote(sandbox) == sha
    assert (done[0]["result"], done[0]["error"], done[0]["tries"]) == ("pushed", None, 1) and done[0]["sent_at"]
    assert waiting(world) == [] and files.read_json(os.path.join(world.home.outbox(SLUG), "sent", one["key"] + ".json")) == done[0]
    outbox.put(world, one)
    assert outbox.deliver(world, SLUG) == [] and outbox.deliver_one(world, SLUG, one["key"]) == done[0]


def test_what_is_there_already_is_a_success(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    ref = "refs/heads/task-int-1-fix-it"
    for number, expect in enumerate((None, None, "", "1" * 40)):
        outbox.put(world, act(sha, ref, expect, key=f"k{number}"))
        assert outbox.deliver(world, SLUG)[0]["result"] == ("was there already" if number else "pushed")


def test_a_crash_between_the_push_and_the_rename_does_no_harm(sandbox: Sandbox) -> None:
    world, sha, base = kept(sandbox)
    one = act(sha, "refs/heads/main", base)
    outbox.put(world, one)
    before = files.read_bytes(os.path.join(world.home.outbox(SLUG), one["key"] + ".json"))
    outbox.deliver(world, SLUG)
    os.unlink(os.path.join(world.home.outbox(SLUG), "sent", one["key"] + ".json"))
    files.replace(os.path.join(world.home.outbox(SLUG), one["key"] + ".json"), before)
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.git("pull", "-q", cwd=path)
    later = sandbox.commit(path, {"y": "1\n"}, "somebody went on from there")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    assert outbox.deliver(world, SLUG)[0]["result"] == "was there already"
    assert remote(sandbox, "refs/heads/main") == later


def test_compare_and_swap_refuses_a_target_that_moved(sandbox: Sandbox) -> None:
    world, sha, base = kept(sandbox)
    path = os.path.join(sandbox.root, "code", "app")
    moved = sandbox.commit(path, {"y": "1\n"}, "theirs")
    sandbox.git("push", "-q", "origin", "main", cwd=path)
    one = act(sha, "refs/heads/main", base, key="merge")
    outbox.put(world, one)
    done = outbox.deliver(world, SLUG)[0]
    assert (done["stale"], done["permanent"], done["not_before"]) == (True, False, None) and "main: [rejected]" in str(done["error"])
    assert remote(sandbox, "refs/heads/main") == moved
    assert outbox.deliver(world, SLUG) == []  # it rests until its owner says what is to be done now
    assert outbox.deliver_one(world, SLUG, "merge")["stale"]
    outbox.put(world, act(sha, "refs/heads/main", moved, key="merge"))
    assert outbox.deliver(world, SLUG)[0]["result"] == "pushed"  # the owner wants just that: compare with what is there now


def test_one_who_is_quicker_while_we_push_makes_it_stale(sandbox: Sandbox) -> None:
    """The other side then says no more than that it could not update the ref."""
    world, sha, base = kept(sandbox)
    path = os.path.join(sandbox.root, "code", "app")
    moved = sandbox.commit(path, {"y": "1\n"}, "theirs")
    sandbox.git("push", "-q", "origin", "main:other", cwd=path)
    hook = os.path.join(sandbox.remote(), "hooks", "pre-receive")
    sandbox.write(hook, f"#!/bin/sh\nenv -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {moved}\n", 0o755)
    outbox.put(world, act(sha, "refs/heads/main", base, key="merge"))
    done = outbox.deliver(world, SLUG)[0]
    assert (done["stale"], done["permanent"], done["not_before"]) == (True, False, None), done
    assert remote(sandbox, "refs/heads/main") == moved


def test_a_ref_that_must_not_exist(sandbox: Sandbox) -> None:
    world, sha, base = kept(sandbox)
    sandbox.git("update-ref", "refs/heads/taken", base, cwd=sandbox.remote())
    outbox.put(world, act(sha, "refs/heads/taken", ""))
    assert outbox.deliver(world, SLUG)[0]["stale"] and remote(sandbox, "refs/heads/taken") == base


def test_a_branch_only_goes_forward(sandbox: Sandbox) -> None:
    world, sha, base = kept(sandbox)
    ref = "refs/heads/task-int-1-fix-it"
    path = os.path.join(sandbox.root, "code", "app")
    sandbox.git("checkout", "-q", "-b", "other", cwd=path)
    other = sandbox.commit(path, {"z": "1\n"}, "a person's work under that name")
    sandbox.git("push", "-q", "origin", f"other:{ref}", cwd=path)
    outbox.put(world, act(sha, ref))
    done = outbox.deliver(world, SLUG)[0]
    assert done["permanent"] and not done["stale"] and remote(sandbox) == other
    assert f"the origin's branch task-int-1-fix-it has commits that this work does not build on ({other[:10]})" in str(done["error"])
    assert "[rejected]" not in str(done["error"])
    sandbox.git("update-ref", ref, base, cwd=sandbox.remote())
    outbox.put(world, act(sha, ref))
    assert outbox.deliver(world, SLUG)[0]["result"] == "pushed" and remote(sandbox) == sha


def test_a_refusal_of_the_other_side_is_told_in_its_words(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    sandbox.write(os.path.join(sandbox.remote(), "hooks", "pre-receive"), "#!/bin/sh\necho no robots here >&2\nexit 1\n", 0o755)
    outbox.put(world, act(sha))
    done = outbox.deliver(world, SLUG)[0]
    assert done["permanent"] and "pre-receive hook declined" in str(done["error"]) and "no robots here" in str(done["error"])


def test_the_branch_that_a_person_has_checked_out_is_not_moved(sandbox: Sandbox) -> None:
    path = sandbox.repo(remote=False)
    sandbox.git("init", "-q", "--bare", "-b", "main", sandbox.remote())
    world, project = register(sandbox, path)
    found = mirror.ensure(world, project)
    tree = sandbox.git("rev-parse", "main^{tree}", cwd=path)
    base = sandbox.git("rev-parse", "main", cwd=path)
    sha = sandbox.git("commit-tree", "-p", base, "-m", "x", tree, cwd=found)
    outbox.put(world, act(sha, "refs/heads/main", base))
    done = outbox.deliver(world, SLUG)[0]
    assert done["permanent"] and "main is checked out in " in str(done["error"])
    assert "`orch task set int-1 finish=branch`" in str(done["error"])
    assert sandbox.git("status", "--porcelain", "-b", cwd=path) == "## main" and sandbox.git("rev-parse", "main", cwd=path) == base
    outbox.put(world, act(sha, "refs/heads/work"))
    assert outbox.deliver(world, SLUG)[0]["result"] == "pushed"


def test_the_network_is_tried_again_later_and_later(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    register(sandbox, "https://ada:s3cret@localhost:1/app.git")
    outbox.put(world, act(sha))
    time, waits = T0, []
    for number in range(9):
        done = outbox.deliver(at(world, time), SLUG)
        assert len(done) == 1 and done[0]["tries"] == number + 1 and not outbox.rests(done[0])
        assert "s3cret" not in json.dumps({**done[0], "sha": ""})
        assert outbox.deliver(at(world, time), SLUG) == []
        soon = at(world, str(done[0]["not_before"]))
        waits.append((soon.now() - at(world, time).now()).total_seconds())
        time = str(done[0]["not_before"])
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    register(sandbox)
    assert outbox.deliver(at(world, time), SLUG)[0]["result"] == "pushed"


def test_an_origin_that_says_nothing_is_given_up(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    register(sandbox, "ssh://me@localhost/app.git")
    hangs = sandbox.write("ssh", "#!/bin/sh\nexec sleep 60\n", 0o755)
    with pytest.raises(TryLater, match=r"git push: nothing was heard for 0\.3 s"):
        push.push(world._replace(env={**world.env, "GIT_SSH_COMMAND": hangs}), act(sha), Silence(0.3, 0.3))


def test_an_origin_that_is_gone_waits_and_one_that_denies_rests(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    os.rename(sandbox.remote(), sandbox.remote() + ".away")
    outbox.put(world, act(sha))
    done = outbox.deliver(world, SLUG)[0]
    assert sandbox.remote() in str(done["error"]) and done["not_before"] and not outbox.rests(done)
    register(sandbox, "ssh://nobody@localhost/app.git")
    sandbox.write("bin/ssh", "#!/bin/sh\necho 'nobody@localhost: Permission denied (publickey).' >&2\nexit 255\n", 0o755)
    denied = world._replace(env={**world.env, "GIT_SSH_COMMAND": os.path.join(sandbox.root, "bin", "ssh")})
    done = outbox.deliver(at(denied, str(done["not_before"])), SLUG)[0]
    assert done["permanent"] and "Permission denied" in str(done["error"])


def test_many_deliverers_deliver_each_act_once(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    log = os.path.join(sandbox.root, "pushes")
    sandbox.write(os.path.join(sandbox.remote(), "hooks", "update"), f"#!/bin/sh\necho $1 >>{log}\n", 0o755)
    for number in range(12):
        outbox.put(world, act(sha, f"refs/heads/b{number}", key=f"k{number}"))
    code = "import os; from orch.host import world; from orch.flow import outbox; outbox.deliver(world.build(os.environ, '/'), 'ada/app')"
    running = [subprocess.Popen([sys.executable, "-c", code], env={**sandbox.env, "PYTHONPATH": CHECKOUT}) for _ in range(4)]
    assert [each.wait() for each in running] == [0] * 4
    outbox.deliver(world, SLUG)
    assert waiting(world) == [] and sorted(files.read_text(log).split()) == sorted(f"refs/heads/b{number}" for number in range(12))


def test_an_act_that_another_process_is_at_is_passed_over(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    one = act(sha)
    outbox.put(world, one)
    held = lock.take(outbox._lock(world, SLUG, one))
    assert held is not None and outbox.deliver(world, SLUG) == []
    assert "sent_at" not in outbox.deliver_one(world, SLUG, one["key"])
    os.close(held)
    assert outbox.deliver_one(world, SLUG, one["key"])["sent_at"]


def test_nobody_waits_for_the_push_of_another_task(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    tasks = [local.create(world, SLUG, [{"title": str(number)}])[0]["id"] for number in range(40)]
    acts = [act(sha, task=id, key=f"push-{id}") for id in tasks]
    assert len({outbox._lock(world, SLUG, each) for each in acts}) == 40
    assert {os.path.dirname(outbox._lock(world, SLUG, act(sha, task=id))) for id in ("int-999", "", "../x")} == {world.home.outbox(SLUG)}


def test_bad_acts_harm_no_others(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    for bad in (act(sha, key="../x"), act(sha, key=""), act(sha, key=".x"), act(sha, kind="tweet")):
        with pytest.raises(BadData):
            outbox.put(world, bad)
    folder = world.home.outbox(SLUG)
    files.replace_text(os.path.join(folder, "torn.json"), '{"v": 1, ')
    files.replace_json(os.path.join(folder, "newer.json"), {**act(sha), "key": "newer", "kind": "tweet"})
    files.replace_json(os.path.join(folder, "half.json"), {"v": 1, "key": "half", "kind": "push", "project": SLUG})
    files.replace_json(os.path.join(folder, "odd.json"), {**act("--force", "refs/heads/../x"), "key": "odd"})
    files.replace_json(os.path.join(folder, "ref.json"), {**act(sha, "refs/heads/a..b"), "key": "ref"})
    outbox.put(world, act(sha))
    done = {each["key"]: each for each in outbox.deliver(world, SLUG)}
    assert remote(sandbox) == sha
    assert {key for key, each in done.items() if each.get("permanent")} >= {"newer", "half", "odd", "ref"}
    assert [name for name in os.listdir(folder) if name.startswith("torn.json.bad-")]


def test_an_act_can_be_dropped(sandbox: Sandbox) -> None:
    world, sha, _ = kept(sandbox)
    one = act(sha)
    outbox.put(world, one)
    assert outbox.drop(world, SLUG, one["key"]) and not outbox.drop(world, SLUG, one["key"])
    assert outbox.deliver(world, SLUG) == [] and os.listdir(os.path.join(world.home.outbox(SLUG), "failed")) == [one["key"] + ".json"]
    with pytest.raises(NotFound):
        outbox.deliver_one(world, SLUG, one["key"])
    outbox.put(world, one)
    assert outbox.deliver(world, SLUG)[0]["sent_at"]


def test_nothing_of_the_users_or_the_agents_runs_in_a_push(sandbox: Sandbox) -> None:
    world, _, wanted, _ = begin(sandbox)
    sandbox.commit(wanted["checkout"], {"x": "1\n"}, "work")
    ran = poison(sandbox, wanted["checkout"])
    hooks = os.path.join(sandbox.root, "hooks")
    sandbox.write("hooks/pre-push", f"#!/bin/sh\necho pre-push >>{ran}\nexit 1\n", 0o755)
    for key, value in (("core.hooksPath", hooks), ("push.followTags", "true"), ("push.default", "matching"), ("push.gpgSign", "if-asked"),
                       ("remote.pushDefault", "nowhere")):
        sandbox.git("config", "--global", key, value)
    sha = mirror.keep(world, SLUG, "int-1", "1-work", wanted["checkout"], wanted["branch"])
    sandbox.git("-c", "core.hooksPath=/dev/null", "tag", "-a", "v1", "-m", "v1", str(sha), cwd=wanted["mirror"])
    if os.path.exists(ran):
        os.unlink(ran)
    outbox.put(world, act(str(sha)))
    assert outbox.deliver(world, SLUG)[0]["result"] == "pushed"
    assert not os.path.exists(ran) and sandbox.git("tag", cwd=sandbox.remote()) == ""
