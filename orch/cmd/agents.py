"""List the agents: which there are, whether they are installed here, and how to get the others."""
from __future__ import annotations

from typing import Any

import click

from orch import agents
from orch.cmd import clicks, out, paint
from orch.core import view
from orch.errors import OrchError, Unavailable
from orch.flow import config as configs
from orch.flow import environ
from orch.host import proc
from orch.host.tty import Terminal
from orch.host.world import World

PATIENCE = 10.0  # seconds for one `--version`


@click.command("agents", context_settings={"help_option_names": clicks.HELP_NAMES})
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.option("--versions", is_flag=True, help="Ask each installed agent for its version (slow: they are started).")
@click.option("--project", "-p", metavar="O/R", help="As this project configures them.")
@click.pass_obj
def command(world: World, as_json: bool, versions: bool, project: str | None) -> int:
    """List the agents and whether they are installed."""
    from orch.flow import project as projects

    config = configs.load(world, projects.here(world, project) if project else None)
    rows = [_row(world, config, name, versions) for name in agents.names(config)]
    for row in rows:
        if as_json:
            out.json_line(row)
    if not as_json:
        terminal, width = Terminal(world.env), max(len(row["name"]) for row in rows)
        for row in rows:
            version = f"  ({row['version']})" if row["version"] else ""
            words = f"{row['path'] or 'not usable: ' + row['why']}{version}"
            paint.lines(terminal, view.hang([(f"{row['name']:<{width}}  ", "bold")], words, "" if row["path"] else "dim", terminal.width))
    return 0


def _row(world: World, config: dict[str, Any], name: str, versions: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "path": None, "version": None, "why": None, "prompt": None, "output": None, "local_only": None}
    try:
        agent = agents.entry(config, name)
        row.update(prompt=agent.prompt, output=agent.output, local_only=agent.local_only)
        path = environ.path(world, config)
        row["path"] = agents.check_installed(agent, path)
        if versions and agent.version:
            row["version"] = _version(world, agent, path)
    except OrchError as error:
        row["why"] = error.message.removeprefix(f"agent {name}: ") + (f"; {error.hint}" if error.hint else "")
    return row


def _version(world: World, agent: agents.Agent, path: str) -> str:
    """The first line of what its version command prints. raises Unavailable when that fails"""
    env = {name: world.env[name] for name in ("HOME", "LANG", "TMPDIR") if name in world.env} | {"PATH": path, "TERM": "dumb"}
    done = proc.run(agent.version, env=env, cwd="/", timeout=PATIENCE)
    said = (done.out or done.err).decode(errors="replace").strip().split("\n")[0]
    if done.code:
        raise Unavailable(f"`{' '.join(agent.version)}` failed with exit status {done.code}: {said}")
    return said
