"""word -> table row -> import -> call -> exit status. The only place that reads the process's own argv, environment and directory.

Nothing heavy is imported before the row is known: `--version` and `--help` cost little more than the bare interpreter. What a row
names exports either `command` (click) or, where click would cost too much, `main(args, world) -> int`, whose module docstring is
its help. A word that is not in the table is looked for as the program `orch-<word>` on PATH, as git does.
"""
from __future__ import annotations

import gc
import os
import sys

import orch

TYPE_CHECKING = False  # typing's own would cost its import
if TYPE_CHECKING:
    from orch.commands import Row
    from orch.host.world import World

SIGINT, SIGPIPE = 2, 13  # the same numbers everywhere; the signal module costs an import of enum
DISK = (5, 27, 28, 69, 122)  # EIO, EFBIG, ENOSPC, and EDQUOT on macOS and on Linux, by number for the same reason
HELP = ("-h", "--help")


def main(argv: list[str] | None = None) -> int:
    """Run one command line; argv[0] is the program's name, and `orch-<word>` means `orch <word>`. Returns the exit status."""
    gc.set_threshold(50_000)  # what is imported stays; to look through it for garbage a dozen times is a twentieth of a short command
    settle_streams()
    name, *args = sys.argv if argv is None else argv
    program = os.path.basename(name)
    if program.startswith("orch-"):
        args.insert(0, program[5:])
    try:
        code = run(args)
        sys.stdout.flush()  # what was printed must have arrived before the status says so
        return code
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:
        turn_away_stdout()
        return 128 + SIGPIPE  # quietly, with the status of a program that the signal ended
    except OSError as error:
        turn_away_stdout()
        return say(74, "orch", f"standard output: {error.strerror}", "what was printed is not complete")


def run(args: list[str]) -> int:
    """Handle what needs no table; else find the word's row and call what it names. raises OSError only for the standard output"""
    if args[:1] in (["--version"], ["-V"]):
        print(f"orch {orch.__version__}")
        return 0
    if not args or args[0] in HELP:
        from orch.cmd import help as pages

        print(pages.overview(), end="", file=sys.stdout if args else sys.stderr)
        return 0 if args else 2
    if args[0] == "--complete":
        from orch.cmd import complete

        return complete.main(args[1:], build_world())
    if args[0] == "help" and args[1:] and not args[1].startswith("-"):
        args = [*args[1:], "--help"]
    from orch import commands

    row = commands.find(args[0])
    return call(row, args[1:]) if row else elsewhere(args[0], args[1:])


def call(row: Row, args: list[str]) -> int:
    """Import the row's module and call it; every failure ends here, as words on stderr and a status."""
    from orch.errors import OrchError

    who = f"orch {row.name}"
    try:
        module = __import__(f"orch.cmd.{row.module}", fromlist=("command", "main"))
        if hasattr(module, "command"):
            from orch.cmd import clicks

            return clicks.invoke(module.command, who, args, build_world())
        if args[:1] and args[0] in HELP:
            print((module.__doc__ or "").strip())
            return 0
        return int(module.main(args, build_world()))
    except OrchError as error:
        return say(error.code, who, error.message, error.hint)
    except ModuleNotFoundError as error:
        if (error.name or "orch").startswith("orch"):
            return bug(error, who, args)
        return say(69, who, f"the Python module {error.name} is missing", "run `make` in the checkout, or `pip install` orch again")
    except BrokenPipeError as error:
        if reader_gone():
            raise
        return bug(error, who, args)
    except OSError as error:
        if error.filename is None and error.errno in DISK:  # print() met it; whatever writes a file names the file
            raise
        return bug(error, who, args)
    except Exception as error:
        return bug(error, who, args)


def build_world() -> World:
    """The World of this process, with one warning when it lies in the old place."""
    from orch.host import world

    try:
        cwd = os.getcwd()
    except OSError:  # removed under our feet; commands that name everything in full still work
        cwd = "/"
    built = world.build(os.environ, cwd)
    if os.path.basename(built.home.root) == ".orchestrator" and not os.environ.get("ORCH_HOME"):
        say(0, "orch", f"warning: using {built.home.root}", "move it to ~/.orch, or set ORCH_HOME")
    return built


def elsewhere(word: str, args: list[str]) -> int:
    """Become `orch-<word>` from PATH, or say that there is no such command."""
    from orch.cmd import help as pages
    from orch.errors import OrchError

    path = pages.program(word, os.environ.get("PATH", os.defpath))
    if path:
        from orch.host.become import become

        try:
            become([path, *args], {**os.environ, **resolved()})
        except OrchError as error:
            return say(error.code, "orch", error.message)
    near = pages.nearest(word)
    hint = f"did you mean `orch {near}`?" if near else "see `orch help` for the commands"
    return say(2, "orch", f"no command {word!r}, and no program orch-{word} on PATH", hint)


def resolved() -> dict[str, str]:
    """What a command of ours would find out, for a program that is none: ORCH_HOME, and ORCH_PROJECT where it is clear which is meant."""
    from orch.errors import OrchError
    from orch.flow import project

    world = build_world()
    found = {"ORCH_HOME": world.home.root}
    try:
        found["ORCH_PROJECT"] = project.here(world)
    except OrchError:
        pass  # none or several: ORCH_PROJECT stays as it is, and what the program makes of that is its affair
    return found


def bug(error: Exception, who: str, args: list[str]) -> int:
    from orch.cmd import bugs

    return bugs.tell(build_world(), error, who, args)


def say(code: int, who: str, message: str, hint: str = "") -> int:
    """Words go to stderr, after the data: what happened, then what to do. Returns code."""
    text = f"{who}: {message}\n" + (f"{who}: hint: {hint}\n" if hint else "")
    if not text.replace("\n", "").isprintable():
        from orch.core.text import harmless

        text = harmless(text)
    for stream, words in ((sys.stdout, ""), (sys.stderr, text)):
        try:
            stream.write(words)
            stream.flush()
        except OSError:
            pass  # main looks at stdout once more; and when nobody can be told, the status still says it
    return code


def settle_streams() -> None:
    """Data is UTF-8 whatever the locale; a stream that the caller closed becomes /dev/null, so that no file gets its number."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(os.devnull)
    for name, errors in (("stdout", "surrogateescape"), ("stderr", "backslashreplace")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)


def reader_gone() -> bool:
    """Whether the other end of our stdout or stderr is closed; a broken pipe to anything else is a bug."""
    import select

    poll = select.poll()
    poll.register(1, 0)
    poll.register(2, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def turn_away_stdout() -> None:
    """What is still buffered must not fail once more when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
