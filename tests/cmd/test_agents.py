from __future__ import annotations

from tests.sandbox import Sandbox


def test_installed_and_missing(sandbox: Sandbox) -> None:
    rows = {row["name"]: row for row in sandbox.orch("agents", "--json", env={"PATH": sandbox.env["PATH"]}).lines()}
    assert list(rows)[:2] == ["shell", "rehearsal"]
    assert rows["shell"]["path"] == "/bin/sh"
    assert rows["shell"]["local_only"]
    assert rows["claude"]["path"] is None
    assert "npm install" in rows["claude"]["why"]
    assert "claude" in sandbox.orch("agents").out


def test_versions_are_asked_for_only_when_wanted(sandbox: Sandbox) -> None:
    sandbox.write("tools/claude", '#!/bin/sh\necho asked >> "$HOME/asked"\necho "9.9.9 (Claude Code)"\n', 0o755)
    sandbox.write("tools/codex", "#!/bin/sh\necho broken >&2; exit 3\n", 0o755)
    env = {"PATH": f"{sandbox.root}/tools:{sandbox.env['PATH']}"}
    rows = {row["name"]: row for row in sandbox.orch("agents", "--json", env=env).lines()}
    assert rows["claude"]["path"] == sandbox.root + "/tools/claude"
    assert rows["claude"]["version"] is None
    rows = {row["name"]: row for row in sandbox.orch("agents", "--json", "--versions", env=env).lines()}
    assert rows["claude"]["version"] == "9.9.9 (Claude Code)"
    assert rows["codex"]["why"].startswith("`codex --version` failed with exit status 3: broken")
    assert sandbox.read("home/asked") == "asked\n"


def test_a_version_is_what_its_command_prints(sandbox: Sandbox) -> None:
    sandbox.orch("config", "set", "agents.mine.command=cat", "agents.mine.version=echo mine 1.2", "agents.shell.version=echo sh 3")
    rows = {row["name"]: row["version"] for row in sandbox.orch("agents", "--json", "--versions").lines()}
    assert (rows["mine"], rows["shell"]) == ("mine 1.2", "sh 3")


def test_configured_ones_and_wrong_ones(sandbox: Sandbox) -> None:
    sandbox.write("orch/config.yml", "agents:\n  mine: {command: 'cat {prompt_file}'}\n  opencode: {enabled: false}\n")
    rows = {row["name"]: row for row in sandbox.orch("agents", "--json").lines()}
    assert rows["mine"]["path"].endswith("/cat")
    assert "opencode" not in rows
