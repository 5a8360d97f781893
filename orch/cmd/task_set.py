"""`orch task set`: change what a person may say of a task."""
from __future__ import annotations

import click

from orch.cmd import given, out
from orch.core import draft
from orch.errors import Usage
from orch.flow import edit, tasks
from orch.host.world import World

HELP = f"""Set fields of TASK as `task add` has them: {', '.join(draft.FIELDS)}.

Lists are written with commas; an empty value clears; body=@FILE reads a file, body=- standard input. A routed task that is asked for
another agent, model or complexity is routed again; a running attempt goes on as it was started.
"""


@click.command(help=HELP, short_help="change fields of a task")
@click.argument("task")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--project", "-p", metavar="O/R", help="The project that the id belongs to.")
@click.option("--json", is_flag=True, help="Print the record as a line of JSON.")
@click.pass_obj
def command(world: World, /, task: str, fields: tuple[str, ...], project: str | None, json: bool) -> None:
    slug, found = tasks.find(world, task, project)
    raw = {}
    for each in fields:
        name, equals, value = each.partition("=")
        if not equals:
            raise Usage(f"{each!r} is not FIELD=VALUE", f"fields are {', '.join(draft.FIELDS)}")
        raw[name.replace("-", "_")] = given.body(world, value) if name == "body" else value
    after = edit.people(world, slug, found["id"], raw)
    if json:
        out.json_line(after)
    elif after["seq"] == found["seq"]:
        out.say(f"{after['id']} is like that already")
    else:
        out.say(f"{after['id']}: set {', '.join(raw)}")
