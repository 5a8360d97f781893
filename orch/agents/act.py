"""The rehearsal agent's stage: act out a script, line by line, as a real agent might behave on a good or a bad day.

    say TEXT                print a line                   warn TEXT              print a line on stderr
    write FILE TEXT         a file with one line           append FILE TEXT       one line more
    write FILE <<END        ... lines up to END            delete FILE
    commit MESSAGE          git add -A, git commit         run COMMAND            in /bin/sh; its failure is a failure of the agent
    sleep SECONDS           hang  (for ever, without output)
    exit N                  signal N  (kill itself)
    ignore-term             go on when asked to end        close                  close stdout and stderr, go on
    daemon SECONDS          leave a process behind, in a session of its own, that holds the pipes open and ignores TERM
    spew BYTES              print that much                garbage BYTES          print that much that is no text
    memory MB               use that much                  usage TOKENS [USD]     say that this was spent
    outside FILE TEXT       write outside the checkout     sentinel NAME [TEXT]   touch a file in the attempt's directory
    usage-limit [at TIME]   say so as agents do, exit 1    auth                   say that the login has expired, exit 1
    done [SUMMARY]          report in $ORCH_RESULT         no-change REASON       likewise, each a status of orch-reply(5)
    help QUESTION           likewise                       fail REASON            likewise
    result TEXT             write TEXT to $ORCH_RESULT as it is

`on N:` or `on N-M:` before a line acts it only on these tries of the task. Empty lines and lines that begin with # are passed over. A
line that is not known ends it with status 65 before anything is done. It runs alone, by path, and imports nothing of orch.
"""
from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Step(NamedTuple):
    line: int
    verb: str
    rest: str
    body: str | None  # of a here-document


class BadScript(Exception):
    pass


def parse(text: str, attempt: int) -> list[Step]:
    """The steps that this try acts out. raises BadScript that names the line"""
    steps: list[Step] = []
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        prefix = re.match(r"\s*on\s+(\d+)(?:-(\d+))?:\s*", line)
        wanted = not prefix or int(prefix[1]) <= attempt <= int(prefix[2] or prefix[1])
        words = line[prefix.end() if prefix else 0 :].strip()
        if not words or words.startswith("#"):
            continue
        verb, _, rest = words.partition(" ")
        if verb not in VERBS:
            raise BadScript(f"line {number}: no such act: {verb!r}")
        rest, body = rest.strip(), None
        here = re.fullmatch(r"(.*?)\s*<<\s*(\w+)", rest)
        if here and verb in ("write", "append"):
            rest, kept = here[1], []
            for _, each in lines:
                if each.strip() == here[2]:
                    break
                kept.append(each + "\n")
            else:
                raise BadScript(f"line {number}: no line {here[2]!r} ends what begins here")
            body = "".join(kept)
        needs = VERBS[verb][0]
        if len(rest.split()) < len(needs) - (body is not None):
            raise BadScript(f"line {number}: {verb} needs {' and '.join(needs)}")
        if needs[:1] == ("a number",) and not re.fullmatch(r"\d+(\.\d+)?", rest.split()[0]):
            raise BadScript(f"line {number}: {verb} needs a number, not {rest.split()[0]!r}")
        if wanted:
            steps.append(Step(number, verb, rest, body))
    return steps


def put(step: Step, mode: str) -> None:
    path, _, text = step.rest.partition(" ")
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(path, mode, encoding="utf-8", errors="surrogateescape") as file:
        file.write(text + "\n" if step.body is None else step.body)


def call(*argv: str) -> int:
    """Run a program to its end; returns its exit status, 128 + n after signal n."""
    code = os.spawnvp(os.P_WAIT, argv[0], argv)
    return code if code >= 0 else 128 - code


def commit(step: Step) -> None:
    for argv in (("git", "add", "-A"), ("git", "commit", "-q", "--allow-empty", "-m", step.rest)):
        code = call(*argv)
        if code:
            sys.exit(code)


def run(step: Step) -> None:
    code = call("/bin/sh", "-c", step.rest)
    if code:
        sys.exit(code)


def hang(step: Step) -> None:
    while True:
        time.sleep(3600)


def kill(step: Step) -> None:
    if int(step.rest) not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(int(step.rest), signal.SIG_DFL)
    os.kill(os.getpid(), int(step.rest))
    time.sleep(10)


