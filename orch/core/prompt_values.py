"""The variables that the templates of a work attempt get (orch-prompts(5)): what the task, the configuration and the mirror say, capped."""
from __future__ import annotations

from typing import Any, NamedTuple

from orch.core import failure
from orch.core.prompt import Facts, cap, outline
from orch.records import Failure, Task

# Characters, unless it says otherwise.
TITLE, LABEL, DIFF, DETAIL, INSTRUCTIONS, README, LEARNING = 1000, 100, 20_000, 6000, 12_000, 3000, 1000
LABELS, LEARNINGS, EARLIER, FILES, TREE = 30, 20, 4, 100, 200  # how many; lines of the tree
TREE_CHARS = 8000

# What whoever tries again should do about it. Failures that were not about the work have nothing to teach.
ADVICE = {
    "verify_failed": "Run the failing command yourself and find the cause before you change anything.",
    "no_evidence": (
        "Commit what you do. If nothing has to be done, report `no_change` and say how you made sure. A directory that is a repository of "
        "its own is committed without its files: `git rm --cached DIR; rm -rf DIR/.git; git add DIR`, or make it a submodule."
    ),
    "garbage_reply": "The work may have been good, but there was no report that could be read. Look at what is there, complete it, report.",
    "timeout": "Work in small steps and commit each, so that the next cut costs little. Give slow commands a time limit.",
    "idle": "Give every command a time limit, and run what is silent for long in a way that shows progress.",
    "budget": "Work in small steps and commit each. Read only what you need.",
    "context_overflow": "Read only the parts of files that you need, and keep the output of commands short.",
    "conflict": "Do that first, and keep what both sides wanted. What was taken out of the target must not come back.",
    "agent_failed": "Find out what stopped it before you try the same again.",
    "refused": "If you decline as well, report `help` and say which part you cannot do.",
    "waiting_for_input": "Never run what asks: use flags such as `--yes`, and give commands no terminal.",
    "permission_denied": "Find another way inside of the checkout. If there is none, report `blocked` and name what was refused.",
    "tool_missing": "If the program is still missing, look for another way; if there is none, report `blocked` and name it.",
    "setup_failed": "If the project's set-up still does not work, report `blocked` and say what it needs.",
}
UNRELATED = "That was not about the work itself: go on as if it had not happened."


class Context(NamedTuple):
    """What the mirror has to say; all empty when there is none yet."""

    default: str = ""  # name of the default branch
    instructions: tuple[tuple[str, str], ...] = ()  # path, content; of the default branch
    tree: tuple[str, ...] = ()  # every path of the commit that the attempt starts from
    stat: str = ""  # what changed so far: which files
    diff: str = ""  # and how
    detail: str = ""  # what the failed checks printed


def of(task: Task, config: dict[str, Any], facts: Facts, context: Context) -> dict[str, Any]:
    """Every variable, by name. Nothing here is trusted: the templates fence it in."""
    failures = task.get("failures") or []
    last = facts.last_failure
    earlier = failures[:-1] if last and failures and failures[-1] == last else failures
    default = facts.default or context.default
    return {
        "id": task["id"],
        "project": task["project"],
        "title": cap(task.get("title") or "", TITLE),
        "body": cap(task.get("body") or "", config["workflow"]["body_chars"]) if (task.get("body") or "").strip() else "",
        "labels": [cap(label, LABEL) for label in (task.get("labels") or [])[:LABELS]],
        "n": facts.n,
        "max": facts.max,
        "checkout": facts.checkout,
        "branch": facts.branch,
        "default": default,
        "target": f"origin/{default or 'HEAD'}",
        "base": facts.base or "",
        "head": facts.head or "",
        "result": facts.result,
        "verify": facts.verify,
        "setup": list(facts.setup),
        "copy": list(facts.copy),
        "conflict": facts.conflict,
        "files": list(facts.files[:FILES]) or ([last["text"]] if facts.conflict and last else []),
        "failure": _told(last) if last else None,
        "detail": cap(facts.detail or context.detail, DETAIL, end=True),
        "earlier": [f"{each.get('attempt') or '?'}: {each.get('kind')}: {each.get('text')}" for each in earlier[-EARLIER:]],
        "learnings": [cap(each, LEARNING) for each in (task.get("learnings") or [])[-LEARNINGS:]],
        "diff": _changes(context),
        "instructions": instructions(context.instructions),
        "tree": cap("\n".join(outline(list(context.tree), TREE)), TREE_CHARS).split("\n") if context.tree else [],
    }


def _told(last: Failure) -> dict[str, str]:
    kind = last.get("kind") or ""
    means = failure.TABLE[kind].means if kind in failure.TABLE else kind
    return {"kind": kind, "text": last.get("text") or "", "means": means, "advice": ADVICE.get(kind, UNRELATED)}


def _changes(context: Context) -> str:
    """The diff or, where it is long, first which files it is about."""
    if len(context.diff) <= DIFF:
        return context.diff
    return f"{cap(context.stat, DIFF // 4)}\n{cap(context.diff, DIFF)}"


def instructions(found: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """The instruction files that say something of their own: not empty, not a copy of an earlier one, not a pointer to one."""
    kept: list[dict[str, str]] = []
    said = {""}
    for path, text in found:
        plain = text.strip()
        if plain not in said and plain.removeprefix("@") not in {other for other, _ in found}:
            said.add(plain)
            kept.append({"path": path, "text": cap(text, README if is_readme(path) else INSTRUCTIONS)})
    return kept


def is_readme(path: str) -> bool:
    return "/" not in path and path.lower().partition(".")[0] == "readme"
