"""The shape of every file and every JSON line, once (see the section-5 man pages). Unknown keys are kept when a record is rewritten.

`total=False` throughout: a key that has no value yet may be absent or null, and readers use `.get`.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypedDict
else:
    # typing's own compiles every annotation, 2 ms in each command; the names of the keys are all that is needed at run time

    class _Shape(type):
        def __call__(cls, **values):
            return values

    class TypedDict(metaclass=_Shape):
        def __init_subclass__(cls, total=True):
            pass


VERSION = 1

STATUSES = ("new", "routed", "in_progress", "in_review", "blocked", "needs_review", "done")
OPEN = STATUSES[:-1]
RESOLUTIONS = ("completed", "no_change", "cancelled", "duplicate")
COMPLEXITIES = ("simple", "medium", "complex")
FINISHES = ("branch", "merge")
SOURCES = ("local", "inbox", "job", "child", "github")
KINDS = ("work", "verify")


class Options(TypedDict, total=False):
    """What the person who made the task asked for; `retry` keeps it."""

    agent: str
    model: str
    complexity: str
    verify: list[str]
    finish: str
    timeout: int  # seconds


class Failure(TypedDict, total=False):
    kind: str  # a class of core/failure.py
    text: str  # one line for people
    attempt: str  # name of the attempt directory
    at: str
    print: str  # fingerprint: equal failures have equal prints
    files: list[str]  # conflict: the paths that do not merge


class Task(TypedDict, total=False):
    v: int
    seq: int  # number of the last event; grows by one with every change
    id: str
    project: str  # slug
    title: str
    body: str
    source: str
    key: str  # idempotency key of what created it; one open task per key
    status: str
    resolution: str | None
    why: str  # one line: why it is in this status
    labels: list[str]
    priority: int  # higher runs first; default 0
    depends_on: list[str]
    parent: str | None
    options: Options
    # the route
    agent: str | None
    model: str | None
    complexity: str | None
    route: str | None  # why this agent
    chain: list[str]  # agents that failed it since the last reset
    # the run
    attempts: int  # work attempts since the last reset
    attempt: str | None  # the current or last attempt's directory name
    settled: str | None  # the last attempt whose result has been taken into this record
    not_before: str | None
    branch: str | None
    base: str | None  # SHA of the default branch that the branch goes on from
    head: str | None  # SHA that the last successful work attempt left
    candidate: str | None  # SHA to be published: head, or the merge result
    onto: str | None  # merge: SHA of the target branch that candidate was made for
    queued_at: str | None  # merge: since when it waits for its turn, or has it
    verified: str | None  # SHA that passed the project's verify commands
    published: str | None  # SHA that is in origin
    failures: list[Failure]  # since the last reset, oldest first, at most 20
    learnings: list[str]
    summary: str | None
    created_at: str
    updated_at: str
    done_at: str | None


class Event(TypedDict, total=False):
    """One line of events.jsonl. A repeated seq (a crash between event and record) means the later line."""

    v: int
    seq: int
    at: str
    task: str
    project: str
    event: str  # created, status, set, attempt, note ...
    text: str
    set: dict[str, Any]  # the fields that changed, with their new values


class Limits(TypedDict, total=False):
    """Seconds, bytes, tokens, USD; 0 or absent: no limit."""

    wall: int
    idle: int
    setup: int
    output: int
    tokens: int
    cost: float


class Spec(TypedDict, total=False):
    """attempts/<n>-<kind>/spec.json: all that the shepherd needs; written before start, never after."""

    v: int
    project: str
    task: str
    attempt: str
    kind: str  # work | verify
    try_: int
    title: str
    agent: str | None
    model: str | None
    token: str  # value of ORCH_ATTEMPT in the environment of every process of this attempt
    slot: int
    created_at: str
    executor: str
    session: str
    mirror: str
    checkout: str
    branch: str
    start: str | None  # SHA to start from; null: the default branch as the remote names it at preparation
    fetch: bool  # fetch the mirror first
    base: str | None  # recorded base, null when this attempt is to record it
    source: str | None  # the user's checkout, from which the `copy` list is taken
    copy: list[str]
    setup: list[str]
    argv: list[str]  # work: the agent's command line, no placeholders left
    stdin: str | None  # file in the attempt directory that feeds stdin; null: closed
    commands: list[str]  # verify: shell commands
    strict: bool  # verify: they have to pass, whatever they say of the base
    sha: str | None  # verify: what is to be checked
    known: str | None  # verify: directory of remembered results
    env: dict[str, str]  # environment of the agent and of every command, complete but for what is handed on
    handed: list[str]  # names of variables that the shepherd hands on from its own environment
    limits: Limits
    usage: str | None  # which parser of agents/ reads token usage from output lines
    big: int  # bytes above which auto-commit leaves a file out


class Prepared(TypedDict, total=False):
    v: int
    base: str  # SHA of the default branch that this task's commits are counted from
    start: str  # SHA of HEAD before the agent ran
    default: str  # name of the default branch
    at: str


class Proc(TypedDict, total=False):
    v: int
    pid: int
    start: str  # start time as the kernel tells it; pid + start + boot name one process for ever
    boot: str
    agent: int | None
    at: str
    monotonic: float  # the same moment, in seconds by the clock that nobody sets


class Exit(TypedDict, total=False):
    v: int
    reason: str  # exited|signal|timeout|idle|budget|cancelled|spawn_failed|lost
    code: int | None
    signal: int | None
    text: str  # what went wrong, when the shepherd knows
    kind: str | None  # failure class, when the shepherd knows it
    started_at: str
    ended_at: str
    tokens: int
    cost: float
    left_out: list[dict[str, str]]  # auto-commit: [{path, why}]
    auto_commit: str | None  # SHA
    uncommitted: str  # why what the agent left could not be committed; empty when it was


class Reply(TypedDict, total=False):
    """What an agent says of its own work (orch-reply(5))."""

    v: int
    status: str  # done | no_change | help | blocked | failed
    summary: str
    reason: str
    accomplished: list[str]
    remaining: list[str]
    blockers: list[str]
    files: list[str]
    learnings: list[str]
    by: str  # where it was found: result file, output, exit status, sentinel


class Evidence(TypedDict, total=False):
    """evidence.json: what git says of an attempt."""

    v: int
    base: str
    start: str
    head: str
    commits: int  # base..head
    new_commits: int  # start..head
    files: list[str]
    nested: list[str]  # those that became repositories of their own, and no submodules: their files are in no commit
    protected: list[str]  # changed paths that need a person
    secrets: list[dict[str, str]]  # [{path, what}]
    left_out: list[dict[str, str]]


class Check(TypedDict, total=False):
    """One verify command on one commit."""

    v: int
    sha: str
    command: str
    code: int | None
    reason: str  # exited | timeout | signal
    seconds: float
    at: str
    tail: str  # end of its output
    lines: list[str]  # those that look like failures, at most core.verify.MOST; with v 1 they were without their numbers


class Verify(TypedDict, total=False):
    """verify.json of a verify attempt."""

    v: int
    sha: str
    base: str
    passed: bool
    checks: list[Check]
    excused: list[str]  # commands that fail on the base in the same way
    unusable: list[str]  # commands that can be run neither there nor on the base, when nothing else is wrong
    text: str  # why it did not pass


class Project(TypedDict, total=False):
    v: int
    slug: str
    path: str | None  # the user's checkout, never written to
    origin: str  # URL or path that is fetched from and pushed to
    default_branch: str | None  # null: as the remote's HEAD says
    added_at: str


class Act(TypedDict, total=False):
    """outbox/<key>.json: one outward act, waiting; sent/<key>.json: the same, with its result."""

    v: int
    key: str
    kind: str  # push
    project: str
    task: str
    created_at: str
    not_before: str | None
    tries: int
    sha: str
    ref: str
    expect: str | None  # compare-and-swap: SHA that the ref must have; empty: must not exist; null: only forward
    base: str | None  # SHA that must still be in the default branch when it is in `sha`; null: nothing is asked
    error: str | None
    permanent: bool  # trying again as it is will not help
    stale: bool  # the ref has moved: the act must be made anew for what is there now
    sent_at: str
    result: str
