"""`orch stream`: the output of a task's attempts, as it comes."""
from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import click

from orch.cmd import out, times
from orch.cmd.splice import Splice
from orch.core import clock, text, view
from orch.errors import Usage
from orch.flow import stream, tasks, why
from orch.flow.stream import Begin, End, Event, Output, Rest, Wait, Wanted
from orch.host.world import World

PAUSE = 0.15  # seconds between two looks at the files
PATIENCE = 2.0  # seconds without an attempt after which it is said what is waited for
AGAIN = 30.0  # seconds after which that is looked at again


@click.command(short_help="follow the output of a task's attempts")
@click.argument("ref", metavar="TASK")
@click.option("--project", "-p", metavar="O/R", help="The project that the id belongs to.")
@click.option("--attempt", "-a", type=click.IntRange(1), metavar="N", help="Only attempt N.")
@click.option("--since", metavar="TIME", help="Leave out what was written before: an ISO time, or how long ago (90s, 5m, 2h, 1d).")
@click.option("--lines", "-n", type=click.IntRange(0), metavar="N", help="Of what is there already, only the last N lines of each attempt.")
@click.option("--stdout", "only_out", is_flag=True, help="Only what the agent writes to its standard output.")
@click.option("--stderr", "only_err", is_flag=True, help="Only its standard error, on our standard output.")
@click.option("--no-follow", is_flag=True, help="Print what is there and end.")
@click.option("--words/--raw", default=None, help="Events of agents that speak JSON: as text (so on a terminal), or as they are.")
@click.option("--json", is_flag=True, help="Print JSON Lines: attempts that begin and end, and each line with its stream.")
@click.pass_obj
def command(
    world: World, /, ref: str, project: str | None, attempt: int | None, since: str | None, lines: int | None, only_out: bool,
    only_err: bool, no_follow: bool, words: bool | None, json: bool,
) -> int:
    """Show what the agent of TASK writes, from the beginning of its last work attempt, and follow it.

    Its standard output goes to standard output and its standard error to standard error, each whole and in order; how lines of the
    two were mixed is not kept. It goes on with the attempts that follow (the checks, a rework), each under a heading on standard
    error, and ends when the task is no longer in progress. A task that has not begun is waited for.
    """
    if only_out and only_err:
        raise Usage("--stdout and --stderr exclude each other", "leave out both to have both")
    if json and words is not None:
        raise Usage("--json and --words or --raw exclude each other", "--json has the lines as the agent wrote them")
    streams = (stream.OUT,) if only_out else (stream.ERR,) if only_err else (stream.OUT, stream.ERR)
    moment = clock.text(times.past(world.now(), since)) if since else None
    slug, task = tasks.find(world, ref, project)
    events = stream.stream(world, slug, task["id"], Wanted(attempt, streams, moment, not no_follow))
    if lines is not None:
        events = _last(events, lines)
    if json:
        return _json(events)
    _show(world, events, Splice(world.env, only_err, words))
    return 0


def _show(world: World, events: Iterator[Event], splice: Splice) -> None:
    try:
        _go_on(world, events, splice)
    finally:
        splice.end()  # Ctrl-C may come in the middle of a colour
        splice.flush()


def _go_on(world: World, events: Iterator[Event], splice: Splice) -> None:
    patience = _Patience(world)
    for event in events:
        if isinstance(event, Output):
            splice.write(event.stream, event.data)
        elif isinstance(event, Begin):
            splice.say("==> " + _heading(world, event.run))
        elif isinstance(event, End):
            splice.end()
            splice.say("<== " + _ending(event.run))
            patience = _Patience(world)
        elif isinstance(event, Rest):
            splice.say(f"{event.task['id']} is {event.task['status']}" + (f": {event.task.get('why')}" if event.task.get("why") else ""))
        else:
            splice.flush()
            if words := patience.look(event):
                splice.say(words)
            if out.deserted(PAUSE):
                return


class _Patience:
    """Says what is waited for, once it takes long, and again when that changes."""

    def __init__(self, world: World) -> None:
        self.world, self.next, self.said = world, time.monotonic() + PATIENCE, ""

    def look(self, event: Wait) -> str:
        if event.attempt or time.monotonic() < self.next:
            return ""
        self.next = time.monotonic() + AGAIN
        because = why.explain(self.world, event.task, why.look(self.world))
        words = f"{event.task['id']} is {event.task['status']}: " + "; ".join(each for each in (because.holds, because.next) if each)
        said, self.said = self.said, words
        return words if words != said else ""


def _heading(world: World, run: dict[str, Any]) -> str:
    who = f" by {run['agent']}" if run.get("agent") and run["kind"] == "work" else ""
    length = clock.span(run.get("seconds") or 0)
    if run["state"] == "running":
        return f"{run['attempt']}{who}, running for {length}"
    return f"{run['attempt']}{who}, ended {view.age(run.get('ended_at') or run.get('started_at'), world.now())} ago, and took {length}"


def _ending(run: dict[str, Any]) -> str:
    name = run["attempt"]
    if run["state"] == "running":
        return f"{name} is still running"
    if not run.get("reason"):
        return f"{name} is {run['state']}"
    code = f" {run['code']}" if run.get("code") is not None else f" {run['signal']}" if run.get("signal") else ""
    said = ": ".join(dict.fromkeys(str(run[key]) for key in ("result", "text") if run.get(key)))  # "done" once is enough
    return text.clean(f"{name} {run['reason']}{code} after {clock.span(run.get('seconds') or 0)}" + (f": {said}" if said else ""))


def _json(events: Iterator[Event]) -> int:
    """Whole lines, so that a reader can match them; half a line when the attempt ends there."""
    rest: dict[str, bytes] = {}

    def lines(name: str, attempt: str, data: bytes) -> None:
        for each in data.split(b"\n"):
            out.json_line({"event": "line", "attempt": attempt, "stream": name, "text": each.decode(errors="replace")})

    for event in events:
        if isinstance(event, Output):
            whole, newline, left = (rest.get(event.stream, b"") + event.data).rpartition(b"\n")
            rest[event.stream] = left
            if newline:
                lines(event.stream, event.attempt, whole)
        elif isinstance(event, Wait):
            out.flush()
            if out.deserted(PAUSE):
                break
        elif isinstance(event, Rest):
            out.json_line({"event": "rest", **{key: event.task.get(key) for key in ("project", "status", "resolution", "why")}})
        else:
            for name, left in rest.items():
                if left:
                    lines(name, event.run["attempt"], left)
            rest.clear()
            out.json_line({"event": "begin" if isinstance(event, Begin) else "end", **event.run})
    return 0


def _last(events: Iterator[Event], count: int) -> Iterator[Event]:
    """The events with only the last lines of what each attempt has written so far; once something is waited for, all."""
    held: dict[str, deque[bytes]] = {}
    for event in events:
        if isinstance(event, Output):
            lines = held.setdefault(event.stream, deque(maxlen=count))
            whole = (lines.pop() if lines and not lines[-1].endswith(b"\n") else b"") + event.data
            lines.extend(re.findall(rb"[^\n]*\n|[^\n]+", whole))
            attempt = event.attempt
            continue
        for name, lines in held.items():
            if lines:
                yield Output(attempt, name, b"".join(lines))
        held.clear()
        yield event
        if isinstance(event, Wait):
            break
    yield from events
