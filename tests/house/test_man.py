"""The pages in man/ say what the program does: table, options, exit statuses, keys, formats, cross references.

What is a fact of a table is written into the pages by shell/man.py, and is stale when that would change anything. All else is written
by hand and compared here, in both directions: what the program has is in the page, and what the page has is in the program.
"""
from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import click
import pytest

from orch import agents, commands, errors, records
from orch.agents import act
from orch.core import config, draft
from tests.house import source
from tests.house.test_exits import statuses
from tests.sandbox import CHECKOUT

PAGES = source.files("man/*.[157]")
ROWS = [row for row in commands.ROWS if f"orch/cmd/{row.module}.py" in source.files("orch/cmd/*.py")]
IDS = [row.name for row in ROWS]
FORMATS = ("agent", "attempt", "config", "inbox", "outbox", "project", "prompts", "reply", "task")
ORDER = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "KEYS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO")
HELP = {"--help", "-h"}
CAUGHT = {"agents": {69}, "outbox": {65}}  # raised for the program's own use: nobody who calls the command meets it
SHAPES = {  # heading in a format's page -> what it describes
    ("orch-task.5", "task.json"): records.Task,
    ("orch-task.5", "options"): records.Options,
    ("orch-task.5", "failures"): records.Failure,
    ("orch-task.5", "events.jsonl"): records.Event,
    ("orch-attempt.5", "spec.json"): records.Spec,
    ("orch-attempt.5", "limits"): records.Limits,
    ("orch-attempt.5", "prepared.json"): records.Prepared,
    ("orch-attempt.5", "proc.json"): records.Proc,
    ("orch-attempt.5", "exit.json"): records.Exit,
    ("orch-attempt.5", "evidence.json"): records.Evidence,
    ("orch-attempt.5", "verify.json"): records.Verify,
    ("orch-attempt.5", "checks"): records.Check,
    ("orch-project.5", "registry record"): records.Project,
    ("orch-outbox.5", "key.json"): records.Act,
}


class Page(NamedTuple):
    """A page as its source says it: text by `.Sh` heading, and the text below each `.Ss` of one."""

    sections: dict[str, str]
    parts: dict[str, str]


