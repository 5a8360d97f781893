"""Options of the commands that cannot afford click: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, flags, and `--` to end them."""
from __future__ import annotations

from collections.abc import Collection

from orch.errors import Usage


def split(args: list[str], valued: Collection[str], flags: Collection[str] = (), hint: str = "") -> tuple[dict[str, str], list[str]]:
    """Split words into options (the last of a name counts; a flag's value is "") and the rest, in order. A lone `-` is no option.

    valued, flags: with their dashes. raises Usage
    """
    options: dict[str, str] = {}
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += words
        elif word.startswith("-") and word != "-":
            name, given, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
            if name in flags and not given:
                options[name] = ""
            elif name not in valued:
                raise Usage(f"{name} takes no value" if name in flags else f"no such option: {name}", hint)
            elif given:
                options[name] = value
            else:
                following = next(words, None)
                if following is None:
                    raise Usage(f"{name} needs a value", hint)
                options[name] = following
        else:
            rest.append(word)
    return options, rest
