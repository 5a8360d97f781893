"""How a click command is called: with the World as its object, and with the errors and statuses of orch instead of click's own.

`Lazy` is a group whose sub-commands are imported when they are used:

    command = Lazy("task", {"list": ("task_list", "list tasks"), ...}, help="...")
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from orch.errors import Usage

HELP_NAMES = ["-h", "--help"]


def invoke(command: click.Command, who: str, args: list[str], world: Any) -> int:
    """Run command on args; returns its status (its own return value when that is an int). raises Usage, and what the command raises"""
    try:
        with command.make_context(who, list(args), obj=world, help_option_names=HELP_NAMES, max_content_width=100) as context:
            result = command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        path = getattr(getattr(error, "ctx", None), "command_path", who)
        raise Usage(one_line(error.format_message()), f"see `{path} --help`") from None
    except click.Abort:
        raise KeyboardInterrupt from None
    return result if type(result) is int else 0


def one_line(message: str) -> str:
    """click's sentences in our style: no capital, no full stop, one line."""
    flat = " ".join(message.split()).rstrip(".")
    return flat[:1].lower() + flat[1:]


class Lazy(click.Group):
    """A group whose members are (module below orch.cmd, summary); each module exports `command`."""

    def __init__(self, name: str, members: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.members:
            return None
        module = __import__(f"orch.cmd.{self.members[cmd_name][0]}", fromlist=("command",))
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list comes from the summaries, so that `--help` imports no member."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.members.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word not in self.members and not word.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(word, list(self.members), 1)
            hint = f"did you mean `{ctx.command_path} {near[0]}`?" if near else f"see `{ctx.command_path} --help`"
            raise Usage(f"no command {word!r}", hint)
        return super().resolve_command(ctx, args)
