"""Make a task of every line of a file, or none at all. Lines may name each other by `ref`, in any order.

Everything is checked first, and every bad line is named with all that is wrong with it. Then the ids are reserved in one go, and
flow/intake.py makes the promise durable before the first task is there.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orch.core import draft
from orch.core import task as life
from orch.core.draft import Draft
from orch.errors import BadData, NotFound, OrchError, Usage
from orch.flow import add, intake
from orch.flow import project as projects
from orch.host.world import World
from orch.records import Task
from orch.stores import ids, local


class BadLines(BadData):
    """Lines of a file that do not make tasks; `problems` names each with its number and all that is wrong with it."""

    def __init__(self, problems: Sequence[str], lines: int) -> None:
        super().__init__(f"{len(problems)} of {lines} lines are bad, so nothing was added", "mend them and add the whole file again")
        self.problems = list(problems)


class Line(NamedTuple):
    number: int
    slug: str
    draft: Draft

    def name(self) -> str:
        return self.draft.get("ref") or f"line {self.number}"


class Read(NamedTuple):
    """What reading gave: lines that are good in themselves, the problems by line number, and the refs of all lines."""

    lines: list[Line]
    problems: dict[int, list[str]]
    refs: dict[str, str]  # -> the project of that line


class Made(NamedTuple):
    tasks: list[Task]  # in the order of the lines
    there: int  # how many of them were there already, by their key; these stay as they are, whatever their line says


Tell = Callable[[str, int, int], None]  # what is being done, how many of how many


def silent(words: str, done: int, total: int) -> None:
    pass


def many(
    world: World, lines: Iterable[tuple[int, Any]], project: str | None = None, dry: bool = False, tell: Tell = silent
) -> Made:
    """Make a task of every line, or none at all. A line may have a `ref` by which other lines name it.

    lines    (number, object or the OrchError that reading it gave); `project` is for those that name none
    tell     hears how far it has come
    dry      make nothing; a task that is not there yet has its line's ref or number for an id
    raises   BadLines
    """
    lines = list(lines)
    read, problems, refs = _read(world, lines, project)
    for done, line in enumerate(read):
        tell("checking", done, len(read))
        problems[line.number] += _resolve(world, line, refs)
    if not any(problems.values()):
        try:
            add.no_circle(world, ((line.name(), line.draft) for line in read))
        except BadData as error:
            first = next(line.number for line in read if line.name() in error.message)
            problems[first].append(error.message)
    if any(problems.values()):
        raise BadLines([f"line {number}: {'; '.join(wrong)}" for number, wrong in sorted(problems.items()) if wrong], len(lines))
    if dry:
        there = _there(world, read)
        now = world.now_text()
        shown = [task or life.new(line.draft, line.name(), line.slug, now) for line, task in zip(read, there, strict=True)]
        return Made(shown, len(there) - there.count(None))
    with intake.locked(world, {line.slug for line in read}):
        return _make(world, read, tell)


def _there(world: World, lines: Sequence[Line]) -> list[Task | None]:
    """For each line the task that has its key already."""
    keyed = {slug: local.by_key(world, slug) for slug in {line.slug for line in lines if line.draft.get("key")}}
    return [keyed.get(line.slug, {}).get(line.draft.get("key") or "") for line in lines]


def _make(world: World, lines: Sequence[Line], tell: Tell) -> Made:
    """Give every line its id, put the ids where the refs are, and hand all of it to the intake. The caller holds the locks."""
    there = _there(world, lines)
    fresh = iter(ids.reserve(world, there.count(None)) if None in there else ())
    known = [task["id"] if task else next(fresh) for task in there]
    by_name = {line.draft["ref"]: id for line, id in zip(lines, known, strict=True) if line.draft.get("ref")}
    now = world.now_text()
    made: list[Task] = []
    for line, task, id in zip(lines, there, known, strict=True):
        wanted = dict(line.draft)
        wanted["depends_on"] = [by_name.get(each, each) for each in line.draft.get("depends_on") or ()]
        wanted["parent"] = by_name.get(line.draft.get("parent") or "", line.draft.get("parent"))
        made.append(task or life.new(wanted, id, line.slug, now))
    fresh_ones = [task for task, old in zip(made, there, strict=True) if old is None]
    intake.take(world, fresh_ones, lambda done, total: tell("adding", done, total))
    return Made(made, len(made) - len(fresh_ones))


def _read(world: World, lines: Iterable[tuple[int, Any]], project: str | None) -> Read:
    found = Read([], {}, {})
    slugs: dict[str, str | OrchError] = {}
    agents: dict[tuple[str, str], str] = {}
    used: dict[tuple[str, str], int] = {}
    for number, raw in lines:
        if not isinstance(raw, Mapping):
            found.problems[number] = [raw.message if isinstance(raw, OrchError) else "expected a JSON object"]
            continue
        wanted, wrong = draft.read(raw)
        slug = _slug(world, wanted.get("project") or project or "", slugs)
        agent = (wanted.get("options") or {}).get("agent")
        if isinstance(slug, OrchError):
            wrong.append(f"project: {slug.message}")
        elif agent:
            if (slug, agent) not in agents:
                agents[slug, agent] = _agent_problem(world, slug, agent)
            wrong += filter(None, [agents[slug, agent]])
        for field in ("ref", "key"):
            value = str(wanted.get(field) or "")
            if value and used.setdefault((field, value), number) != number:
                wrong.append(f"{field}: {value!r} is that of line {used[field, value]} too")
        if wanted.get("ref"):
            found.refs[wanted["ref"]] = str(slug)
        found.problems[number] = wrong
        if not wrong:
            found.lines.append(Line(number, str(slug), wanted))
    return found


def _slug(world: World, wanted: str, seen: dict[str, str | OrchError]) -> str | OrchError:
    if wanted not in seen:
        try:
            seen[wanted] = projects.here(world, wanted or None)
        except (Usage, NotFound) as error:
            seen[wanted] = error
    return seen[wanted]


def _agent_problem(world: World, slug: str, agent: str) -> str:
    try:
        add.known_agent(world, slug, agent)
        return ""
    except NotFound as error:
        return f"agent: {error.message}" + (f" ({error.hint})" if error.hint else "")


def _resolve(world: World, line: Line, refs: Mapping[str, str]) -> list[str]:
    """What is wrong with the tasks that a line names. Good ids are put in as they are; refs stay until ids are given."""
    problems: list[str] = []

    def known(field: str, find: Callable[[World, str, str], str], text: str) -> str:
        try:
            return text if text in refs else find(world, line.slug, text)
        except NotFound as error:
            problems.append(f"{field}: {error.message}")
        except BadData:
            problems.append(f"{field}: {text!r} is neither a task nor the ref of a line")
        return text

    line.draft["depends_on"] = [known("depends_on", add.known_id, text) for text in line.draft.get("depends_on") or ()]
    parent = line.draft.get("parent")
    if parent:
        line.draft["parent"] = known("parent", add.known_parent, parent)
        if refs.get(parent, line.slug) != line.slug:
            problems.append(f"parent: {parent!r} is in {refs[parent]}, and a child is in the project of its parent")
    return problems
