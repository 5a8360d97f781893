"""One attempt, made by hand and lived through by the real shepherd, without tick, run or reap.

    attempt = Attempt(sandbox, "write a.txt hello\\ndone")      # the rehearsal agent acts this out
    attempt.run()
    assert attempt.exit["reason"] == "exited"
"""
from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from orch import agents
from orch.flow import environ, project
from orch.host import files, kin, lock, output
from tests.sandbox import ORCH, Sandbox

CONFIG: dict[str, Any] = {"engine": {"path": ""}, "git": {"name": "", "email": ""}}


class Attempt:
    def __init__(
        self, sandbox: Sandbox, script: str = "", *, kind: str = "work", number: int = 1, agent: str = "rehearsal", **spec: Any
    ) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world()
        known = project.slugs(self.world)
        if not known:
            path = sandbox.repo("app")
            sandbox.register("project", "add", path, path=path)
            known = project.slugs(self.world)
        self.slug = known[0]
        self.folder = self.world.home.attempt(self.slug, "int-1", f"{number}-{kind}")
        self.checkout = self.world.home.checkout(self.slug, "task-int-1-x")
        sandbox.write(os.path.join(self.folder, "script"), script, 0o755)
        self.spec: dict[str, Any] = {
            "v": 1, "project": self.slug, "task": "int-1", "attempt": f"{number}-{kind}", "kind": kind, "try_": 1, "title": "Say hello",
            "agent": agent, "model": None, "token": f"token-{number}-{os.path.basename(sandbox.root)}", "slot": 0, "executor": "process",
            "session": "orch-local-app-int-1", "mirror": self.world.home.mirror(self.slug), "checkout": self.checkout,
            "branch": "task-int-1-x", "start": None, "fetch": True, "base": None, "source": os.path.join(sandbox.root, "code", "app"),
            "copy": [], "setup": [], "stdin": None, "known": self.world.home.verified(self.slug), "big": 1_000_000, "usage": "lines",
            "limits": {"wall": 60, "idle": 0, "setup": 30, "output": 1_000_000}, "created_at": self.world.now_text(),
        }
        chosen = agents.entry({}, agent)
        self.spec["argv"] = agents.command_line(chosen, {"script": os.path.join(self.folder, "script")})
        self.spec.update({"checkout": self.checkout + ".verify-1"} if kind == "verify" else {})
        self.spec.update(spec)
        self.spec.setdefault("env", environ.build(self.world, CONFIG, chosen, self.spec, self.folder))  # type: ignore[arg-type]
        files.replace_json(os.path.join(self.folder, "spec.json"), self.spec)

    def run(self, check: bool | int = True, seconds: float = 60) -> Attempt:
        """Live through it; the status is the shepherd's, not the agent's."""
        self.sandbox.orch("attempt", self.folder, env={"ORCH_TEST_NO_REAP": "1"}, check=check, seconds=seconds)
        return self

    def start(self) -> subprocess.Popen[bytes]:
        """Start the shepherd as the process executor does, and go on."""
        env = {**self.sandbox.env, "ORCH_TEST_NO_REAP": "1"}
        log = os.open(os.path.join(self.folder, "shepherd.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return subprocess.Popen(
                [ORCH, "attempt", self.folder], env=env, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        finally:
            os.close(log)

    def until(self, name: str) -> None:
        """Wait until a file is in the attempt's directory or, with a slash before it, in the checkout."""
        path = self.checkout + name if name.startswith("/") else os.path.join(self.folder, name)
        self.sandbox.wait_for(lambda: os.path.exists(path))

    def until_said(self, text: str) -> None:
        self.sandbox.wait_for(lambda: text in self.out)

    @property
    def exit(self) -> dict[str, Any]:
        return self.json("exit.json")

    @property
    def out(self) -> str:
        return output.read(self.folder, "stdout").decode(errors="replace")

    @property
    def log(self) -> str:
        return output.read(self.folder, "shepherd.log").decode(errors="replace")

    @property
    def held(self) -> bool:
        return lock.probe(os.path.join(self.folder, "lock")) == "held"

    @property
    def left(self) -> list[int]:
        """Processes that carry its token."""
        return kin.holders(self.spec["token"])

    def json(self, name: str) -> dict[str, Any]:
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
        return found

    def git(self, *args: str) -> str:
        return self.sandbox.git(*args, cwd=self.checkout)

    def subjects(self) -> list[str]:
        """The subjects of the commits that it added, newest first."""
        return self.git("log", "--format=%s", f"{self.json('prepared.json')['base']}..HEAD").splitlines()
