"""What may be typed, read from the table, from the click commands, and from the help of those that do without click.

A Place is a word, or a word and its sub-word; what stands there is options, sub-words, and arguments of one kind: `tasks`, `projects`,
`agents` (asked for when TAB is pressed), `files`, `=a b c` (fixed words), or nothing that we know.
"""
from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from orch import commands, records
from orch.core import config, select

FIXED = {
    "STATUS": records.STATUSES, "SOURCE": records.SOURCES, "COMPLEXITY": records.COMPLEXITIES, "FINISH": records.FINISHES,
    "KEY": [key.path for key in config.KEYS if not key.named],
    "SORT": select.KEYS,
    "WORD": [row.name for row in commands.ROWS],
}
ASKED = {"TASK": "tasks", "O/R": "projects", "PROJECT": "projects", "SLUG": "projects", "AGENT": "agents"}


class Option(NamedTuple):
    names: tuple[str, ...]
    value: bool  # a word follows
    kind: str  # of that word
    help: str


class Place(NamedTuple):
    words: tuple[str, ...]
    members: tuple[tuple[str, str], ...]  # sub-words with their summaries
    options: tuple[Option, ...]
    kind: str


HELP = Option(("-h", "--help"), False, "", "Show the help.")


def places() -> Iterator[Place]:
    for row in commands.ROWS:
        module = importlib.import_module(f"orch.cmd.{row.module}")
        if hasattr(module, "command"):
            yield from of_click((row.name,), module.command)
        else:
            yield from (with_statuses(place, module) for place in of_help(row.name, module.__doc__ or ""))


def with_statuses(place: Place, module: Any) -> Place:
    """A command may have statuses of its own (`result` has those of a reply)."""
    own = getattr(module, "STATUSES", records.STATUSES)
    options = (each._replace(kind="=" + " ".join(own)) if "--status" in each.names else each for each in place.options)
    return place._replace(options=tuple(options))


def of_click(words: tuple[str, ...], command: Any) -> Iterator[Place]:
    names = getattr(command, "list_commands", lambda _: [])(None)
    found = [(name, command.get_command(None, name)) for name in names]
    members = [(name, getattr(command, "members", {}).get(name, ("", ""))[1] or each.get_short_help_str(80)) for name, each in found]
    options = [of_parameter(each) for each in command.params if each.param_type_name == "option" and not each.hidden]
    kinds = [of_metavar(each.metavar or each.name.upper(), each.type) for each in command.params if each.param_type_name == "argument"]
    yield Place(words, tuple(members), (*options, HELP), next(filter(None, kinds), ""))
    for name, each in found:
        yield from of_click((*words, name), each)


def of_parameter(option: Any) -> Option:
    value = not (option.is_flag or option.count)
    names = (*option.opts, *option.secondary_opts)
    kind = by_name(names) or of_metavar(option.metavar or "", option.type) if value else ""
    return Option(names, value, kind, (option.help or "").split("\n")[0])


def of_metavar(metavar: str, kind: Any = None) -> str:
    """The kind of what `TASK...`, `[TASK...]`, `FILE|-`, `KEY=VALUE ...` stands for."""
    if getattr(kind, "choices", None):
        return "=" + " ".join(map(str, kind.choices))
    if re.fullmatch(r"[a-z_]+(\|[a-z_]+)+", metavar):
        return "=" + metavar.replace("|", " ")
    for name in re.split(r"[|=]", re.sub(r"[][. ]", "", metavar)):
        if name in ASKED:
            return ASKED[name]
        if name in FIXED:
            return "=" + " ".join(f"{word}=" if "KEY=VALUE" in metavar else word for word in FIXED[name])
        if re.fullmatch(r"@?(FILE|PATH|DIR)", name):
            return "files"
    return ""


def by_name(names: tuple[str, ...]) -> str:
    """What an option is called says it where its metavar is only WORD."""
    return next((of_metavar(name.lstrip("-").upper()) for name in names if name.lstrip("-").upper() in {*FIXED, *ASKED}), "")


USAGE = re.compile(r"^(?:Usage:|      ) orch (\S+) ?(.*(?:\n {12,}.*)*)$", re.M)
VALUE = r"(?:[ =]([A-Z][A-Z/|=-]*|[a-z_]+(?:\|[a-z_]+)+))?"
OPTION = re.compile(rf"(?<![\w-])(--?[a-z][a-z-]*){VALUE}")
LINE = re.compile(r"^  (-[^\n]*?)  +(\S.*)$", re.M)


def of_help(word: str, text: str) -> Iterator[Place]:
    """Read a light command's help: its Usage lines, and the lines that explain options."""
    explained = {found[1]: words for names, words in LINE.findall(text) for found in OPTION.finditer(names)}
    usages: dict[str, list[str]] = {}
    for _, rest in USAGE.findall(text):
        first = rest.split(" ")[0]
        members = first.split("|") if re.fullmatch(r"[a-z|]+", first) else [""]
        for member in members:
            usages.setdefault(member, []).append(rest if not member else rest.removeprefix(first).strip())
    members = tuple((member, "") for member in usages if member)
    for member, rests in {"": [], **usages}.items():
        options: dict[str, Option] = {}
        kinds = []
        for rest in rests:
            for name, metavar in OPTION.findall(rest.split(" -- ")[0]):
                options[name] = Option((name,), bool(metavar), of_metavar(metavar), explained.get(name, ""))
            bare = re.sub(rf"\[?--?[a-z-]+{VALUE}( \.\.\.)?\]?", "", rest.split(" -- ")[0])
            kinds += [of_metavar(each) for each in bare.split()]
        words, inner = ((word, member), ()) if member else ((word,), members)
        yield Place(words, inner, (*options.values(), HELP), next(filter(None, kinds), ""))
