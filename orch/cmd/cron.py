"""say whether a cron expression matches, or when next

Usage: orch cron [--tz ZONE] [--since TIME] EXPR
       orch cron next [-n COUNT] [--from TIME] [--tz ZONE] [--json] EXPR

Status 0 when EXPR is due in this minute or, with --since, when it was due after TIME and up to now;
status 1 when not. `next` prints the times at which it will be due, soonest first, as the zone's
clock shows them; status 1 when it never will be.

EXPR is one word for the shell: five fields as in crontab(5), or @hourly, @daily, @weekly, @monthly
or @yearly. It follows the zone's clock; orch-cron(1) says what a change of the clock means.

  --since TIME  an ISO time with its zone, such as 2026-11-20T23:01:38Z
  --tz ZONE     the zone whose clock counts, such as Europe/Berlin (default: the caller's, as in cron)
  -n COUNT      how many times to print (default 5)
  --from TIME   print the times after TIME (default: now)
  --json        print each as a JSON object: at (UTC), local, expr
"""
from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice

from orch.cmd import words
from orch.core import clock, cron
from orch.errors import Usage
from orch.host import zone
from orch.host.world import World

HINT = "see `orch cron --help`; quote the expression, so that the shell does not expand its stars"


def main(args: list[str], world: World) -> int:
    if args[:1] == ["next"]:
        return coming(args[1:], world)
    options, expr = parse(args, ("--since", "--tz"))
    place = zone.named(options["--tz"]) if "--tz" in options else zone.local(world.env)
    if "--since" not in options:
        return 0 if cron.match(expr, world.now(), place) else 1
    return 0 if cron.due(expr, clock.parse(options["--since"]), world.now(), place) else 1


def coming(args: list[str], world: World) -> int:
    """Print the next times."""
    options, expr = parse(args, ("-n", "--from", "--tz"), ("--json",))
    place = zone.named(options["--tz"]) if "--tz" in options else zone.local(world.env)
    at = clock.parse(options["--from"]) if "--from" in options else world.now()
    count = options.get("-n", "5")
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= 10_000):
        raise Usage(f"-n: {count!r} is not a number from 1 to 10000", HINT)
    found = None
    for found in islice(times(expr, at, place), int(count)):
        local = found.astimezone(place).isoformat()
        if "--json" in options:
            from orch.cmd import out

            out.json_line({"at": clock.text(found), "local": local, "expr": expr})
        else:
            print(local)
    if found is None:
        print(f"orch cron: {expr!r} is never due", file=sys.stderr)
    return 1 if found is None else 0


def times(expr: str, at: datetime, place: tzinfo) -> Iterator[datetime]:
    """Every slot after at."""
    found = cron.next_after(expr, at, place)
    while found:
        yield found
        found = cron.next_after(expr, found, place)


def parse(args: list[str], valued: Sequence[str], flags: Sequence[str] = ()) -> tuple[dict[str, str], str]:
    """Split the words into options and the expression. raises Usage"""
    options, rest = words.split(args, valued, flags, HINT)
    if len(rest) != 1:
        raise Usage(f"expected one expression, got {len(rest)} words" if rest else "no expression is given", HINT)
    return options, rest[0]
