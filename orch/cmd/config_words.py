"""The words of `orch config` that read no single key: list, explain, check, set, home."""
from __future__ import annotations

import click

from orch.cmd import clicks, out
from orch.core import config
from orch.errors import BadConfig
from orch.flow import config as reading
from orch.flow import configure
from orch.flow import project as projects
from orch.host.world import World

for_project = click.option("--project", "-p", metavar="O/R", help="The configuration of this project.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


@click.group("config", context_settings={"help_option_names": clicks.HELP_NAMES})
@for_project
@click.pass_context
def command(context: click.Context, project: str | None) -> None:
    """Read, explain, check or set the configuration.

    `orch config KEY` prints one value: `orch config engine.max_parallel`.
    """
    context.default_map = {name: {"project": project} for name in ("list", "explain", "check")}


@command.command("list")
@for_project
@as_json
@click.pass_obj
def list_all(world: World, project: str | None, as_json: bool) -> None:
    """Print every key and its value."""
    for line in reading.explain(world, projects.maybe(world, project)):
        key = config.dotted(line.path)
        if as_json:
            out.json_line({"key": key, "value": line.value})
        else:
            out.text(f"{key}={out.shown(line.value)}\n")


@command.command()
@click.argument("key", required=False)
@for_project
@as_json
@click.pass_obj
def explain(world: World, key: str | None, project: str | None, as_json: bool) -> None:
    """Print values with their origins: a file and key, a variable, or default."""
    slug = projects.maybe(world, project)
    wanted = reading.find(key) if key else ()
    for line in reading.explain(world, slug):
        if line.path[: len(wanted)] != wanted:
            continue
        row = config.key_at(line.path)
        if as_json:
            about = {"doc": row.doc, "type": row.type, "default": row.default, "scope": row.scope} if row else {}
            out.json_line({"key": config.dotted(line.path), "value": line.value, "origin": line.origin, **about})
        else:
            out.text(f"{config.dotted(line.path)}={out.shown(line.value)}  # {line.origin}\n")
            if key and row:
                out.text(f"    {row.doc}\n")
    for words in reading.warnings(world, slug):
        out.say(f"orch config: warning: {words}")


@command.command()
@for_project
@click.pass_obj
def check(world: World, project: str | None) -> int:
    """Print everything that is wrong, one problem per line.

    Looks at the user's config.yml, the environment, and the files of the named project or of all projects.
    """
    found = configure.check(world, _meant(world, project))
    for problem in found.problems:
        out.text(f"{problem}\n")
    for note in found.notes:
        out.say(f"orch config: note: {note}")
    out.say(f"orch config: {len(found.problems)} wrong" if found.problems else "orch config: ok")
    return BadConfig.code if found.problems else 0


def _meant(world: World, name: str | None) -> list[str]:
    return [projects.here(world, name)] if name else projects.slugs(world)


@command.command("set")
@click.argument("assignments", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--project-file", metavar="FILE", help="Edit this file, say a repository's .orch.yml, instead of the user's config.yml.")
@click.pass_obj
def set_values(world: World, assignments: tuple[str, ...], project_file: str | None) -> None:
    """Set values in a YAML file; its comments and its order stay.

    A list is `a, b`, or JSON when an item holds a comma: 'workflow.verify=["make test, lint"]'.
    """
    try:
        out.say(f"orch config: changed {configure.change(world, assignments, project_file)}")
    except BadConfig as error:
        if len(error.problems) > 1:  # its message names the first
            for problem in error.problems:
                out.say(f"orch config: {problem}")
        raise


@command.command()
@click.pass_obj
def home(world: World) -> None:
    """Print the directory in which orch keeps everything, which need not be there yet.

    It is $ORCH_HOME, else ~/.orch, else ~/.orchestrator when only that exists. For scripts, which would guess otherwise.
    """
    out.text(f"{world.home.root}\n")