def page(name: str) -> Page:
    text = re.sub(r'^\.\\".*\n', "", source.read(name), flags=re.M)
    sections = {head.strip('"'): body for head, body in re.findall(r"^\.Sh ([^\n]+)\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)}
    parts = {head.strip('"'): body for head, body in re.findall(r"^\.Ss ([^\n]+)\n(.*?)(?=^\.S[sh] |\Z)", text, re.M | re.S)}
    return Page(sections, parts)


def flags(text: str, *, items: bool = True) -> set[str]:
    """The options in a text: in list items, or anywhere. `.Fl -json` is --json; a lone `Fl` is the dash that means standard input."""
    lines = [line for line in text.splitlines() if line.startswith(".It ") or not items]
    return {"-" + word for line in lines for word in re.findall(r"\bFl (-?[A-Za-z][\w-]*)", line)}


def stanzas(synopsis: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """(words after orch, text) of each form in a SYNOPSIS; `route | run` is a form of both."""
    for words, text in re.findall(r"^\.Nm orch ?([^\n]*)\n(.*?)(?=^\.Nm |\Z)", synopsis, re.M | re.S):
        *head, last = words.split(" | ")[0].split() or [""]
        for each in [last, *words.split(" | ")[1:]]:
            yield (*head, each), text


def entry(row: commands.Row) -> Any:
    module = importlib.import_module(f"orch.cmd.{row.module}")
    return getattr(module, "command", module)


def options(command: click.Command) -> list[set[str]]:
    """The names of each option, without --help."""
    found = [{*each.opts, *each.secondary_opts} for each in command.params if isinstance(each, click.Option)]
    return [names for names in found if not names & HELP]


def members(command: click.Command) -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    return {name: member for name in command.list_commands(context) if (member := command.get_command(context, name))}


# --- table = pages


def test_every_row_has_a_page() -> None:
    wanted = {f"man/orch-{row.name}.1" for row in ROWS} | {"man/orch.1", "man/orch.7"} | {f"man/orch-{name}.5" for name in FORMATS}
    assert set(PAGES) == wanted


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_name_is_that_of_the_table(row: commands.Row) -> None:
    assert page(f"man/orch-{row.name}.1").sections["NAME"] == f".Nm orch-{row.name}\n.Nd {row.summary}\n"


@pytest.mark.parametrize("name", PAGES)
def test_sections_are_in_order(name: str) -> None:
    found = list(page(name).sections)
    known = [each for each in found if each in ORDER]
    assert known == [each for each in ORDER if each in found]
    assert found[:1] == ["NAME"]
    assert "SEE ALSO" in found
    if name.endswith(".1"):
        assert found[1] == "SYNOPSIS"
        assert "EXIT STATUS" in found


@pytest.mark.parametrize("name", PAGES)
def test_cross_references_exist(name: str) -> None:
    ours = [(word, number) for word, number in re.findall(r"\bXr (\S+) (\d)", source.read(name)) if word.startswith("orch")]
    assert not [f"{word}({number})" for word, number in ours if f"man/{word}.{number}" not in PAGES]
    here = tuple(os.path.basename(name).rsplit(".", 1))
    see = re.findall(r"\bXr (\S+) (\d)", page(name).sections["SEE ALSO"])
    assert here not in see
    assert see == sorted(see, key=lambda each: (each[1], each[0])), "SEE ALSO goes by section, then by name"


def test_tables_are_fresh() -> None:
    script = os.path.join(CHECKOUT, "shell", "man.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
def test_pages_lint() -> None:
    paths = [os.path.join(CHECKOUT, name) for name in PAGES]
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- options


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_options(row: commands.Row) -> None:
    """Each option stands in a list of the page, with all its names, and every flag in a list is an option."""
    found, text = entry(row), page(f"man/orch-{row.name}.1")
    if not isinstance(found, click.Command):
        light(found.__doc__, text)
    elif members(found):
        for name, member in members(found).items():
            one_member(name, member, text)
    else:
        listed = flags(text.sections.get("OPTIONS", ""))
        known: set[str] = set().union(*options(found))
        assert listed == known
        used = {flag for _, form in stanzas(text.sections["SYNOPSIS"]) for flag in flags(form, items=False)}
        assert used <= known
        assert not [names for names in options(found) if not names & used], "not in SYNOPSIS"


def light(help: str, text: Page) -> None:
    """A command without click: its help is the module's docstring, and the same flags stand there and in the page."""
    said = set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", help)) - HELP
    items = [flags(line) for body in text.sections.values() for line in body.splitlines() if flags(line)]
    assert said <= set().union(*items)
    assert not [names for names in items if not names & said]
    used = flags(text.sections["SYNOPSIS"], items=False)
    assert used <= set().union(*items)
    assert not [names for names in items if not names & used], "not in SYNOPSIS"


def one_member(name: str, member: click.Command, text: Page) -> None:
    """A sub-command: its own part of the page, and the part on filters where it takes them."""
    row = commands.find(name)
    if row and member is entry(row):
        return  # a command of the table under a second name, with a page of its own
    here = "".join(body for head, body in text.parts.items() if name in re.split(r", | and ", head))
    shared = flags(text.parts.get("Filters", "")) if any("--status" in names for names in options(member)) else set()
    known: set[str] = set().union(*options(member))
    assert flags(here) <= known, name
    assert known <= flags(here) | shared, name
    forms = [form for words, form in stanzas(text.sections["SYNOPSIS"]) if words[1:2] == (name,)]
    assert forms, f"no form of {name} in SYNOPSIS"
    used: set[str] = set().union(*(flags(form, items=False) for form in forms))
    assert used <= known, name
    covered = used | (shared if any("filter ..." in form for form in forms) else set())
    assert not [names for names in options(member) if not names & covered], f"{name}: not in SYNOPSIS"


# --- exit statuses


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_statuses_that_a_command_raises_are_listed(row: commands.Row) -> None:
    listed = statuses(f"man/orch-{row.name}.1")
    assert 0 in listed
    command = entry(row)
    own = source.files(f"orch/cmd/{row.module}.py", f"orch/flow/{row.module}.py")  # the use case has the same word
    wanted = set().union(*map(raised, own)) | ({2} if hasattr(command, "params") else set())
    for member in members(command).values():
        wanted |= raised(sys.modules[member.callback.__module__].__file__ or "") if member.callback else set()
    assert wanted - CAUGHT.get(row.name, set()) <= listed


def raised(name: str) -> set[int]:
    """The statuses of the errors that a module names in a `raise`."""
    path = os.path.relpath(name, CHECKOUT) if os.path.isabs(name) else name
    names = [node.exc.func for node in ast.walk(source.tree(path)) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    classes = {each.__name__: each.code for each in errors.CLASSES}
    return {classes[each.id] for each in names if isinstance(each, ast.Name) and each.id in classes}


def test_the_front_page_lists_all_statuses() -> None:
    assert statuses("man/orch.1") == set(errors.CODES)


# --- formats


@pytest.mark.parametrize("where", SHAPES, ids="/".join)
def test_formats_have_every_key(where: tuple[str, str]) -> None:
    name, heading = where
    found = page(f"man/{name}")
    body = {**found.sections, **found.parts}.get(heading)
    assert body is not None, f"no heading {heading}"
    assert sorted(listed(body)) == sorted(SHAPES[where].__annotations__)


def test_a_reply_has_every_key() -> None:
    """What an agent says is in the one page, what orch adds to it in the other; old agents' words (needs_help) are no keys of ours."""
    said, added = listed(page("man/orch-reply.5").parts["Keys"]), listed(page("man/orch-attempt.5").parts["reply.json"])
    assert set(records.Reply.__annotations__) <= {*said, *added}


def listed(text: str) -> list[str]:
    """The names in the items of a list: `.It Va agent , model`."""
    return [word for line in re.findall(r"^\.It Va (.*)", text, re.M) for word in re.findall(r"\w+", line)]


def test_what_may_be_said_of_a_task() -> None:
    """The fields of a line of JSON, and what `task set` takes."""
    assert set(listed(page("man/orch-inbox.5").parts["Fields"])) == {*draft.FIELDS, *draft.ONCE}
    assert set(re.findall(r"^\.Cm (\w+)", page("man/orch-task.1").parts["set"], re.M)) == set(draft.FIELDS)


def test_acts_of_a_rehearsal() -> None:
    text = page("man/orch-agent.5").sections["REHEARSAL"]
    verbs = [line.split()[1] for line in re.findall(r"^\.It (Cm .*)", text, re.M)]
    assert sorted(verbs) == sorted(act.VERBS)


def test_placeholders_and_keys_of_an_agent() -> None:
    text = page("man/orch-agent.5")
    assert set(re.findall(r"^\.It Li {(\w+)}", text.parts["Placeholders"], re.M)) == {*agents.PLACEHOLDERS, "model_args"}
    keys = {key.path.split(".")[-1] for key in config.KEYS if key.path.startswith("agents.*.")}
    choices = {*agents.PROMPTS, *agents.OUTPUTS}
    assert set(re.findall(r"^\.It Cm (\w+)", text.parts["The entry"], re.M)) == keys | choices


@pytest.mark.parametrize("key", config.KEYS, ids=lambda key: key.path)
def test_every_key_of_the_configuration(key: config.Key) -> None:
    text = page("man/orch-config.5").sections["KEYS"]
    assert f"\n.It Cm {key.path} Pq " in text
    if key.env():
        assert f"\n.Bq Ev {key.env()}\n" in text


# --- the whole


def test_the_front_page_names_every_command() -> None:
    assert set(re.findall(r"\bXr orch-(\S+) 1", source.read("man/orch.1"))) >= {row.name for row in ROWS}


def test_every_page_is_found_from_the_front() -> None:
    front = {*re.findall(r"\bXr (\S+ \d)", source.read("man/orch.1")), *re.findall(r"\bXr (\S+ \d)", source.read("man/orch.7")), "orch 1"}
    assert {os.path.basename(name).replace(".", " ") for name in PAGES} <= front


@pytest.mark.parametrize("name", PAGES)
def test_what_is_to_be_typed_needs_no_variable_that_nobody_set(name: str) -> None:
    """$ORCH_HOME stands for a place in words; in a command line it would be empty."""
    shown = re.findall(r"^\.Bd -literal.*\n(.*?)^\.Ed", source.read(name), re.M | re.S)
    assert not [line for text in shown for line in text.splitlines() if "$ORCH_HOME" in line]


def test_environment_variables_are_known() -> None:
    """An ORCH_ name in a page is one that the program reads or sets."""
    keys = {key.env() for key in config.KEYS}
    program = "\n".join(source.read(name) for name in (*source.files("orch/*.py"), "bin/orch"))
    said = {word for name in PAGES for word in re.findall(r"\bORCH_[A-Z][A-Z_]*[A-Z]\b", source.read(name))}
    assert not [word for word in said if word not in keys and word not in program and f'"{word[5:]}"' not in program]
