"""Note what a process of orch costs: each program that it starts and each sync, one line in $ORCH_COUNTED (`attempt git`, `task fsync`).

Python imports this file by itself when its directory is on PYTHONPATH, so the product knows nothing of it. Agents have a constructed
environment and do not see it.
"""
import os
import sys


def install(notes: str) -> None:
    argv = sys.orig_argv
    word = next((argv[at + 1] for at, each in enumerate(argv[:-1]) if each.endswith("/orch/__main__.py")), "")
    if not word:
        return
    out = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def note(what: str) -> None:
        os.write(out, f"{word} {what}\n".encode())

    def hook(event: str, args: tuple) -> None:
        if event == "subprocess.Popen":
            note(os.path.basename(os.fsdecode(args[0])))
        elif event in ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.system"):
            note(event)

    def counting(sync):
        def counted(*args):
            note("fsync")
            return sync(*args)

        return counted

    note("runs")
    os.fsync, os.sync = counting(os.fsync), counting(os.sync)
    sys.addaudithook(hook)


if os.environ.get("ORCH_COUNTED"):
    install(os.environ["ORCH_COUNTED"])
