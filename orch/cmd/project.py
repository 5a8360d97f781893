"""Add, list or remove projects."""
from __future__ import annotations

import os

import click

from orch.cmd import clicks, out
from orch.cmd.progress import Progress
from orch.errors import BadData, OrchError
from orch.flow import project
from orch.host.gitsaid import redact
from orch.host.world import World
from orch.records import Project


@click.group("project", context_settings={"help_option_names": clicks.HELP_NAMES})
def command() -> None:
    """Add, list or remove projects."""


@command.command()
@click.argument("what", metavar="PATH|O/R|URL")
@click.option("--name", metavar="O/R", help="Call it so, instead of what its address says.")
@click.pass_obj
def add(world: World, what: str, name: str | None) -> None:
    """Register a repository and make its mirror.

    A PATH is a checkout or a bare repository of yours; O/R is https://github.com/O/R.git. The project's name is printed.
    """
    with Progress(world.env) as progress:
        found = project.register(world, what, name, progress.hearer("cloning"))
    slug = found.project["slug"]
    out.text(f"{slug}\n")
    out.say(f"orch project: {slug}: {HOW[found.how]}")
    warn(world, slug)


HOW = {"added": "added", "updated": "its record was brought up to date", "known": "registered already, nothing to do"}


def warn(world: World, slug: str) -> None:
    """Say where results cannot go, and what in the configuration does not count; a wrong one stops nobody from registering."""
    from orch.flow import config, origin

    place = project.get(world, slug)["origin"]
    if not origin.follows(place):
        out.say(f"{place} is a checkout: results come into it as branches, and `finish: merge` cannot move the one that you are on")
    try:
        for words in config.warnings(world, slug):
            out.say(f"warning: {words}")
    except OrchError as error:
        out.say(f"warning: {error.message}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_obj
def list_all(world: World, as_json: bool) -> int:
    """Print each project with its checkout and its origin."""
    broken = []
    for slug in project.slugs(world):
        try:
            record = project.get(world, slug)
        except OrchError as error:
            broken.append(error)
            out.problem("orch project", error)
            continue
        if as_json:
            out.json_line({**record, "origin": redact(record["origin"]), "missing": missing(record)})
        else:
            gone = f"  (missing: {', '.join(missing(record))})" if missing(record) else ""
            out.text(f"{slug}  {record.get('path') or '-'}  {redact(record['origin'])}{gone}\n")
    return BadData.code if broken else 0


def missing(record: Project) -> list[str]:
    """Which of a project's places are not on this disk; a remote over the network is not asked."""
    found = []
    path = record.get("path")
    if path and not os.path.isdir(path):
        found.append("path")
    if os.path.isabs(record["origin"]) and not os.path.isdir(record["origin"]):
        found.append("origin")
    return found


@command.command()
@click.argument("slug", metavar="O/R")
@click.option("--force", is_flag=True, help="Leave its open tasks behind.")
@click.option("--purge", is_flag=True, help="Move its mirror aside too.")
@click.pass_obj
def remove(world: World, slug: str, force: bool, purge: bool) -> None:
    """Forget a project; what it had is moved aside and nothing is deleted."""
    from orch.flow import configure

    slug = project.here(world, slug)
    moves = project.remove(world, slug, force=force, purge=purge)
    for old, new in moves:
        out.say(f"orch project: moved {old} to {new}")
    out.say("orch project: hint: move it back to undo this")
    if configure.distrust(world, slug):
        out.say(f"orch project: {slug} is not trusted any more: projects.{slug}.trust is false in {world.home.config()}")
