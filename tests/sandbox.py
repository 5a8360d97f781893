"""A person's machine in one short temporary directory: a home, an ORCH_HOME, repositories, and the real binary.

    def test_version(sandbox):
        assert sandbox.orch("--version").out.startswith("orch ")

Nothing reaches the real home. At the end every process that was started below the sandbox is killed, whoever its parent is by then.
"""
from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from orch.host import world as worlds

T = TypeVar("T")
CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ORCH = os.path.join(CHECKOUT, "bin", "orch")


def place() -> str:
    """Where sandboxes are made."""
    return os.environ.get("SANDBOXES") or "/tmp"


class Run(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """stdout as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Sandbox:
    def __init__(self) -> None:
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="o-", dir=place()))  # short: socket paths have about 100 bytes
        self.home = os.path.join(self.root, "home")
        self.orch_home = os.path.join(self.root, "orch")
        for folder in (self.home, self.orch_home, os.path.join(self.root, "tmux"), os.path.join(self.root, "tmp")):
            os.mkdir(folder, 0o700)
        self.env = environment(self.root, self.home, self.orch_home)

    def orch(
        self, *args: str, input: str | bytes | None = None, env: Mapping[str, str | None] | None = None,
        cwd: str | None = None, check: bool | int = True, seconds: float = 60, program: str = ORCH,
    ) -> Run:
        """Run the real binary. env is laid over the sandbox's own (None removes a name).

        check=True wants status 0, a number wants that status, False takes any.
        """
        merged = {name: value for name, value in {**self.env, **(env or {})}.items() if value is not None}
        run = self.command([program, *args], env=merged, cwd=cwd or "/", input=input, seconds=seconds)
        wanted = 0 if check is True else check
        if check is not False and run.code != wanted:
            raise AssertionError(f"orch {' '.join(args)}: status {run.code}, wanted {wanted}\n--- stdout\n{run.out}--- stderr\n{run.err}")
        return run

    def command(
        self, argv: list[str], *, env: Mapping[str, str] | None = None, cwd: str = "/", input: str | bytes | None = None,
        seconds: float = 60,
    ) -> Run:
        """Run any program with the sandbox's environment; without input its stdin is empty."""
        data = input.encode() if isinstance(input, str) else input or b""
        try:
            done = subprocess.run(argv, env=self.env if env is None else env, cwd=cwd, capture_output=True, timeout=seconds, input=data)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"{argv}: no end after {seconds} s\n--- stdout\n{late.stdout!r}\n--- stderr\n{late.stderr!r}") from None
        return Run(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape"))

    def world(self, **env: str) -> worlds.World:
        """The World that a command of this sandbox would see."""
        return worlds.build({**self.env, **env}, "/")

    def git(self, *args: str, cwd: str | None = None) -> str:
        """Run git; returns its output without the last newline."""
        run = self.command(["git", *args], cwd=cwd or self.root)
        assert run.code == 0, f"git {' '.join(args)}: status {run.code}\n{run.err}"
        return run.out.removesuffix("\n")

    def repo(self, name: str = "app", files: Mapping[str, str] | None = None, remote: bool = True) -> str:
        """A person's checkout on branch main with one commit and, with remote, a bare origin at root/remotes/<name>.git."""
        path, bare = os.path.join(self.root, "code", name), self.remote(name)
        content = {"README.md": f"# {name}\n"} if files is None else files
        if not remote or os.path.exists(os.path.join(self.home, ".gitconfig")):
            self._make_repo(path, bare if remote else None, content)
            return path
        key = (tuple(content.items()), tuple(sorted(each for each in self.env.items() if each[0].startswith("GIT_"))))
        if key not in _repos:
            self._make_repo(path, bare, content)
            _repos[key] = _keep(path, bare)
            return path
        shutil.copytree(os.path.join(_repos[key], "code"), path, symlinks=True)
        shutil.copytree(os.path.join(_repos[key], "bare"), bare, symlinks=True)
        config = os.path.join(path, ".git", "config")
        self.write(config, self.read(config).replace("@bare@", bare))
        self.git("update-index", "-q", "--refresh", cwd=path)  # the copies are files of their own
        return path

    def register(self, *words: str, path: str) -> None:
        """`orch WORDS`, which makes the repository at `path` a project. What the first of its kind has made in an empty home is copied for
        the others, with their own root in the place of its root: it is set-up, and costs a process and a clone."""
        head = os.path.join(path, ".git", "refs", "heads", "main")
        if not os.path.isdir(self.orch_home) or os.listdir(self.orch_home) or not os.path.exists(head):
            self.orch(*words, cwd=path)
            return
        named = [path, *words, *(f"{name}={value}" for name, value in sorted(self.env.items()))]
        key = (self.read(head), *(each.replace(self.root, "@root@") for each in named))
        if key not in _homes:
            self.orch(*words, cwd=path)
            _homes[key] = (self.root, os.path.join(_kept(home=self.orch_home), "home"))
            return
        root, kept = _homes[key]
        shutil.copytree(kept, self.orch_home, symlinks=True, dirs_exist_ok=True)
        for folder, _, names in os.walk(self.orch_home):
            for name in names if "/objects/" not in folder else ():
                full = os.path.join(folder, name)
                if root in (content := self.read(full)):
                    self.write(full, content.replace(root, self.root), os.stat(full).st_mode)

    def _make_repo(self, path: str, bare: str | None, content: Mapping[str, str]) -> None:
        os.makedirs(path)
        self.git("init", "-q", "-b", "main", path)
        self.commit(path, content, "first")
        if bare:
            self.git("init", "-q", "--bare", "-b", "main", bare)
            self.git("remote", "add", "origin", bare, cwd=path)
            self.git("push", "-q", "-u", "origin", "main", cwd=path)

    def remote(self, name: str = "app") -> str:
        return os.path.join(self.root, "remotes", f"{name}.git")

    def commit(self, path: str, files: Mapping[str, str], message: str) -> str:
        """Write files into the checkout and commit everything; returns the SHA."""
        for name, content in files.items():
            self.write(os.path.join(path, name), content)
        self.git("add", "-A", cwd=path)
        self.git("commit", "-q", "--allow-empty", "-m", message, cwd=path)
        return self.git("rev-parse", "HEAD", cwd=path)

    def write(self, path: str, content: str, mode: int = 0o644) -> str:
        """Write a file below the root (relative paths start there); mode 0o755 makes a program of it. Returns the full path."""
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(full, mode)
        return full

    def read(self, path: str) -> str:
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def wait_for(self, fn: Callable[[], T], seconds: float = 20) -> T:
        """Poll until fn() is true; returns that value."""
        end = time.monotonic() + seconds
        while not (value := fn()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {fn!r}")
            time.sleep(0.02)
        return value

    def processes(self) -> list[int]:
        """What runs in this sandbox: processes whose environment names a path below its root, or that work there."""
        return [pid for pid, trace in traces() if pid != os.getpid() and self.root in trace]

    def close(self) -> None:
        end = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < end:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.01)
        unlock(self.root)
        shutil.rmtree(self.root, ignore_errors=True)


_repos: dict[Any, str] = {}  # content and git's settings -> a new repository and its remote; to copy them costs one process, not seven


_homes: dict[Any, tuple[str, str]] = {}  # what was said and of which repository -> the root and a copy of the home that came of it


def _kept(**trees: str) -> str:
    """A directory with copies of these until all tests are over."""
    kept = tempfile.mkdtemp(prefix="o-kept-", dir=place())
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    for name, path in trees.items():
        shutil.copytree(path, os.path.join(kept, name), symlinks=True)
    return kept


def _keep(path: str, bare: str) -> str:
    kept = _kept(code=path, bare=bare)
    config = os.path.join(kept, "code", ".git", "config")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    with open(config, "w", encoding="utf-8") as file:
        file.write(text.replace(bare, "@bare@"))
    return kept


def environment(root: str, home: str, orch_home: str) -> dict[str, str]:
    """The whole environment of a command in the sandbox; nothing of the person's leaks in."""
    tools = [os.path.join(CHECKOUT, "bin"), os.path.dirname(sys.executable), "/usr/bin", "/bin"]
    for tool in ("git", "tmux"):
        if found := shutil.which(tool):
            tools.append(os.path.dirname(found))
    person = {"NAME": "Ada Person", "EMAIL": "ada@example.org"}
    return {
        "PATH": ":".join(dict.fromkeys(tools)),
        "HOME": home,
        "ORCH_HOME": orch_home,
        "TMPDIR": os.path.join(root, "tmp"),
        "TMUX_TMPDIR": os.path.join(root, "tmux"),
        "XDG_CONFIG_HOME": os.path.join(home, ".config"),
        "XDG_CACHE_HOME": os.path.join(home, ".cache"),
        "XDG_DATA_HOME": os.path.join(home, ".local", "share"),
        "XDG_STATE_HOME": os.path.join(home, ".local", "state"),
        "XDG_RUNTIME_DIR": os.path.join(root, "tmp"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()},
    }


def traces() -> Iterator[tuple[int, str]]:
    """Every process of ours that we may look at, with its environment (and, where the system tells it, its directory) as text."""
    if not os.path.isdir("/proc/self"):
        listed = subprocess.run(["ps", "eww", "-axo", "pid=,command="], capture_output=True, text=True, errors="replace", check=True)
        for line in listed.stdout.splitlines():
            yield int(line.split()[0]), line
        return
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    yield int(name), file.read().decode(errors="replace") + os.readlink(f"/proc/{name}/cwd")
            except OSError:
                continue  # it has just ended, or is somebody else's


def unlock(root: str) -> None:
    """Give back the permissions that a test took away, so that the tree can be removed."""
    for folder, names, _ in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
