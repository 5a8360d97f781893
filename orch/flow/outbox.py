"""Acts that wait to be done outside: one file each, done once, tried again until they succeed or cannot.

    put      outbox/<key>.json, unless that key waits or was sent
    deliver  do it, then one rename to sent/<key>.json
    drop     forget it: one rename to failed/<key>.json; an act that its task does not ask for any more is dropped when it is due

The same act done twice must be as good as once (a push of what is there already is a success), so a crash between the act and the rename
does no harm. A failure that time may heal sets not_before, later each time; one that it cannot heal sets `permanent`, or `stale` when the
thing to be changed has changed meanwhile, and the act rests until its owner drops it.
"""
from __future__ import annotations

import contextlib
import os
import re
import zlib
from collections.abc import Callable, Collection
from typing import Any, cast

from orch.core import act as acts
from orch.core import clock
from orch.core.task import Change
from orch.errors import BadData, NotAllowed, NotFound, OrchError
from orch.flow import project as projects
from orch.flow import push
from orch.flow.push import Outcome
from orch.host import files, lock
from orch.host.world import World
from orch.records import Act, Task
from orch.stores import local

KINDS: dict[str, Callable[[World, Act], Outcome]] = {"push": push.push}
FIRST, LAST = 60.0, 3600.0  # seconds: the wait after a failure, doubling


def put(world: World, act: Act, *, durable: bool = True) -> None:
    """Have an act done. The same key again does nothing, whether it waits or was sent; one that rests after a failure starts anew.

    durable=False: the caller's own record makes him put it again after a power cut. raises BadData
    """
    key, slug = _key(act.get("key")), act["project"]
    if act.get("kind") not in KINDS:
        raise BadData(f"no such kind of act: {act.get('kind')!r}", f"it is one of: {', '.join(KINDS)}")
    # Waiting first: a delivery moves it from there to sent, so it is seen in one of the two.
    try:
        there = files.find_json(_waiting(world, slug, key))
    except BadData:
        there = None  # `pending` moves it aside; what it was to say is said anew here
    if (there is None or rests(cast(Act, there))) and not os.path.exists(_sent(world, slug, key)):
        files.replace_json(_waiting(world, slug, key), cast(dict[str, Any], act), durable=durable)


def rests(act: Act) -> bool:
    """Whether an act waits for its owner, not for a time."""
    return bool(act.get("permanent") or act.get("stale"))


def pending(world: World, slug: str) -> list[Act]:
    """What waits, oldest first; a file that does not parse is moved aside."""
    root = world.home.outbox(slug)
    found = []
    for name in files.names(root):
        if name.endswith(".json"):
            try:
                found.append(cast(Act, {**files.read_json(os.path.join(root, name)), "key": name[:-5]}))
            except NotFound:
                continue  # delivered just now
            except BadData:
                files.set_aside(os.path.join(root, name), clock.text(world.now()).replace(":", ""))
    return sorted(found, key=lambda act: (act.get("created_at") or "", act["key"]))


def sent(world: World, slug: str, key: str) -> Act | None:
    return cast(Act | None, files.find_json(_sent(world, slug, _key(key))))


def deliver(world: World, slug: str, keys: Collection[str] = ()) -> list[Act]:
    """Do what is due: each act whose not_before has passed, or of these keys only; what rests is left alone while it is wanted.

    Returns the acts that were tried: with sent_at when it is done, else with the error. What another process is at is passed over.
    """
    now = world.now_text()
    waiting = [act for act in pending(world, slug) if not keys or act["key"] in keys]
    latest = clock.later(world.now(), LAST)  # nothing waits longer, but for a clock that was wrong then
    due = [act for act in waiting if not rests(act) and not now < (act.get("not_before") or "") <= latest]
    for act in waiting:
        if rests(act) and (found := _unwanted(world, act)) and found.unwanted:
            drop(world, slug, act["key"])
    return [done for act in due if (done := _deliver(world, slug, act))]


def deliver_one(world: World, slug: str, key: str) -> Act:
    """Try one act if it is due; returns it as it is then: sent_at says that it is done. raises NotFound"""
    for act in deliver(world, slug, [key]):
        return act
    found = sent(world, slug, key) or files.find_json(_waiting(world, slug, _key(key))) or sent(world, slug, key)
    if found is None:
        raise NotFound(f"{slug}: no such act: {key}", "`orch outbox list` shows what waits")
    return cast(Act, found)


