"""orch template: render one file with the values of the command line."""
from __future__ import annotations

import json
import os
import re
from typing import Any

import click

from orch.cmd import given as givens
from orch.cmd import out
from orch.errors import BadData, Usage
from orch.host import template
from orch.host.world import World


@click.command()
@click.argument("path")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--json", "source", metavar="FILE", help="Take values from a JSON object in FILE, or in standard input for -.")
@click.pass_obj
def command(world: World, path: str, values: tuple[str, ...], source: str | None) -> None:
    """Render a template.

    Prints the Jinja2 template PATH (or, for -, standard input) with the values given: texts by NAME=VALUE, anything else by --json. A name
    without a value is an error. The template may include what lies beside it, and orch/NAME for a template that orch comes with.
    """
    if path == source == "-":
        raise Usage("standard input cannot be both the template and its values", "name a file for one of them")
    given = {**_object(world, source), **dict(map(_pair, values))}
    full = os.path.join(world.cwd, path)
    folder, name = (world.cwd, "-") if path == "-" else os.path.split(full)
    label = "standard input" if path == "-" else full
    raw = givens.read(world, path)
    out.text(template.render(name, given, [folder], {name: _decode(label, raw)}, label=label))


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise Usage(f"expected NAME=VALUE, got {word!r}", "a name is letters, digits and _; nested values come by --json")
    return name, value


def _object(world: World, source: str | None) -> dict[str, Any]:
    if source is None:
        return {}
    name = "standard input" if source == "-" else source
    raw = givens.read(world, source)
    try:
        value = json.loads(_decode(name, raw))
    except (ValueError, RecursionError) as error:
        raise BadData(f"{name}: not JSON ({error})") from None
    if not isinstance(value, dict):
        raise BadData(f"{name}: expected a JSON object, got {type(value).__name__}")
    return value


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadData(f"{name}: not UTF-8 ({error.reason} at byte {error.start})") from None
