"""Kill a process of orch at its n-th step that leaves a mark on the world. Python imports this file by itself when its directory is on
PYTHONPATH, so the product knows nothing of it; agents have a constructed environment and never see it.

ORCH_CRASH        `word:number`: the command (tick, attempt, task) and the step, counted from 1; `count` counts only
ORCH_CRASH_DIR    where it writes: steps-<word> (one line a step), and `killed`, made once, so that one process dies and no other
"""
import os
import signal
import sys

STEPS = {
    "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.kill", "os.exec", "os.posix_spawn",
    "subprocess.Popen", "fcntl.flock",
}


def word() -> str:
    """The command of this process: what follows the package's __main__.py."""
    argv = sys.orig_argv
    for at, each in enumerate(argv[:-1]):
        if each.endswith("/orch/__main__.py"):
            return argv[at + 1]
    return ""


def install(plan: str, folder: str) -> None:
    wanted, _, number = plan.partition(":")
    me = word()
    if not me or (wanted not in ("count", me)):
        return
    seen = 0
    log = os.open(os.path.join(folder, f"steps-{me}"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    busy = False

    def hook(event: str, args: tuple) -> None:
        nonlocal seen, busy
        writes = event == "open" and len(args) > 2 and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        if busy or not (event in STEPS or writes) or (writes and "__pycache__" in str(args[0])):
            return
        busy = True
        seen += 1
        os.write(log, f"{os.getpid()} {seen} {event} {str(args[:2])[:200]}\n".encode())
        if wanted != "count" and seen == int(number):
            try:
                os.close(os.open(os.path.join(folder, "killed"), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                busy = False
                return
            os.kill(os.getpid(), signal.SIGKILL)
        busy = False

    sys.addaudithook(hook)


if os.environ.get("ORCH_CRASH"):
    install(os.environ["ORCH_CRASH"], os.environ["ORCH_CRASH_DIR"])
