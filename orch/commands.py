"""THE TABLE: every command, as data. It imports nothing; main, help, completion, bin/, the man index and the house tests read it.

name     as typed after `orch`; a plumbing name is also a program `orch-<name>` in bin/
module   below orch.cmd; exports `command`, a click command, or `main(argv, world) -> int` where click would cost too much
group    how `orch help` sorts it; `plumbing` speaks JSON Lines
"""
from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    name: str
    module: str
    group: str
    summary: str


GROUPS = {
    "start": "start here",
    "task": "tasks",
    "see": "look",
    "run": "run everything",
    "plumbing": "one step at a time (JSON Lines in and out)",
}

ROWS = (
    Row("init", "init", "start", "make the repository here a project"),
    Row("project", "project", "start", "add, list or remove projects"),
    Row("config", "config", "start", "read, explain, check or set the configuration"),
    Row("agents", "agents", "start", "list the agents and whether they are installed"),
    Row("help", "help", "start", "list the commands, or show one's help"),
    Row("version", "version", "start", "print the version"),
    Row("task", "task", "task", "add, list, get, set, retry, cancel ... tasks"),
    Row("status", "status", "see", "show what runs, what waits and why, what ended"),
    Row("stream", "stream", "see", "follow the output of a task's attempts"),
    Row("log", "log", "see", "show the events"),
    Row("why", "why", "see", "say what holds a task back, and what happens next"),
    Row("at", "at", "see", "show the board of a past moment"),
    Row("diff", "diff", "see", "show what a task changed"),
    Row("undo", "undo", "task", "bring back a removed checkout"),
    Row("tick", "tick", "run", "do everything that is due, once"),
    Row("serve", "serve", "run", "tick in a loop"),
    Row("route", "route", "plumbing", "choose an agent for tasks"),
    Row("run", "run", "plumbing", "start attempts for routed tasks"),
    Row("attempt", "attempt", "plumbing", "shepherd one attempt (started by run)"),
    Row("reap", "reap", "plumbing", "take in the results of ended attempts"),
    Row("verify", "verify", "plumbing", "run or re-check a project's own checks on a task"),
    Row("publish", "publish", "plumbing", "publish or merge verified tasks"),
    Row("outbox", "outbox", "plumbing", "list or deliver the acts that wait to be done outside"),
    Row("sidecar", "sidecar", "plumbing", "read or write fields of a task's record"),
    Row("cron", "cron", "plumbing", "say whether a cron expression matches, or when next"),
    Row("template", "template", "plumbing", "render a template"),
    Row("parse", "parse", "plumbing", "find an agent's reply in its output"),
    Row("result", "result", "plumbing", "report as an agent (writes $ORCH_RESULT)"),
    Row("lock", "lock", "plumbing", "hold a lock while a command runs"),
)


def find(name: str) -> Row | None:
    return next((row for row in ROWS if row.name == name), None)


def programs() -> tuple[str, ...]:
    """The plumbing commands that are also programs of their own, as `orch-<name>`."""
    return (*(row.name for row in ROWS if row.group == "plumbing"), "config", "tick")
