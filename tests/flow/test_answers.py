"""What agents print, taken in by a whole life: the report in stdout, its summary and lessons in the record, and what is no report."""
from __future__ import annotations

import json
from typing import Any

from tests import life
from tests.sandbox import Sandbox

REPORT = {"status": "done", "summary": "said so", "files": ["a.txt"], "learnings": ["tests need bash"]}
FENCED = f"All is well.\n\n```json\n{json.dumps(REPORT)}\n```\n"
ENVELOPE = {"type": "result", "subtype": "success", "is_error": False, "result": FENCED, "total_cost_usd": 0.25,
            "usage": {"input_tokens": 90, "output_tokens": 10}}
SPLIT = {**REPORT, "delegations": [{"title": "A child", "body": "x"}]}
LIMIT = {**ENVELOPE, "is_error": True, "result": "You've hit your limit, resets in 3 hours"}


def test_reports_on_stdout(sandbox: Sandbox) -> None:
    life.project(sandbox, engine__max_parallel=8, workflow__max_attempts=1)
    settings: dict[str, Any] = {}
    said = {
        "plain": json.dumps(REPORT), "fenced": FENCED, "claude": '{"type": "system"}\n' + json.dumps(ENVELOPE), "split": json.dumps(SPLIT),
        "prose": "All done! Every test passes.", "broken": '{"status": "done", "summary": "x', "limit": json.dumps(LIMIT),
    }
    for name, text in said.items():
        script = f"echo x > a.txt; git add -A; git commit -qm work; cat {sandbox.write(f'said/{name}', text)}; exit {int(name == 'limit')}"
        settings[f"agents__{name}__command"], settings[f"agents__{name}__output"] = ["/bin/sh", "-c", script], "json"
    life.configure(sandbox, **settings)
    ids = {name: life.add(sandbox, name, "", "--agent", name) for name in said}
    sandbox.orch("tick")
    waiting = ids.pop("limit")
    sandbox.wait_for(lambda: life.task(sandbox, waiting)["failures"])
    sandbox.orch("task", "cancel", waiting)
    end = life.rest(sandbox)
    assert {name: end[id]["status"] for name, id in ids.items()} == {
        "plain": "done", "fenced": "done", "claude": "done", "split": "done", "prose": "needs_review", "broken": "needs_review",
    }
    for name in ("plain", "fenced", "claude", "split"):
        assert (end[ids[name]]["summary"], end[ids[name]]["learnings"]) == ("said so", ["tests need bash"])
    assert [each["kind"] for each in end[ids["prose"]]["failures"] + end[ids["broken"]]["failures"]] == ["garbage_reply"] * 2
    assert end[waiting]["failures"][0]["kind"] == "usage_limit" and "hit your limit" in end[waiting]["failures"][0]["text"]
    assert len(end) == len(said), "an ordinary task makes no children, whatever its agent proposes"

    run = sandbox.orch("task", "get", ids["claude"], "--json").json()["runs"][0]
    assert (run["agent"], run["tokens"], run["cost"], run["result"]) == ("claude", 100, 0.25, "done")
    for name in ("prose", "broken"):  # what was said stays readable
        assert sandbox.read(f"orch/.orch/local/app/tasks/{ids[name]}/attempts/1-work/stdout") == said[name]
        assert said[name] in sandbox.orch("stream", ids[name], "--no-follow").out
