"""`orch --complete`: what there is at this moment, and no error whatever state the home is in."""
from __future__ import annotations

from tests.sandbox import Sandbox


def offered(sandbox: Sandbox, kind: str) -> list[str]:
    run = sandbox.orch("--complete", kind)
    assert run.err == ""
    return run.out.splitlines()


def test_an_empty_home_offers_nothing_but_agents(sandbox: Sandbox) -> None:
    assert offered(sandbox, "tasks") == offered(sandbox, "projects") == offered(sandbox, "nosuchkind") == []
    assert "shell" in offered(sandbox, "agents")


def test_a_task_number_that_two_projects_have_is_written_in_full(sandbox: Sandbox) -> None:
    for path in ("o/a/tasks/42", "o/b/tasks/42", "o/b/tasks/int-7", "o/b/archive/int-1"):
        sandbox.write(f"orch/.orch/{path}/task.json", "{}")
    for name in ("a", "b", ".github", "no name"):
        sandbox.write(f"orch/projects/o/{name}.json", "{}")
    assert offered(sandbox, "projects") == ["o/.github", "o/a", "o/b"]
    assert offered(sandbox, "tasks") == ["int-7", "o/a#42", "o/b#42"]


def test_a_broken_configuration_offers_nothing(sandbox: Sandbox) -> None:
    sandbox.write("orch/config.yml", "agents: [not: a: map")
    assert offered(sandbox, "agents") == []
