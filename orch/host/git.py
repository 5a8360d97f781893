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

from orch.errors import BadData, IOFailed, NotAllowed, NotFound, OrchError, TryLater
from orch.host import files, proc

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
    "GIT_DEFAULT_REF_FORMAT": "files",  # read_ref below reads refs of the mirror as files
    "GIT_ADVICE": "0",
    "LC_ALL": "C",  # messages are read below
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
        hear: Hear | None = None,
    ) -> proc.Done:
        """Run git to its end, whatever its verdict. raises TryLater, Unavailable

        repo  a bare repository, or a checkout that holds .git
        hear  is given what it says of its progress, several times a second; args have to ask for --progress
        """
        heard = None if hear is None else lambda said: hear(progress(said))
        try:
            return proc.run(command(args, repo), env=self.env, cwd=cwd or "/", input=input, timeout=timeout, hear=heard)
        except TryLater as error:
            raise TryLater(f"git {verb(args)}: not finished after {timeout:g} s", redact(error.message)) from None

    def run(
        self, *args: str, repo: str | None = None, cwd: str | None = None, input: bytes | None = None, timeout: float = 120,
        hear: Hear | None = None,
    ) -> bytes:
        """Run git and return its stdout. raises IOFailed; TryLater for time-outs and the network; NotAllowed when it may not"""
        done = self.call(*args, repo=repo, cwd=cwd, input=input, timeout=timeout, hear=hear)
        if done.code:
            raise failure(done, args, repo or cwd or "")
        return done.out

    def text(self, *args: str, repo: str | None = None, cwd: str | None = None, input: bytes | None = None, timeout: float = 120) -> str:
        """As run, for one word or line of output."""
        return self.run(*args, repo=repo, cwd=cwd, input=input, timeout=timeout).decode(errors="replace").strip()