def daemon(step: Step) -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)  # so it is nobody's child but an orphan
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.execvp("sleep", ["sleep", step.rest.split()[0]])


def spew(step: Step) -> None:
    lines = (b"0123456789abcdef" * 64 + b"\n") * 64
    left = int(step.rest.split()[0])
    while left > 0:
        left -= os.write(1, lines[:left])


def garbage(step: Step) -> None:
    left = int(step.rest.split()[0])
    while left > 0:
        left -= os.write(1, os.urandom(min(left, 65536)))


def memory(step: Step) -> None:
    held = bytearray(int(float(step.rest.split()[0]) * 1_000_000))
    held[::4096] = b"x" * len(held[::4096])  # touched, so that it is really there
    time.sleep(1)


def usage(step: Step) -> None:
    tokens, _, cost = step.rest.partition(" ")
    say(json.dumps({"type": "usage", "tokens": int(float(tokens)), "cost": float(cost or 0)}))


def limit(step: Step) -> None:
    when = step.rest.removeprefix("at ").strip()
    say("You've hit your usage limit." + (f" It resets at {when}" if when else ""))
    sys.exit(1)


def auth(step: Step) -> None:
    say("Not logged in - please run /login. API Error: 401 authentication_error: OAuth token has expired.")
    sys.exit(1)


def sentinel(step: Step) -> None:
    name, _, text = step.rest.partition(" ")
    attempt = os.path.dirname(os.path.dirname(os.environ["ORCH_RESULT"]))
    with open(os.path.join(attempt, name), "w", encoding="utf-8") as file:
        file.write(text)


def report(status: str) -> Callable[[Step], None]:
    def act(step: Step) -> None:
        words = {"summary": step.rest or "rehearsed"} if status == "done" else {"summary": step.rest, "reason": step.rest}
        result(step._replace(rest=json.dumps({"status": status, **words})))

    return act


def result(step: Step) -> None:
    path = os.environ["ORCH_RESULT"]
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(step.rest)
    os.rename(path + ".new", path)


def say(text: str, fd: int = 1) -> None:
    os.write(fd, (text + "\n").encode(errors="surrogateescape"))


def close(step: Step) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


# verb -> what it needs, what it does
VERBS: dict[str, tuple[Sequence[str], Callable[[Step], object]]] = {
    "say": ((), lambda step: say(step.rest)),
    "warn": ((), lambda step: say(step.rest, 2)),
    "write": (("a file", "a text"), lambda step: put(step, "w")),
    "append": (("a file", "a text"), lambda step: put(step, "a")),
    "outside": (("a file", "a text"), lambda step: put(step, "w")),
    "delete": (("a file",), lambda step: os.unlink(step.rest)),
    "commit": (("a message",), commit),
    "run": (("a command",), run),
    "sleep": (("a number",), lambda step: time.sleep(float(step.rest.split()[0]))),
    "hang": ((), hang),
    "exit": (("a number",), lambda step: sys.exit(int(step.rest.split()[0]))),
    "signal": (("a number",), kill),
    "ignore-term": ((), lambda step: signal.signal(signal.SIGTERM, signal.SIG_IGN)),
    "close": ((), close),
    "daemon": (("a number",), daemon),
    "spew": (("a number",), spew),
    "garbage": (("a number",), garbage),
    "memory": (("a number",), memory),
    "usage": (("a number",), usage),
    "usage-limit": ((), limit),
    "auth": ((), auth),
    "sentinel": (("a name",), sentinel),
    "done": ((), report("done")),
    "no-change": (("a reason",), report("no_change")),
    "help": (("a question",), report("help")),
    "fail": (("a reason",), report("failed")),
    "result": ((), result),
}


def main(argv: Sequence[str]) -> int:
    try:
        with open(argv[1], encoding="utf-8", errors="surrogateescape") as file:
            steps = parse(file.read(), int(os.environ.get("ORCH_TRY") or 1))
    except BadScript as error:
        say(f"rehearsal: {error}", 2)
        return 65
    for step in steps:
        try:
            VERBS[step.verb][1](step)
        except (OSError, KeyError) as error:
            say(f"rehearsal: line {step.line}: {step.verb}: {error}", 2)
            return 74
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv))
