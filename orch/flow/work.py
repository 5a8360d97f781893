"""A work attempt inside its shepherd: the checkout, the agent, what it left uncommitted."""
from __future__ import annotations

import os
from typing import Any, cast

from orch.core.failure import one_line
from orch.core.money import Meter
from orch.flow import autocommit, checkout
from orch.flow.within import Attempt, cancelled, note, sentinel, set_up, tell, watched
from orch.host import files, paths
from orch.host.output import Writer
from orch.host.watch import Bounds, Stop
from orch.records import Exit, Limits


def work(attempt: Attempt) -> Exit:
    """raises Failed, Stopped, OrchError when it does not come to running the agent"""
    spec, folder = attempt.spec, attempt.folder
    limits = spec.get("limits") or {}
    with attempt.bell.impatient(lambda: cancelled(attempt)):
        prepared = checkout.prepare(attempt.world, spec, lambda text: tell(attempt, text))
        files.replace_json(os.path.join(folder, "prepared.json"), cast(dict[str, Any], prepared), durable=False)
    files.make_dir(os.path.dirname(paths.report(folder)))
    set_up(attempt, spec["checkout"], "setup")
    cap = limits.get("output") or 0
    out, err = Writer(os.path.join(folder, "stdout"), cap), Writer(os.path.join(folder, "stderr"), cap)
    meter = Meter(spec.get("usage"))

    def take(data: bytes) -> None:
        out.write(data)
        meter.feed(data)

    try:
        ending = watched(
            attempt, spec["argv"], cwd=spec["checkout"], out=take, err=err.write,
            bounds=Bounds(limits.get("wall") or 0, limits.get("idle") or 0), ask=lambda: _spent(limits, meter) or sentinel(attempt),
            stdin=os.path.join(folder, spec["stdin"] or "") if spec.get("stdin") else None, born=lambda pid: note(attempt, pid),
        )
    finally:
        out.close()
        err.close()
    meter.end()
    done = autocommit.commit(spec, alone=ending.alone)
    lost = out.failed or err.failed
    notes = [ending.text, done.text, f"some output was lost: {lost.strerror}" if lost else ""]
    return {
        "reason": ending.reason, "code": ending.code, "signal": ending.signal, "text": one_line("; ".join(each for each in notes if each)),
        "kind": None, "tokens": meter.tokens, "cost": round(meter.cost, 6), "left_out": done.left_out, "auto_commit": done.sha,
        "uncommitted": done.text,
    }


def _spent(limits: Limits, meter: Meter) -> Stop | None:
    tokens, cost = limits.get("tokens"), limits.get("cost")
    if tokens and meter.tokens > tokens:
        return Stop("budget", f"{meter.tokens} tokens used; the limit is {tokens}")
    if cost and meter.cost > cost:
        return Stop("budget", f"{meter.cost:.2f} USD spent; the limit is {cost:.2f}")
    return None
