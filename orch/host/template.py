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
from collections.abc import Mapping, Sequence
from typing import Any

from orch.core import prompt
from orch.errors import BadData, NotFound, OrchError
from orch.host import files
from orch.host.share import share

LONGEST = 20_000_000  # characters that a template may make


def render(name: str, values: Mapping[str, Any], search: Sequence[str], sources: Mapping[str, str] | None = None) -> str:
    """Render a template. raises NotFound; BadData, which names template, line and variable"""
    from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

    loaded: dict[str, str] = {}  # file name -> template's name
    try:
        return _print(_environment(search, sources or {}, loaded).get_template(name), values)
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


def _environment(search: Sequence[str], sources: Mapping[str, str], loaded: dict[str, str]) -> Any:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.loaders import split_template_path
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def load(name: str) -> tuple[str, str, None] | None:
        inner = name.removeprefix("orch/")
        if name in sources:
            loaded[f"{name} of the project"] = name
            return sources[name], f"{name} of the project", None
        for folder in search if inner == name else [share("prompts")]:
            path = os.path.join(folder, *split_template_path(inner))
            if os.path.isfile(path):
                loaded[path] = name
                return files.read_text(path), path, None
        return None

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, auto_reload=False,
    )
    environment.globals.pop("lipsum")  # made of random numbers
    environment.filters.update(fenced=prompt.fenced, code=prompt.code, cap=prompt.cap)
    return environment


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
