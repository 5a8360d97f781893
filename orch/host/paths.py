"""Where everything lies below $ORCH_HOME (design section 5). Strings in, strings out; nothing here touches the disk.

slug     `owner/repo`, checked by core.names before it gets here
task     `int-5` or `42`, checked likewise
attempt  the name of an attempt directory, `3-work`
"""
from __future__ import annotations

from os.path import join


def report(attempt: str) -> str:
    """Where the agent of the attempt in this directory writes what came of it. In a directory of its own, because an agent that a
    sandbox holds may write in there, and to nothing else of its attempt."""
    return join(attempt, "report", "result.json")


class Home:
    """No NamedTuple: to make one of so many methods takes a millisecond of every command."""

    __slots__ = ("root", "worktrees")

    def __init__(self, root: str, worktrees: str) -> None:
        self.root = root
        self.worktrees = worktrees

    # what people edit
    def config(self) -> str:
        return join(self.root, "config.yml")

    def jobs(self) -> str:
        return join(self.root, "jobs.yml")

    def prompts(self) -> str:
        return join(self.root, "prompts")

    # projects
    def projects(self) -> str:
        return join(self.root, "projects")

    def project(self, slug: str) -> str:
        return join(self.root, "projects", slug + ".json")

    def mirror(self, slug: str) -> str:
        return join(self.root, "projects", slug + ".git")

    def checkout(self, slug: str, branch: str) -> str:
        return join(self.worktrees, slug, branch)

    # runtime state, written by orch only
    def state(self, *parts: str) -> str:
        return join(self.root, ".orch", *parts)

    def log(self) -> str:
        return self.state("orch.log")

    def inbox(self) -> str:
        return self.state("inbox")

    def intake(self) -> str:
        return self.state("intake")

    def slots(self) -> str:
        return self.state("slots")

    def tick_lock(self) -> str:
        return self.state("tick.lock")

    def wake(self) -> str:
        return self.state("wake")

    def limits(self, agent: str) -> str:
        return self.state("limits", agent + ".json")

    # one project's state
    def lock(self, slug: str) -> str:
        return self.state(slug, "lock")

    def mirror_lock(self, slug: str) -> str:
        return self.state(slug, "mirror.lock")

    def project_config(self, slug: str) -> str:
        """The project's .orch.yml as it stands on the default branch; written by orch after each fetch of the mirror."""
        return self.state(slug, "project.yml")

    def tasks(self, slug: str) -> str:
        return self.state(slug, "tasks")

    def archive(self, slug: str) -> str:
        return self.state(slug, "archive")

    def swept(self, slug: str) -> str:
        return self.state(slug, "swept")

    def verified(self, slug: str) -> str:
        return self.state(slug, "verified")

    def outbox(self, slug: str) -> str:
        return self.state(slug, "outbox")

    # one task
    def task(self, slug: str, task: str) -> str:
        return self.state(slug, "tasks", task)

    def record(self, slug: str, task: str) -> str:
        return self.state(slug, "tasks", task, "task.json")

    def attempts(self, slug: str, task: str) -> str:
        return self.state(slug, "tasks", task, "attempts")

    def attempt(self, slug: str, task: str, attempt: str) -> str:
        return self.state(slug, "tasks", task, "attempts", attempt)
