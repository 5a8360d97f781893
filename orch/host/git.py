"""The only way to git: argument lists, a scrubbed environment, our own settings over everybody's, a time-out, errors that say what to do.

    git = Git.of(world.env)
    git.run("fetch", "origin", repo=mirror)      bytes of stdout; raises
    git.call("cat-file", "-e", sha, repo=mirror) Done; raises only when git is missing or late

The user's own ~/.gitconfig stays readable, because fetch and push of private repositories need his credential helper, his insteadOf and
his ssh. What could run a program or change a meaning is overruled on every call. A repository that an agent can write to is read by
commands that run nothing named in its config (rev-list, cat-file, for-each-ref, and upload-pack as flow/mirror.py starts it); the
rest happens in the mirror. Words that come from outside stand behind --end-of-options or `--`.
"""
from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orch.errors import IOFailed, TryLater
from orch.host import gitsaid, proc, spawn

# Settings of the user that decide only how a remote is reached; everything else that begins with GIT_ could move git to another
# repository, index or object store, or run a program, and is dropped.
KEPT = r"GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|PROXY_COMMAND|EXEC_PATH|CONFIG_(NOSYSTEM|GLOBAL|SYSTEM)|SSL_\w+|HTTP_\w+)"
FORCED = {
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",  # looking at the user's checkout must not refresh its index
    "GIT_NO_LAZY_FETCH": "1",  # a promisor remote in an agent's config could name a program (CVE-2024-32004)
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is judged must be what is pushed
    "GIT_LFS_SKIP_SMUDGE": "1",  # a checkout is made from the mirror, which has no LFS objects; `git lfs pull` can be a setup command
    "GIT_DEFAULT_REF_FORMAT": "files",  # host/refs.py reads those of the mirror as files
    "GIT_ADVICE": "0",
    "LC_ALL": "C",  # host/gitsaid.py reads the messages
}
SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "log.showSignature=false",
    "merge.verifySignatures=false",
    "merge.default=text",
    "i18n.logOutputEncoding=UTF-8",
    "color.ui=false",
    "advice.detachedHead=false",
)


Hear = Callable[[str], None]


class Git(NamedTuple):
    env: dict[str, str]

    @classmethod
    def of(cls, env: Mapping[str, str], name: str = "", email: str = "") -> Git:
        """Git in a scrubbed copy of env. name and email sign the commits that orch itself makes."""
        clean = {key: value for key, value in env.items() if not key.startswith("GIT_") or re.fullmatch(KEPT, key)}
        clean.pop("SSH_ASKPASS", None)
        who, where = name or "orch", email or "orch@localhost"
        clean.update(FORCED, GIT_AUTHOR_NAME=who, GIT_COMMITTER_NAME=who, GIT_AUTHOR_EMAIL=where, GIT_COMMITTER_EMAIL=where)
        return cls(clean)

    def also(self, **more: str) -> Git:
        """The same with more variables, say GIT_INDEX_FILE of a private index."""
        return Git({**self.env, **more})

    def wary(self) -> Git:
        """The same for a repository that an agent can write to: nothing may be fetched on the way, whatever its config asks for."""
        return self.also(GIT_ALLOW_PROTOCOL="none")

    def call(
        self, *args: str, repo: str | None = None, cwd: str | None = None, input: bytes | None = None, timeout: float = 120,
        hear: Hear | None = None, silence: proc.Silence | None = None,
    ) -> proc.Done:
        """Run git to its end, whatever its verdict. raises TryLater, also when somebody killed it: that is no answer; Unavailable

        repo     a bare repository, or a checkout that holds .git
        hear     is given what it says of its progress, several times a second; args have to ask for --progress
        silence  how long it may say nothing; as for hear
        """
        heard = None if hear is None else lambda said: hear(gitsaid.progress(said))
        try:
            argv = command(args, repo)
            done = proc.run(argv, env=self.env, cwd=cwd or "/", input=input, timeout=timeout, hear=heard, silence=silence)
        except proc.Accident:
            raise
        except TryLater as error:
            what, _, said = error.message.removeprefix("git: ").partition(" (")
            hint = f"its last words: {gitsaid.redact(said[:-1])}" if said else "is the other side up? it is tried again" if silence else ""
            raise TryLater(f"git {gitsaid.verb(args)}: {what}", hint) from None
        if spawn.killed(done.code):
            raise gitsaid.failure(done, args, repo or cwd or "")
        return done

    def run(
        self, *args: str, repo: str | None = None, cwd: str | None = None, input: bytes | None = None, timeout: float = 120,
        hear: Hear | None = None, silence: proc.Silence | None = None,
    ) -> bytes:
        """Run git and return its stdout. raises IOFailed; TryLater for time-outs and the network; NotAllowed when it may not"""
        done = self.call(*args, repo=repo, cwd=cwd, input=input, timeout=timeout, hear=hear, silence=silence)
        if done.code:
            raise gitsaid.failure(done, args, repo or cwd or "")
        return done.out

    def text(self, *args: str, repo: str | None = None, cwd: str | None = None, input: bytes | None = None, timeout: float = 120) -> str:
        """As run, for one word or line of output."""
        return self.run(*args, repo=repo, cwd=cwd, input=input, timeout=timeout).decode(errors="replace").strip()


def stream(git: Git, repo: str, *args: str, most: int, timeout: float = 600) -> Iterator[bytes]:
    """The lines of git's output as they come, without their ends, for output that need not fit into memory.

    raises TooMuch after `most` bytes; IOFailed, TryLater, Unavailable
    """
    import select
    import subprocess

    argv = command(args, repo)
    try:
        child = subprocess.Popen(
            argv, env=git.env, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise spawn.refusal(error, argv, "/") from None
    assert child.stdout is not None
    end, seen = time.monotonic() + timeout, 0
    rest: list[bytes] = []  # of a line that goes on: there are lines of many megabytes
    try:
        while True:
            if not select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TryLater(f"git {gitsaid.verb(args)}: not finished after {timeout:g} s")
            chunk = os.read(child.stdout.fileno(), 1 << 16)
            if not chunk:
                break
            seen += len(chunk)
            if seen > most:
                raise TooMuch(f"git {gitsaid.verb(args)}: more than {most} bytes (in {repo})")
            first, *lines = chunk.split(b"\n")
            rest.append(first)
            if lines:
                yield b"".join(rest)
                rest = [lines.pop()]
                yield from lines
        if last := b"".join(rest):
            yield last
        if code := child.wait():
            raise gitsaid.failure(proc.Done(spawn.status(code), b"", b""), args, repo)
    finally:
        spawn.kill(child)
        child.wait()
        child.stdout.close()


class TooMuch(IOFailed):
    """More output than the caller wants to read."""


def command(args: Sequence[str], repo: str | None = None, settings: Sequence[str] = SETTINGS) -> list[str]:
    """The whole argument list of a git call."""
    argv = ["git"]
    for each in settings:
        argv += ("-c", each)
    if repo is not None:
        inner = os.path.join(repo, ".git")
        argv.append("--git-dir=" + (inner if os.path.exists(inner) else repo))
    return [*argv, *args]
