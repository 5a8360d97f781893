"""Make the repository here a project."""
from __future__ import annotations

import os

import click

from orch.cmd import out
from orch.cmd.progress import Progress
from orch.cmd.project import HOW, warn
from orch.flow import configure, project
from orch.host import files
from orch.host.world import World


@click.command("init")
@click.argument("path", default=".")
@click.option("--name", metavar="O/R", help="Call it so, instead of what its remote says.")
@click.option("--no-trust", is_flag=True, help="Do not let the repository's .orch.yml run commands (verify, setup ...).")
@click.pass_obj
def command(world: World, path: str, name: str | None, no_trust: bool) -> None:
    """Make the repository here (or at PATH) a project.

    Writes $ORCH_HOME/config.yml when there is none and makes orch's own mirror of the repository. Nothing in the repository is
    touched. Doing it again changes nothing. The project's name is printed.
    """
    with Progress(world.env) as progress:
        found = project.register(world, os.path.join(world.cwd, path), name, progress.hearer("cloning"))
    slug = found.project["slug"]
    files.make_dir(world.home.inbox())  # so that a file can be dropped into it
    out.say(f"orch init: {slug}: {HOW[found.how]}")
    if configure.create(world):
        out.say(f"orch init: wrote {world.home.config()}; engine.path in it is your PATH of now")
    if not no_trust:
        how = configure.trust(world, slug)
        if how == "set":
            which = "the commands in its .orch.yml are" if _has_config(world, slug) else "the commands that an .orch.yml brings are"
            out.say(f"orch init: {which} trusted (projects.{slug}.trust); --no-trust leaves that out")
        elif how == "refused":
            out.say(f"orch init: not trusted, as {world.home.config()} says; `orch config set projects.{slug}.trust=true` changes that")
    warn(world, slug)
    if not _has_config(world, slug):
        out.say(offer(found.project.get("path")))
    out.text(f"{slug}\n")


# A file at the top of a repository, and the command that its people most likely test with.
TESTS = (
    ("Makefile", "make test"), ("package.json", "npm test"), ("pyproject.toml", "python3 -m pytest"), ("Cargo.toml", "cargo test"),
    ("go.mod", "go test ./..."), ("Gemfile", "bundle exec rake test"), ("mix.exs", "mix test"), ("pom.xml", "mvn -q test"),
)


def offer(path: str | None) -> str:
    """What to commit so that tasks are checked."""
    there = set(files.names(path)) if path else set()
    guess = next((test for name, test in TESTS if name in there), "make test")
    return (
        "orch init: no task of this project is checked yet. To have each one checked, commit a file .orch.yml such as\n"
        f"  workflow:\n    setup: []\n    verify:\n      - {guess}"
    )


def _has_config(world: World, slug: str) -> bool:
    """Whether the default branch has an .orch.yml."""
    return files.stamp(world.home.project_config(slug)) is not None
