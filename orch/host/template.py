"""Templates: the only importer of Jinja2.

    render("task.md.j2", {"title": ...}, [world.home.prompts(), share("prompts")])

A name is looked for in `sources` (name -> text, for what lies in no directory) and then in each directory of `search`; so what comes
first overrides what comes later. `orch/<name>` always means the shipped template, so that an override can extend what it replaces.
Nothing outside of these can be included.

Values are data: they are printed as they are, and a `{{ }}` in one is never expanded. A name that has no value is an error, never an
empty text. Templates are trusted less than code and run in Jinja's sandbox.
"""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from orch.core import prompt
from orch.errors import BadData, NotFound, OrchError
from orch.host import files
from orch.host.share import share

LONGEST = 20_000_000  # characters that a template may make
REMEMBERED = 16  # sets of places; one for each project with templates of its own


class Templates(NamedTuple):
    """An environment of Jinja2's, and which file each of its templates came from."""

    environment: Any
    loaded: dict[str, str]  # file name -> template's name


def render(
    name: str, values: Mapping[str, Any], search: Sequence[str], sources: Mapping[str, str] | None = None,
    memory: dict[Any, Any] | None = None, label: str = "",
) -> str:
    """Render a template. memory, where a process lives long, keeps compiled templates; they are looked at again when a file changes.

    label  what messages call a template of `sources`; without it, it is the project's
    raises NotFound; BadData, which names template, line and variable
    """
    from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

    environment, loaded = _templates(search, sources or {}, {} if memory is None else memory, label)
    try:
        return _print(environment.get_template(name), values)
    except OrchError:
        raise
    except TemplateNotFound as error:
        if error.name == name:
            raise NotFound(f"no template {name!r} in {', '.join(search) or 'the project'}") from None
        raise BadData(f"template {_where(error, loaded, name)}: there is no template {error.name!r} to include", _PATH_HINT) from None
    except TemplateSyntaxError as error:
        raise BadData(f"template {error.filename or name}, line {error.lineno}: {error.message}") from None
    except UndefinedError as error:
        hint = f"it may use {', '.join(sorted(values)) or 'no variables'}"
        raise BadData(f"template {_where(error, loaded, name)}: {error.message}", hint) from None
    except Exception as error:  # whatever an expression in a template can do wrong; a bug of ours would show in our own templates' tests
        raise BadData(f"template {_where(error, loaded, name)}: {type(error).__name__}: {error}") from None


_PATH_HINT = "a template may include what lies beside it, and orch/<name> for a shipped one"


def _templates(search: Sequence[str], sources: Mapping[str, str], memory: dict[Any, Any], label: str) -> Templates:
    """The templates of these places, as they are remembered or new."""
    key = (*search, *sorted(sources.items()), label)
    if key not in memory:
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[key] = _environment(search, sources, label)
    found: Templates = memory[key]
    return found


def _environment(search: Sequence[str], sources: Mapping[str, str], label: str) -> Templates:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.loaders import split_template_path
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    loaded: dict[str, str] = {}

    def find(name: str) -> str | None:
        inner = name.removeprefix("orch/")
        paths = (os.path.join(folder, *split_template_path(inner)) for folder in (search if inner == name else [share("prompts")]))
        return next(filter(os.path.isfile, paths), None)

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        if name in sources:
            shown = label or f"{name} of the project"
            loaded[shown] = name
            return sources[name], shown, lambda: True
        path = find(name)
        if path is None:
            return None
        loaded[path], stamp = name, files.stamp(path)
        return files.read_text(path), path, lambda: find(name) == path and files.stamp(path) == stamp

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.pop("lipsum")  # made of random numbers
    environment.filters.update({each.__name__: _of_text(each) for each in (prompt.fenced, prompt.code, prompt.cap)})
    return Templates(environment, loaded)


def _of_text(filter: Callable[..., str]) -> Callable[..., str]:
    """A filter that takes any value as the text that it would print; one that is not defined says so, as it does without a filter."""
    return lambda value, *args, **named: filter(str(value), *args, **named)


def _print(template: Any, values: Mapping[str, Any]) -> str:
    parts: list[str] = []
    length = 0
    for part in template.generate(values):
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            raise ValueError(f"it makes more than {LONGEST} characters")
    return "".join(parts)


def _where(error: BaseException, loaded: Mapping[str, str], name: str) -> str:
    """File and line of the template's innermost place in an error's traceback, where Jinja2 shows templates like Python code."""
    found, trace = name, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in loaded:
            found = f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def warm() -> None:
    """Import what rendering needs, before there is something to render."""
    import jinja2.sandbox  # noqa: F401
