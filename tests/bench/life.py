"""The whole life of a task whose agent is a script, against the same git commands typed in sh; and how soon its agent runs."""
from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.bench import homes, timing
from tests.bench.bench import Bench
from tests.bench.stats import Row, at_most, beyond, middle, ratio, scaled
from tests.sandbox import CHECKOUT, ORCH, Sandbox

SCRIPT = "echo new > new.txt && mkdir -p deeper && echo newer > deeper/newer.txt"
CHECK = "test -f new.txt && test -f deeper/newer.txt"
# What orch does for such a task with git, as a person would type it. B: the branch; C: the checkout; M: the mirror.
BEGIN = 'git clone --quiet --shared --no-checkout -- "$M" "$C" && cd "$C" && git checkout --quiet -b "$B"'
TYPED = f"""set -e
{BEGIN}
sh -c "$SCRIPT"
git add -A && git commit --quiet -m "$B"
git --git-dir="$M" fetch --quiet "$C" "+refs/heads/$B:refs/orch/keep/$B"
if [ "$CHECK" ]; then
    git clone --quiet --shared --no-checkout -- "$M" "$C.check" && cd "$C.check" && git checkout --quiet --detach "refs/remotes/origin/HEAD"
    git fetch --quiet "$C" "$B" && git checkout --quiet --detach FETCH_HEAD
    sh -c "$CHECK" && cd / && rm -rf "$C.check"
fi
git --git-dir="$M" push --quiet origin "refs/orch/keep/$B:refs/heads/$B"
"""
# Without a server. What the shepherd does after the tick belongs to it.
BY_HAND = f'"{ORCH}" task add "one $N" --body "$SCRIPT" ${{CHECK:+--verify "$CHECK"}} && "{ORCH}" tick'
SIZES = {"small": 20, "ordinary": 2000}  # files in the repository
_serial = itertools.count(1)


def rows(bench: Bench) -> Iterator[Row]:
    for size, count in SIZES.items():
        bench.say(f"making a repository of {count} files ...")
        box = homes.make(tree(count))
        try:
            yield from _rows(bench, box, f"a shell task, {size} repository ({count} files)")
        finally:
            box.close()


def tree(count: int) -> dict[str, str]:
    """Files of some kilobytes in directories of fifty."""
    text = "".join(f"line {number} of a file that is not compressed to nothing: {number * 7919 % 10007}\n" for number in range(40))
    return {f"part{at // 50}/file{at}.txt": f"file {at}\n{text[: 500 + at * 37 % 2000]}" for at in range(count)}


def _rows(bench: Bench, box: Sandbox, group: str) -> Iterator[Row]:
    with served(box):
        for check, words in (("", "without verify"), (CHECK, "with verify")):
            ways = {"sh": typed(box, check), "orch": life(box, check)}
            samples = timing.interleave(ways, bench.rounds(15))
            yield Row(group, f"git typed in sh, {words}", "ms", scaled(middle(samples["sh"]), 1000), note="what orch is compared with")
            yield Row(group, f"task add to published, {words}", "x", ratio(samples["orch"], samples["sh"]), at_most(2))
        samples = timing.interleave({"clone": typed(box, "", BEGIN), "agent": begun(box)}, bench.rounds(20))
        late = scaled(beyond(samples["agent"], samples["clone"]), 1000)
        yield Row(group, "task add to agent running, beyond the clone", "ms", late, at_most(150))
    for check, words in (("", "without verify"), (CHECK, "with verify")):
        ways = {"sh": cost(box, TYPED, partial(names, box, check)), "orch": cost(box, BY_HAND, partial(words_of, check))}
        samples = timing.interleave(ways, bench.rounds(8))
        yield Row(group, f"processor time of add and tick, {words}", "x", ratio(samples["orch"], samples["sh"]))


def names(box: Sandbox, check: str) -> dict[str, str]:
    """The variables of TYPED, fresh for each run."""
    branch = f"typed-{next(_serial)}"
    return {"B": branch, "C": os.path.join(box.root, branch), "M": box.world().home.mirror(homes.SLUG), "SCRIPT": SCRIPT, "CHECK": check}


def typed(box: Sandbox, check: str, script: str = TYPED) -> timing.Way:
    return lambda: timing.process(["sh", "-c", script], {**box.env, **names(box, check)})()


class served:
    """`orch serve` runs in the block, and has done its first tick."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def __enter__(self) -> int:
        self.child = subprocess.Popen([ORCH, "serve"], env=self.box.env, cwd="/", stdin=-3, stdout=-3, stderr=-3)
        wake = self.box.world().home.wake()
        timing.until(lambda: os.path.exists(wake))
        return self.child.pid

    def __exit__(self, *_: object) -> None:
        self.child.terminate()
        self.child.wait()


def add(box: Sandbox, body: str, check: str = "") -> str:
    """`orch task add`; returns the id."""
    more = ["--verify", check] if check else []
    argv = [ORCH, "task", "add", f"one {next(_serial)}", "--body", body, *more]
    return subprocess.run(argv, env=box.env, cwd="/", check=True, capture_output=True, text=True).stdout.strip()


def life(box: Sandbox, check: str) -> timing.Way:
    def way() -> float:
        begin = time.perf_counter()
        id = add(box, SCRIPT, check)
        timing.until(lambda: homes.status(box, id) in ("done", "needs_review"))
        seconds = time.perf_counter() - begin
        if homes.status(box, id) != "done":
            raise RuntimeError(f"{id} needs review: {box.orch('sidecar', 'get', id, 'why').out}")
        return seconds

    return way


def begun(box: Sandbox) -> timing.Way:
    """Until the first line of the agent's script runs; then until its task is done, so that the next begins in peace."""

    def way() -> float:
        flag = os.path.join(box.root, f"flag-{next(_serial)}")
        begin = time.perf_counter()
        id = add(box, f": > {flag}\n{SCRIPT}")
        timing.until(lambda: os.path.exists(flag))
        seconds = time.perf_counter() - begin
        timing.until(lambda: homes.status(box, id) == "done")
        return seconds

    return way


def words_of(check: str) -> dict[str, str]:
    """The variables of BY_HAND, fresh for each run."""
    return {"N": str(next(_serial)), "SCRIPT": SCRIPT, "CHECK": check}


def cost(box: Sandbox, script: str, more: Callable[[], Mapping[str, str]]) -> timing.Way:
    """Seconds of processor time of a shell script and of everything that it started, daemons too."""

    def way() -> float:
        env = {**box.env, **more(), "PYTHONPATH": CHECKOUT}
        words = [homes.python(), "-m", "tests.bench.whole", "sh", "-c", script]
        return float(subprocess.run(words, env=env, cwd="/", check=True, capture_output=True, text=True).stdout)

    return way