def drop(world: World, slug: str, key: str) -> bool:
    """Forget an act that cannot be done; it is kept as failed/<key>.json. False when it does not wait."""
    path = _waiting(world, slug, _key(key))
    away = os.path.join(world.home.outbox(slug), "failed", os.path.basename(path))
    files.make_dir(os.path.dirname(away))
    try:
        os.rename(path, away)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise files.failure(error, path) from None
    return True


def _deliver(world: World, slug: str, seen: Act) -> Act | None:
    """One act under its lock; None when another process has it or had it."""
    key = seen["key"]
    held = lock.take(_lock(world, slug, seen))
    if held is None:
        return None
    path = _waiting(world, slug, key)
    try:
        read = files.find_json(path)
        if read is None:
            return None
        act = cast(Act, read)
        outcome = Outcome(True, act["result"]) if act.get("sent_at") else _unwanted(world, act) or _try(world, act)
        act["tries"] = int(act.get("tries") or 0) + 1
        if outcome.done:
            act["error"], act["sent_at"], act["result"] = None, world.now_text(), outcome.text
            files.replace_json(path, cast(dict[str, Any], act))
            away = _sent(world, slug, key)
            files.make_dir(os.path.dirname(away))
            os.rename(path, away)
            files.sync_dir(os.path.dirname(away))
            _late(world, act)
        else:
            act["error"], act["permanent"], act["stale"] = outcome.text, outcome.permanent, outcome.stale
            wait = min(LAST, FIRST * 2 ** min(act["tries"] - 1, 10))
            act["not_before"] = None if outcome.permanent or outcome.stale else clock.later(world.now(), wait)
            files.replace_json(path, cast(dict[str, Any], act))
            if outcome.unwanted:
                drop(world, slug, key)
        return act
    except OSError as error:
        raise files.failure(error, path) from None
    finally:
        os.close(held)


def _unwanted(world: World, act: Act) -> Outcome | None:
    """What keeps an act from being done at all: its task was stopped, or has begun anew, since it was put. None: nothing."""
    if not act.get("project") or not act.get("task"):
        return None  # whoever does the act says what it lacks
    try:
        task = local.find(world, act["project"], act["task"])
    except OrchError as error:  # it cannot be told: not now
        return Outcome(False, error.message)
    asks = ("in_progress", "needs_review") if rests(act) else ("in_progress",)
    if task is None or (task["status"] in asks and task.get("candidate") == act.get("sha")):
        return None
    return Outcome(False, f"not wanted any more: the task is {task['status']}", permanent=True, unwanted=True)


def _late(world: World, act: Act) -> None:
    """Have the record of a task that was stopped while its act was done say so; of any other its owner records it."""
    def decide(task: Task) -> Change | None:
        return acts.sent(task, act) if task["status"] != "in_progress" else None

    if act.get("project") and act.get("task"):
        with contextlib.suppress(OrchError):  # there is no such task, or its record cannot be read: the act is done all the same
            local.change(world, act["project"], act["task"], decide)


def _try(world: World, act: Act) -> Outcome:
    """Do it. What can be tried again is no reason to stop the others."""
    try:
        projects.get(world, act["project"])
        return KINDS[act["kind"]](world, act)
    except OrchError as error:
        return Outcome(False, words(error), permanent=hopeless(error))
    except KeyError as error:
        return Outcome(False, f"the act lacks {error}, or this orch does not know it", permanent=True)


def words(error: OrchError) -> str:
    return error.message + (f"; {error.hint}" if error.hint else "")


def hopeless(error: OrchError) -> bool:
    """Whether trying again cannot help before a person has done something."""
    return isinstance(error, (NotAllowed, NotFound, BadData))


def _key(key: str | None) -> str:
    if not key or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,180}", key):
        raise BadData(f"not a key of an act: {key!r}")
    return key


def _waiting(world: World, slug: str, key: str) -> str:
    return os.path.join(world.home.outbox(slug), key + ".json")


def _sent(world: World, slug: str, key: str) -> str:
    return os.path.join(world.home.outbox(slug), "sent", key + ".json")


def _lock(world: World, slug: str, act: Act) -> str:
    """In the directory of the act's task: nobody waits for the push of another, and lock files, which are never removed, do not pile up.

    An act without a task that we have shares its lock with a sixteenth of all keys.
    """
    with contextlib.suppress(BadData, NotFound):
        return os.path.join(local.where(world, slug, str(act.get("task"))), "outbox.lock")
    return os.path.join(world.home.outbox(slug), f".lock-{zlib.crc32(act['key'].encode()) % 16:x}")
