"""Why a task is where it is: which condition holds it back, what lets it go, and when it is looked at next. Pure."""
from __future__ import annotations

from typing import NamedTuple

from orch.core import clock, turn
from orch.core import task as life
from orch.core.deps import Standing
from orch.records import Task

MORE = "`orch config set engine.max_parallel=N` allows more at once"


class Facts(NamedTuple):
    """What the disk and the kernel say besides the record."""

    now: str
    standing: Standing
    free: int  # slots
    slots: int
    ahead: int  # routed tasks that are due and more urgent
    attempt: str | None  # running | ended | lost | unknown; None: there is no attempt
    elapsed: float | None  # seconds that the attempt has run
    interval: int | None  # seconds between ticks while `orch serve` runs; None: it does not
    checks: bool = False  # its work has still to be checked, which takes a slot
    trouble: tuple[str, str] | None = None  # what keeps every tick from its whole project, and what to do
    limit: str = ""  # the file that keeps all tasks off its agent just now


class Because(NamedTuple):
    holds: str  # the condition that holds it back, one line; empty: nothing does
    next: str  # what happens next, and when
    hint: str  # what a person can do; empty: nothing need be done


def explain(task: Task, facts: Facts) -> Because:
    """One answer for each status, the first condition that holds."""
    status, soon = task["status"], _soon(facts)
    not_before = life.waits_until(task, facts.now)
    id = task["id"]
    if status == "done":
        what = ": ".join(filter(None, [f"nothing: it is done ({task.get('resolution')})", task.get("why")]))
        return Because("", what, f"`orch diff {id}` shows what it changed" if task.get("published") else "")
    if status == "needs_review":
        accept = f"`orch publish --accept {id}`, " if task.get("candidate") or task.get("head") else ""
        first = f"{_alone(task)}; then " if facts.standing.broken else ""  # else retry comes back here
        ways = f"{first}`orch task retry {id}`, {accept}or `orch task cancel {id}`"
        return Because(task.get("why") or "a person must look", "nothing runs it until a person decides", ways)
    if status == "in_review":
        return Because("somebody outside decides about the merge", soon, "")
    if facts.trouble:
        return Because(facts.trouble[0], f"looked at again {soon}", facts.trouble[1])
    if status != "in_progress" and facts.standing.why():
        return Because(facts.standing.why(), f"looked at again {soon}", _alone(task))
    if not_before:
        said = str(task.get("why") or "it waits")
        holds = said if not_before in said else f"{said}; not before {not_before}"
        return Because(holds, f"in {_until(not_before, facts.now)}, {soon}", _sooner(task, facts))
    if status == "in_progress":
        return _in_progress(task, facts, soon)
    if status == "routed" and facts.free <= facts.ahead:
        first = f", and {facts.ahead} due tasks come first" if facts.ahead else ""
        return Because(_taken(facts) + first, "it starts when a slot is free", MORE)
    doing = {"new": "routed", "routed": f"started with {task.get('agent')}", "blocked": "made new again"}[status]
    return Because("", f"it is {doing} {soon}", "" if facts.interval else "`orch tick` does it now")


def _alone(task: Task) -> str:
    """How a person makes a task wait for no other."""
    return f"`orch task set {task['id']} depends_on=` makes it wait for none" if task.get("depends_on") else ""


def _taken(facts: Facts) -> str:
    return f"{facts.slots - facts.free} of {facts.slots} slots are taken"


def _sooner(task: Task, facts: Facts) -> str:
    """How a person can end a pause."""
    id = task["id"]
    if task["status"] == "routed" and facts.limit:  # `retry` comes back to it
        return f"`orch task set {id} agent=NAME` asks another; without {facts.limit} the limit is forgotten"
    if task["status"] == "in_progress":  # `retry` is refused there
        accept = f", and `orch publish --accept {id}` takes it up again" if task.get("candidate") else ""
        return f"`orch task kill {id}` hands it to a person{accept}"
    return f"`orch task retry {id}` starts it afresh now" if task["status"] in ("routed", "blocked") else ""


def _in_progress(task: Task, facts: Facts, soon: str) -> Because:
    name = task.get("attempt")
    if facts.attempt == "running":
        length = f" for {clock.span(facts.elapsed)}" if facts.elapsed is not None else ""
        hint = f"`orch stream {task['id']}` shows its output"
        return Because(f"attempt {name} runs{length}", "its result is taken in as soon as it ends", hint)
    if facts.attempt == "unknown":
        hint = "can its directory be read and written? see orch-attempt(5)"
        return Because(f"it cannot be told whether attempt {name} runs", f"looked at again {soon}", hint)
    if task.get("settled") != name:
        what = "ended" if facts.attempt == "ended" else "was lost"
        return Because(f"attempt {name} {what} and is not taken in yet", soon, f"`orch reap {task['id']}` does it now")
    if turn.waits(task):
        return Because(str(task.get("why")), "it goes on by itself then; merges are checked one at a time", "")
    if facts.checks and facts.free <= 0:
        return Because(_taken(facts), "its work is checked when a slot is free", MORE)
    line = task.get("why") or "its work is being checked and published"
    return Because(line, f"goes on {soon}", f"`orch reap {task['id']}` does it now")


def _soon(facts: Facts) -> str:
    return f"by `orch serve`, within {facts.interval} s" if facts.interval else "at the next `orch tick`"


def _until(moment: str, now: str) -> str:
    return clock.span((clock.parse(moment) - clock.parse(now)).total_seconds() + 0.999)
