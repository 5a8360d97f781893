"""Names that end up in paths, refs and session names: each is checked here before it gets anywhere near a disk or a command line.

slug      `owner/repo`; keys everything of a project. `local/<name>` when there is no remote.
task id   `42`, an issue of the tracker, or `int-5`, a local task. Written in full `owner/repo#42`.
branch    of a task, a total function of (id, title): whatever the title is, the branch is a valid ref of at most 60 bytes
session   of a task, in tmux; different tasks have different sessions
attempt   `3-work`, the name of an attempt's directory
agent     `claude`; it becomes a file's name
"""
from __future__ import annotations

import re
from collections.abc import Iterable

from orch.errors import BadData

BRANCH_BYTES = 60
PART_CHARS = 100  # GitHub's limit for a repository's name; keeps every path short enough for a file system

# Names below $ORCH_HOME/.orch that are not projects; an owner of that name would lie on top of them.
RESERVED = frozenset((
    "bin", "bugs", "cache", "config.lock", "inbox", "intake", "jobs", "limits", "next", "next.lock", "orch.log", "orch.log.1",
    "robin.json", "robin.lock", "serve.lock", "slots", "tick.lock", "tmux.sock", "trash", "wake",
))  # fmt: skip

# Patterns are text and compiled by `re` on first use: a command pays for those that it needs.
AGENT = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_OWNER = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_REPO = r"[A-Za-z0-9._][A-Za-z0-9._-]*"  # `.github` is a repository's name
_TASK = r"(?:int-)?[1-9][0-9]{0,17}"
_ATTEMPT = r"([1-9][0-9]{0,8})-([a-z]+)"

# Letters that Unicode does not decompose, as their languages write them in ASCII.
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "ng"})


def slug(text: str) -> str:
    """Check `owner/repo`. raises BadData"""
    owner, slash, repo = text.partition("/")
    good = slash and re.fullmatch(_OWNER, owner) and re.fullmatch(_REPO, repo) and repo not in (".", "..")
    if not good or max(len(owner), len(repo)) > PART_CHARS or repo.endswith((".git", ".lock")):
        raise BadData(f"not a project name: {_shown(text)}", "write it as owner/repo: letters, digits, dot, dash and underscore")
    if owner.lower() in RESERVED:
        raise BadData(f"{text}: orch keeps its own files under the name {owner}", "choose another with --name owner/repo")
    return text


def slug_of(origin: str) -> str | None:
    """The slug that a remote's address suggests: its last two path parts; None for a path in the file system. raises BadData"""
    url = re.fullmatch(r"([a-z][a-z0-9+.-]*)://(?:[^/@]*@)?(\[[^\]/]*\]|[^/:]*)(?::[0-9]*)?(?:/(.*))?", origin, re.I | re.S)
    scp = re.fullmatch(r"(?:[^/@:]+@)?(\[[^\]/]*\]|[^/:]+):(.*)", origin, re.S)
    if url:
        if url[1].lower() == "file":
            return None
        host, path = url[2], url[3] or ""
    elif scp and not re.match(r"[A-Za-z]:[\\/]", origin):
        host, path = scp[1], scp[2]
    else:
        return None
    parts = [part for part in re.split(r"[?#]", path)[0].split("/") if part]
    if parts:
        parts[-1] = parts[-1].removesuffix(".git")
    # A server with a flat name space (git.example.org:app.git) has no owner, so its own name stands in.
    owner, repo = ([host, *parts])[-2:] if parts else ("", "")
    try:
        return slug(f"{_part(owner).lstrip('.')}/{_part(repo)}")
    except BadData:
        raise BadData(f"no project name can be made from {_shown(origin)}", "give one with --name owner/repo") from None


def local(folder: str) -> str:
    """The slug of a repository without a remote, from the name of its folder. Total."""
    name = folder.removesuffix(".git")
    part = _part(name) if name.isascii() else word(name)
    try:
        return slug(f"local/{part[:PART_CHARS].rstrip('.')}")
    except BadData:
        return f"local/{_hashed(folder)}"


