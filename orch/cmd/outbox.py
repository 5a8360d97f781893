"""`orch outbox`: the acts that wait to be done outside."""
from __future__ import annotations

import click

from orch.cmd import out
from orch.errors import NotAllowed, NotFound, TryLater, Usage
from orch.flow import outbox
from orch.flow import project as projects
from orch.host.world import World


@click.command(short_help="list or deliver the acts that wait to be done outside")
@click.argument("what", type=click.Choice(["list", "deliver", "drop"]), default="list")
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--project", "-p", metavar="O/R", help="Only this project; default all.")
@click.pass_obj
def command(world: World, what: str, keys: tuple[str, ...], project: str | None) -> int:
    """List what waits (pushes), deliver what is due, or drop KEY: it is not done, and kept in outbox/failed. One JSON line per act.

    The status of deliver is 0 when everything that was tried is done, 75 when something has to wait for another try, 77 when something
    was refused for good. An act that failed waits until its not_before, or, with `permanent` or `stale`, for a person or its task.
    """
    if keys and what == "list":
        raise Usage("list takes no KEY", "say --project to list fewer")
    if what == "drop" and not keys:
        raise Usage("drop which act?", "`orch outbox list` shows the keys")
    slugs = [projects.here(world, project)] if project else projects.slugs(world)
    waiting = [act for slug in slugs for act in outbox.pending(world, slug)]
    missing = set(keys) - {act["key"] for act in waiting}
    if missing:
        raise NotFound(f"no such act waits: {', '.join(sorted(missing))}", "`orch outbox list` shows what waits")
    if what != "deliver":
        for act in waiting:
            if what == "list" or (act["key"] in keys and outbox.drop(world, act["project"], act["key"])):
                out.json_line(act)
        return 0
    done = [act for slug in slugs for act in outbox.deliver(world, slug, keys)]
    for act in done:
        out.json_line(act)
        if not act.get("sent_at"):
            out.say(f"{act['key']}: {act.get('error')}")
    left = [act for act in done if not act.get("sent_at")]
    if any(outbox.rests(act) for act in left):
        return NotAllowed.code
    return TryLater.code if left else 0
