"""word -> table row -> import -> call -> exit status. The only place that reads the process's own argv, environment and directory.

Nothing heavy is imported before the row is known: `--version` and `--help` cost little more than the bare interpreter. What a row
names exports either `command` (click) or, where click would cost too much, `main(args, world) -> int`, whose module docstring is
its help. A word that is not in the table is looked for as the program `orch-<word>` on PATH, as git does.
"""
from __future__ import annotations

import os
import sys

import orch

SIGINT, SIGPIPE = 2, 13  # the same numbers everywhere; the signal module costs an import of enum
HELP = ("-h", "--help")


def main(argv: list[str] | None = None) -> int:
    """Run one command line; argv[0] is the program's name, and `orch-<word>` means `orch <word>`. Returns the exit status."""
    settle_streams()
    name, *args = sys.argv if argv is None else argv
    program = os.path.basename(name)
    if program.startswith("orch-"):
        args.insert(0, program[5:])
    try:
        return finish(run(args))
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:
        return hang_up()
    except OSError as error:
        return say(74, "orch", f"standard output: {error.strerror}", "what was printed is not complete")


def run(args: list[str]) -> int:
    """Handle what needs no table; else find the word's row and call what it names."""
    if args[:1] in (["--version"], ["-V"]):
        print(f"orch {orch.__version__}")
        return 0
    if not args or args[0] in HELP:
        from orch.cmd import help as pages

        print(pages.overview(), end="", file=sys.stdout if args else sys.stderr)
        return 0 if args else 2
    word, *rest = args
    from orch import commands

    row = commands.find(word)
    return call(row, rest) if row else elsewhere(word, rest)


def call(row: object, args: list[str]) -> int:
    """Import the row's module and call it; every failure ends here, as words on stderr and a status."""
    from orch.commands import Row
    from orch.errors import OrchError

    assert isinstance(row, Row)
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
    except BrokenPipeError:
        raise
    except ModuleNotFoundError as error:
        if not (error.name or "orch").startswith("orch"):
            return say(69, who, f"the Python module {error.name} is missing", "run `make` in the checkout, or `pip install` orch again")
        return bug(error, who, args)
    except Exception as error:
        flush()  # raises again when it was the standard output that failed
        return bug(error, who, args)


def build_world() -> object:
    """The World of this process, with one warning when it lies in the old place."""
    from orch.host import world

    try:
        cwd = os.getcwd()
    except OSError:  # removed under our feet; commands that name everything in full still work
        cwd = "/"
    here = world.build(os.environ, cwd)
    if os.path.basename(here.home.root) == ".orchestrator" and not os.environ.get("ORCH_HOME"):
        say(0, "orch", f"warning: using {here.home.root}", "move it to ~/.orch, or set ORCH_HOME")
    return here


def elsewhere(word: str, args: list[str]) -> int:
    """Become `orch-<word>` from PATH, or say that there is no such command."""
    own = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bin", "orch")
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, f"orch-{word}")
        if "/" in word or not os.access(path, os.X_OK) or not os.path.isfile(path):
            continue
        if os.path.realpath(path) in (os.path.realpath(own), os.path.realpath(sys.argv[0])):
            continue  # a link to ourselves would come back here for ever
        flush()
        env = dict(os.environ, ORCH_HOME=build_world().home.root)  # type: ignore[attr-defined]
        try:
            os.execve(path, [path, *args], env)
        except OSError as error:
            return say(69, "orch", f"{path}: {error.strerror}")
    from difflib import get_close_matches

    from orch import commands

    near = get_close_matches(word, [row.name for row in commands.ROWS], 1)
    hint = f"did you mean `orch {near[0]}`?" if near else "see `orch help` for the commands"
    return say(2, "orch", f"no command {word!r}, and no program orch-{word} on PATH", hint)


def bug(error: Exception, who: str, args: list[str]) -> int:
    """Write a report (versions, command line, traceback; never environment values) and name it."""
    import platform
    import traceback

    from orch.errors import BUG, OrchError
    from orch.host import files

    trace = "".join(traceback.format_exception(error))
    head = f"orch {orch.__version__}\npython {platform.python_version()} at {sys.executable}\n{platform.platform()}"
    report = f"{head}\nargv {[who, *args]!r}\n\n{trace}"
    try:
        world = build_world()
        path = world.home.state("bugs", f"{world.now_text()}-{os.getpid()}.txt")  # type: ignore[attr-defined]
        files.replace_text(path, report)
    except OrchError as worse:
        print(report, file=sys.stderr)
        return say(BUG, who, f"a bug in orch: {error!r}", f"the report above could not be kept: {worse.message}")
    return say(BUG, who, f"a bug in orch: {error!r}", f"the report is in {path}")


def say(code: int, who: str, message: str, hint: str = "") -> int:
    """Words go to stderr: what happened, then what to do. Returns code."""
    text = f"{who}: {message}\n" + (f"{who}: hint: {hint}\n" if hint else "")
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        pass  # nobody can be told; the status still says it
    return code


def settle_streams() -> None:
    """Data is UTF-8 whatever the locale; a stream that the caller closed becomes /dev/null, so that no file gets its number."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if name == "stderr" else "surrogateescape")


def flush() -> None:
    sys.stdout.flush()


def finish(code: int) -> int:
    """What was printed must have arrived before the status says so. raises OSError"""
    flush()
    return code


def hang_up() -> int:
    """The reader of a pipe went away: end quietly, with the status of a program that SIGPIPE ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 128 + SIGPIPE