def _part(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")


def task_id(text: str) -> str:
    """Check `int-5` or `42`. raises BadData"""
    if not re.fullmatch(_TASK, text):
        raise BadData(f"not a task: {_shown(text)}", "write it as 42, int-5 or owner/repo#int-5")
    return text


def parse_ref(text: str) -> tuple[str | None, str]:
    """Read `owner/repo#int-5`, `int-5`, `42` or `#42` into (slug or None, task id). raises BadData"""
    project, mark, task = text.strip().rpartition("#")
    if mark and project:
        return slug(project), task_id(task)
    return None, task_id(task)


def order(task: str) -> tuple[int, int]:
    """The sort key of a task id: issues by number, then local tasks by number."""
    kind, _, number = task_id(task).rpartition("-")
    return (1 if kind else 0), int(number)


def word(text: str) -> str:
    """Any text as lower-case ASCII words joined by dashes; a short hash when nothing of it can be written so; empty for blank text."""
    if not text.isascii():
        import unicodedata

        folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
        plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    else:
        plain = text.lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words or (_hashed(text) if text.strip() else "")


def _hashed(text: str) -> str:
    import zlib  # not hashlib: it loads OpenSSL, and this is a label, not a proof

    return f"x{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def branch(task: str, title: str) -> str:
    """The branch of a task: `gh-task-42-fix-login`, `task-int-5-fix-login`. raises BadData for a bad id, never for a title"""
    stem = _stem(task_id(task))
    words = word(title)
    room = min(BRANCH_BYTES - len(stem) - 1, 40)
    if len(words) > room:
        # A whole word less reads better than half a word, unless that word is most of the title.
        end = words.rfind("-", room // 2, room + 1)
        words = words[: end if end > 0 else room].strip("-")
    return f"{stem}-{words}" if words else stem


def is_ref_name(name: str) -> bool:
    """Whether git takes this as the name of a branch: the rules of git-check-ref-format(1) for what stands behind refs/heads/."""
    if re.search(r"[\0-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) or name.endswith("."):
        return False
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in name.split("/"))


def _stem(task: str) -> str:
    return f"gh-task-{task}" if task.isdigit() else f"task-{task}"


def is_branch(text: str, task: str) -> bool:
    """Whether that is a branch of this task, whatever its title was: it names the directory of the checkout, too."""
    rest = text.removeprefix(_stem(task))
    return len(text) <= BRANCH_BYTES and rest != text and re.fullmatch(r"(-[a-z0-9]+)*", rest) is not None


def session(project: str, task: str) -> str:
    """The tmux session of a task: `orch-owner-repo-int-5`. tmux forbids dot and colon; a doubled dash is one that was in the name.

    No two tasks share one: a single dash only ever separates, because neither a repository's name nor a task id starts with a dash.
    """
    escaped = [part.replace("-", "--").replace("_", "__").replace(".", "_d") for part in slug(project).split("/")]
    return f"orch-{escaped[0]}-{escaped[1]}-{task_id(task)}"


def attempt(number: int, kind: str) -> str:
    """The name of an attempt's directory: `3-work`. raises BadData"""
    name = f"{number}-{kind}"
    _attempt(name)
    return name


def number(name: str) -> int:
    """The number of an attempt, from its directory's name. raises BadData"""
    return int(_attempt(name)[1])


def kind(name: str) -> str:
    """The kind of an attempt, from its directory's name. raises BadData"""
    return str(_attempt(name)[2])


def _attempt(name: str) -> re.Match[str]:
    found = re.fullmatch(_ATTEMPT, name)
    if not found:
        raise BadData(f"not an attempt: {_shown(name)}", "attempts are named as 3-work")
    return found


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant, or None when nothing is near."""
    import difflib

    found = difflib.get_close_matches(text, sorted(choices), 1, 0.6)
    return found[0] if found else None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
