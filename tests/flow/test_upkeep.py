"""flow/upkeep: a mirror stays quick, and no object is ever lost by it."""
from __future__ import annotations

import os

from orch.flow import config as configs
from orch.flow import mirror, sweep, upkeep
from orch.host import lock, objects, refs
from tests.gitbox import SLUG, begin
from tests.sandbox import Sandbox


def test_packs_are_put_together_and_unreachable_objects_stay(sandbox: Sandbox) -> None:
    world, _, wanted, _ = begin(sandbox)
    place, store = wanted["checkout"], wanted["mirror"]
    tips = []
    for number in range(6):
        sandbox.commit(place, {"x": str(number)}, f"work {number}")
        tips.append(str(mirror.keep(world, SLUG, "int-1", f"{number + 1}-work", place, wanted["branch"])))
    forgotten = sandbox.commit(place, {"y": "1"}, "fetched, and no ref")
    words = ("-c", "gc.auto=0", "-c", "transfer.unpackLimit=1", "fetch", "-q", "--no-write-fetch-head")
    sandbox.git(*words, place, "HEAD", cwd=store)
    assert upkeep.packs(store) >= 7
    before = upkeep.packs(store)
    assert upkeep.tidy(world, SLUG) == [] and upkeep.packs(store) == before  # few enough
    for number in range(upkeep.PACKS):
        path = os.path.join(store, "objects", "pack", "pack")
        blob = sandbox.command(["git", "hash-object", "-w", "--stdin"], cwd=store, input=str(number)).out
        sandbox.command(["git", "pack-objects", "-q", path], cwd=store, input=blob)
    assert upkeep.tidy(world, SLUG) == [] and upkeep.packs(store) < 10
    for sha in (*tips, forgotten):
        assert objects.tree(mirror.tool(world), store, sha)
    sandbox.git("fsck", "--strict", cwd=store)
    sandbox.git("fsck", "--strict", cwd=place)


def test_many_refs_are_packed_and_still_read(sandbox: Sandbox) -> None:
    world, _, wanted, prepared = begin(sandbox)
    store = wanted["mirror"]
    lines = "".join(f"create refs/orch/keep/int-{number}/1 {prepared['base']}\n" for number in range(upkeep.REFS + 1))
    sandbox.command(["git", "update-ref", "--stdin"], cwd=store, input=lines)
    assert upkeep.loose(store) > upkeep.REFS
    assert upkeep.tidy(world, SLUG) == [] and upkeep.loose(store) < 5
    assert refs.read(store, "refs/orch/keep/int-77/1") == prepared["base"] == refs.read(store, "refs/heads/main")
    sandbox.commit(wanted["checkout"], {"x": "1"}, "work")
    sha = mirror.keep(world, SLUG, "int-77", "1-work", wanted["checkout"], wanted["branch"])
    assert refs.read(store, "refs/orch/keep/int-77/1") == sha != prepared["base"]


def test_what_killed_writers_left_beside_records_goes_after_an_hour(sandbox: Sandbox) -> None:
    world, _, _, _ = begin(sandbox)
    folder = world.home.attempts(SLUG, "int-1")
    old, new = (os.path.join(folder, "1-work", f".exit.json.{digit * 12}.tmp") for digit in "af")
    kept = [new, *(os.path.join(folder, "1-work", name) for name in ("exit.json", ".mine.tmp", "a.aaaaaaaaaaaa.tmp"))]
    for path in (old, *kept):
        sandbox.write(path, "x")
        os.utime(path, None if path == new else (1, 1))
    assert sweep.sweep(world, [SLUG], configs.shared(world)["engine"]).errors == []
    assert not os.path.exists(old) and all(map(os.path.exists, kept))


def test_a_mirror_that_is_being_fetched_is_left_alone(sandbox: Sandbox) -> None:
    world, _, wanted, _ = begin(sandbox)
    held = lock.take(world.home.mirror_lock(SLUG))
    assert held is not None and upkeep.tidy(world, SLUG) == []
    os.close(held)
    assert upkeep.tidy(world, "no/such") == []
    assert os.path.isdir(wanted["mirror"])