def stream(git: Git, repo: str, *args: str, most: int, timeout: float = 600) -> Iterator[bytes]:
    """The lines of git's output as they come, without their ends, for output that need not fit into memory.

    raises TooMuch after `most` bytes; IOFailed, TryLater
    """
    import select
    import subprocess

    child = subprocess.Popen(
        command(args, repo), env=git.env, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdout is not None
    end, rest, seen = time.monotonic() + timeout, b"", 0
    try:
        while True:
            if not select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TryLater(f"git {verb(args)}: not finished after {timeout:g} s")
            chunk = os.read(child.stdout.fileno(), 1 << 16)
            if not chunk:
                break
            seen += len(chunk)
            if seen > most:
                raise TooMuch(f"git {verb(args)}: more than {most} bytes (in {repo})")
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
        if rest:
            yield rest
        if code := child.wait():
            raise IOFailed(f"git {verb(args)}: exit status {code} (in {repo})")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


class DiskFull(IOFailed):
    """There is no room just now."""

    retry = True


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


def verb(args: Sequence[str]) -> str:
    """What a call is about, for messages: the first word that is no option."""
    words = iter(args)
    for word in words:
        if word in ("-c", "-C"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


# What git says, to what that means for the caller. First match wins: "could not read from remote" follows many other causes.
# Text, and compiled by `re` on first use: most calls of git end well.
_DISK = r"no space left on device|disk quota exceeded|file too large"
_AUTH = (
    r"authentication failed|permission denied \(|could not read (username|password)|terminal prompts disabled|invalid username or"
    r"|returned error: 40[13]\b|access denied|permission to \S+ denied|host key verification failed|sign_and_send_pubkey"
)
_GONE = r"does not appear to be a git repository|repository \S+ does not exist|repository \S* ?not found|not a git repository"
_BUSY = r"\.lock': File exists|cannot lock ref|could not lock|another git process"
_NET = (
    r"could not resolve (host|proxy)|name or service not known|name resolution|failed to connect|couldn't connect"
    r"|connection (refused|timed out|reset|closed)|operation timed out|network is (unreachable|down)|no route to host|early eof"
    r"|hung up unexpectedly|unexpected disconnect|rpc failed|returned error: (5\d\d|429)\b|gnutls_\w+|gnutls recv|ssl_error\w*"
    r"|ssl_connect|tls (connection|handshake)|transfer closed|empty reply from server|broken pipe"
)


def failure(done: proc.Done, args: Sequence[str], where: str = "") -> OrchError:
    """Read git's complaint; returns the error to raise."""
    said = redact(done.err.decode(errors="replace"))
    kinds: tuple[tuple[str, type[OrchError], str], ...] = (
        (_DISK, DiskFull, "free some space; nothing was lost"),
        (_AUTH, NotAllowed, "check the credentials: `git ls-remote <origin>` must work without asking, as this user, from cron"),
        (_GONE, IOFailed, "is the repository still there? `orch project list` shows each origin"),
        (_BUSY, TryLater, "another git works on the same repository, or died in it"),
        (_NET, TryLater, "the network or the other side is down; it is tried again"),
    )
    kind: type[OrchError] = IOFailed
    hint, line = "", complaint(said)
    for pattern, kind_of, what_next in kinds:
        if found := re.search(pattern, said, re.I):
            kind, hint = kind_of, what_next
            line = said[said.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0].strip()
            break
    if not line:
        line = f"ended by signal {done.code - 128}" if done.code > 128 else f"exit status {done.code}"
    return kind(f"git {verb(args)}: {line[:500]}" + (f" (in {where})" if where else ""), hint)


def progress(said: bytes) -> str:
    """The last that git's --progress says, without its speed: `Receiving objects:  45% (450/1000), 1.20 MiB`; empty before the first."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", said.decode(errors="replace")) if "%" in line]
    return lines[-1].removeprefix("remote: ").split(" | ")[0] if lines else ""


def complaint(said: str) -> str:
    """The one line of git's stderr that tells most."""
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    for start in ("fatal:", "error:", "remote: error", "remote: fatal", "!", "remote:"):
        for each in lines:
            if each.startswith(start):
                return each
    return lines[-1] if lines else ""


def redact(said: str) -> str:
    """Hide the credentials that a URL may carry."""
    return re.sub(r"(\w[\w+.-]*://)[^/ \t\r\n'\"]+@", r"\1***@", said)


def line(name: str) -> bytes:
    """One object name as a line of --stdin input. raises BadData for what would be two lines"""
    if "\n" in name or "\0" in name:
        raise BadData(f"not a name in git: {name!r}")
    return os.fsencode(name) + b"\n"


def rev(git: Git, repo: str, name: str) -> str | None:
    """The commit that name means, or None when there is none."""
    done = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}", repo=repo)
    if done.code == 0:
        return done.out.decode().strip()
    if done.code == 1:
        return None
    raise failure(done, ("rev-parse", name), repo)


def rev_object(git: Git, repo: str, name: str) -> str | None:
    """As rev, for any object: `<commit>:<path>` is the tree or blob there."""
    done = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", name, repo=repo)
    return done.out.decode().strip() if done.code == 0 else None


def read_ref(repo: str, name: str) -> str | None:
    """The SHA of a full ref name (no symref) in a bare repository of our own, without a process; None when there is no such ref.

    As git reads it: the loose file, then packed-refs. Only for repositories whose refs are files, which FORCED sees to.
    """
    try:
        loose = files.read_bytes(os.path.join(repo, name)).strip()
        if re.fullmatch(rb"[0-9a-f]{40,64}", loose):
            return loose.decode()
    except OrchError:
        pass  # not there, or a directory of refs
    try:
        packed = b"\n" + files.read_bytes(os.path.join(repo, "packed-refs"))
    except NotFound:
        return None
    end = packed.find(b" " + os.fsencode(name) + b"\n")
    return packed[packed.rfind(b"\n", 0, end) + 1 : end].decode() if end >= 0 else None


def read_refs(repo: str, kinds: Sequence[str] = ("heads", "tags")) -> dict[str, str] | None:
    """All refs below refs/<kind>, full name -> SHA, without a process; None when one of them is a symref, or no plain file.

    As read_ref, and for the same repositories. raises OSError when one changes while we look
    """
    found: dict[str, str] = {}
    waiting = [os.path.join("refs", kind) for kind in kinds]
    while waiting:
        folder = waiting.pop()
        with os.scandir(os.path.join(repo, folder)) as there:
            for each in there:
                name = os.path.join(folder, each.name)
                if each.is_dir():
                    waiting.append(name)
                elif not each.name.endswith(".lock"):
                    with open(os.path.join(repo, name), "rb", buffering=0) as file:
                        sha = file.read(200).decode(errors="replace").strip()
                    if not re.fullmatch(r"[0-9a-f]{40,64}", sha):
                        return None
                    found[name] = sha
    packed = os.path.join(repo, "packed-refs")  # read last: a ref that is packed meanwhile is in one of the two
    if os.path.exists(packed):
        for line in files.read_bytes(packed).decode(errors="surrogateescape").splitlines():
            sha, _, name = line.partition(" ")
            if name.startswith(tuple(f"refs/{kind}/" for kind in kinds)):
                found.setdefault(name, sha)
    return found


def is_ancestor(git: Git, repo: str, a: str, b: str) -> bool:
    """Whether b contains a. raises IOFailed when either is no commit here"""
    done = git.call("merge-base", "--is-ancestor", "--end-of-options", a, b, repo=repo)
    if done.code > 1:
        raise failure(done, ("merge-base",), repo)
    return done.code == 0


def count(git: Git, repo: str, base: str, head: str) -> int:
    """How many commits head has that base has not."""
    return int(git.run("rev-list", "--count", "--end-of-options", head, "^" + base, repo=repo))


def changed(git: Git, repo: str, base: str, head: str) -> list[str]:
    """The paths that differ; a renamed file is two."""
    return names(git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", base, head, repo=repo))


def show(git: Git, repo: str, sha: str, path: str) -> bytes | None:
    """The content of one file in a commit; None when there is none (or it is a directory)."""
    return blobs(git, repo, sha, [path])[path]


def blobs(git: Git, repo: str, sha: str, paths: Sequence[str]) -> dict[str, bytes | None]:
    """The contents of several files of a commit, by one process."""
    asked = b"".join(line(f"{sha}:{path}") for path in paths)
    out = git.run("cat-file", "--batch", repo=repo, input=asked)
    found: dict[str, bytes | None] = {}
    at = 0
    for path in paths:
        end = out.index(b"\n", at)
        head = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if head[-1] == b"missing" or len(head) < 3 or not head[2].isdigit():
            found[path] = None
            continue
        size = int(head[2])
        found[path] = out[at : at + size] if head[1] == b"blob" else None
        at += size + 1
    return found


def tree(git: Git, repo: str, sha: str) -> list[str]:
    """Every path of a commit."""
    return names(git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", sha, repo=repo))


def diff(git: Git, repo: str, base: str, head: str, *, color: bool = False, stat: bool = False) -> str:
    """What changed between two commits, for people and prompts."""
    words = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", f"--color={'always' if color else 'never'}"]
    words += ["--stat"] if stat else []
    return git.run(*words, "--end-of-options", base, head, "--", repo=repo).decode(errors="replace")


def names(out: bytes) -> list[str]:
    """The paths of a -z listing; bytes that are not UTF-8 are shown as \\xNN, because paths go into records."""
    return [each.decode(errors="backslashreplace") for each in out.split(b"\0") if each]
