"""THE TABLE of configuration keys, and how layers of configuration become one.

defaults < $ORCH_HOME/config.yml < the project's .orch.yml < ORCH_* in the environment < flags. Maps merge deeply, lists and scalars
replace; a key without a value (YAML null) is a key that is not given. A key is addressed with dots, `engine.max_parallel`; `*` in
the table stands for a name that people choose (an agent, a project).

scope says where a key counts:
  any    in every layer
  trust  in a project's file only when the user's config.yml trusts that project: it runs programs or chooses the agents, hands over
         files, lifts a limit of tokens or money, or loosens what a person has to look at. How long and how often agents try, and
         with which of their models, a project may say for itself
  user   never in a project's file: it speaks about the machine or about trust itself
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Config = dict[str, Any]
Path = tuple[str, ...]


class Key(NamedTuple):
    path: str
    type: str  # a name of core.kinds.TYPES, or the choices as `a|b`
    default: Any
    doc: str
    scope: str = "any"

    @property
    def trust(self) -> bool:
        """True when a project's file needs the user's trust for this key to count."""
        return self.scope == "trust"

    @property
    def named(self) -> bool:
        """True when a part of the path is a name that people choose; such a key has no value until it is given."""
        return "*" in self.path.split(".")

    def env(self) -> str | None:
        """The environment variable that sets it; None for keys with a chosen name in them."""
        return None if self.named else "ORCH_" + self.path.upper().replace(".", "_")


_COMPLEXITIES = ("simple", "medium", "complex")

KEYS: tuple[Key, ...] = (
    Key("engine.max_parallel", "positive", 4, "agents that may run at the same time, over all projects", "user"),
    Key("engine.tick_interval", "seconds", 10, "pause between two ticks of `orch serve`; 0: none", "user"),
    Key("engine.executor", "auto|tmux|process", "auto", "where attempts run; auto takes tmux when it is installed", "user"),
    Key("engine.path", "text", "", "PATH of agents, setup and verify commands; empty: the PATH orch was started with", "user"),
    Key("engine.archive_after", "seconds", 86400,
        "how long a finished task stays among the open ones; 0: until the next tick, 5200w: for ever", "user"),
    Key("engine.retention_days", "days", 14, "days that checkouts of finished tasks are kept; 0: for ever", "user"),
    Key("engine.retention_bytes", "bytes", 20_000_000_000, "disk space of checkouts, above it the oldest are removed; 0: no limit", "user"),
    Key("engine.log_bytes", "bytes", 5_000_000, "size at which orch.log is rotated; 0: never", "user"),
    Key("workflow.finish", "branch|merge", "branch", "what happens to a verified task: publish its branch, or merge it", "trust"),
    Key("workflow.verify", "list", [], "shell commands that must pass in a clean checkout before a task is done", "trust"),
    Key("workflow.setup", "list", [], "shell commands that prepare a checkout, such as `npm ci`", "trust"),
    Key("workflow.copy", "paths", [], "untracked files to copy from your checkout, such as .env.local", "trust"),
    Key("workflow.max_attempts", "positive", 5, "work attempts before a person has to look"),
    Key("workflow.retry_seconds", "seconds", 60, "pause before the second try of what failed by accident; doubles up to an hour; 0: none"),
    Key("workflow.timeout_seconds", "seconds", 1800, "wall-clock limit of an agent; 0: none"),
    *(
        Key(f"workflow.timeout_by_complexity.{name}", "seconds", 0, f"the same limit for {name} tasks; 0: workflow.timeout_seconds")
        for name in _COMPLEXITIES
    ),
    Key("workflow.idle_seconds", "seconds", 0, "end an agent that prints nothing for so long; 0: never"),
    Key("workflow.verify_seconds", "seconds", 1800, "limit of one verify command; 0: none"),
    Key("workflow.setup_seconds", "seconds", 900, "limit of all setup commands together; 0: none"),
    Key("workflow.output_bytes", "bytes", 10_000_000, "how much of an attempt's output is kept, of each of stdout and stderr; 0: all"),
    Key("workflow.max_tokens", "count", 0, "end an attempt that used more tokens; 0: no limit", "trust"),
    Key("workflow.max_cost", "money", 0.0, "end an attempt that cost more, in USD; 0: no limit", "trust"),
    Key("workflow.protected", "patterns", [".github/workflows/**"], "changed paths that only a person may publish (globs)", "trust"),
    Key("workflow.big_file_bytes", "bytes", 5_000_000, "larger files are left out of the automatic commit, and named; 0: none"),
    Key("workflow.body_chars", "count", 60_000, "characters of a task's body that go into the prompt"),
    Key("workflow.merge_strategy", "ff|merge", "ff", "finish: merge fast-forwards when possible (ff) or always makes a merge commit"),
    Key("router.mode", "default|round_robin", "default", "how an agent is chosen when the task names none"),
    Key("router.default_agent", "word", "", "the agent of mode default; empty: the first of router.agents that is installed", "trust"),
    Key("router.agents", "names", [], "agents to choose from; empty: the default agent, else all that are installed and enabled", "trust"),
    *(Key(f"model_map.{name}.*", "word", "", f"an agent's model for {name} tasks; empty: its own default") for name in _COMPLEXITIES),
    Key("git.name", "text", "", "author of commits in checkouts; empty: the agent's name"),
    Key("git.email", "text", "", "e-mail of that author"),
    Key("agents.*.command", "argv", [], "command line of the agent, with placeholders such as {prompt}", "trust"),
    Key("agents.*.prompt", "arg|stdin|file|script", "stdin", "how the prompt goes in", "trust"),
    Key("agents.*.output", "result|json|exit", "result", "how the answer comes out", "trust"),
    Key("agents.*.model_args", "argv", [], "arguments that choose the model, with {model}", "trust"),
    Key("agents.*.env", "variables", [], "environment variables of the agent: NAME is handed on, NAME=value is set", "trust"),
    Key("agents.*.version", "argv", [], "command line that prints the agent's version", "trust"),
    Key("agents.*.timeout_seconds", "seconds", 0, "wall-clock limit of this agent; 0: workflow.timeout_seconds", "trust"),
    Key("agents.*.enabled", "flag", True, "false takes the agent out of routing", "trust"),
    Key("project.default_branch", "word", "", "branch that tasks start from; empty: the remote's HEAD"),
    Key("projects.*.trust", "flag", False, "let this project's .orch.yml set the keys that need trust, and its prompts count", "user"),
)


def merge(layers: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Config, dict[Path, str]]:
    """Merge (origin, map) pairs, weakest first; returns the merged map and the origin of each leaf. The layers are left as they are."""
    config: Config = {}
    origins: dict[Path, str] = {}
    for origin, layer in layers:
        _merge(config, layer, origin, (), origins)
    return config, origins


def _merge(into: Config, layer: Mapping[str, Any], origin: str, path: Path, origins: dict[Path, str]) -> None:
    for name, value in layer.items():
        here = (*path, name)
        if value is None:
            continue
        if isinstance(value, Mapping):
            if not isinstance(into.get(name), dict):
                into[name] = {}
                origins.pop(here, None)
            _merge(into[name], value, origin, here, origins)
        else:
            if isinstance(into.get(name), dict):
                for old in [each for each in origins if each[: len(here)] == here]:
                    del origins[old]
            into[name] = list(value) if isinstance(value, list) else value
            origins[here] = origin


def nest(values: Iterable[tuple[Path, Any]]) -> Config:
    """Build a nested map from (path, value) pairs."""
    config: Config = {}
    for path, value in values:
        at = config
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = value
    return config


def split(text: str) -> Path | None:
    """The path of a dotted key or section of the table, or None. A chosen name may hold dots: projects.o/r.js.trust."""
    return _split(text.split("."), TREE)


def _split(parts: list[str], tree: Mapping[str, Any]) -> Path | None:
    for size in range(1, len(parts) + 1):
        name, rest = ".".join(parts[:size]), parts[size:]
        below = tree.get(name) or tree.get("*")
        if below is None or name in ("", "*"):
            continue
        if not rest:
            return (name,)
        found = None if isinstance(below, Key) else _split(rest, below)
        if found:
            return (name, *found)
    return None


def key_at(path: Path) -> Key | None:
    """The table's row for a path; None for a section or an unknown path."""
    at: Any = TREE
    for name in path:
        if not isinstance(at, dict):
            return None
        at = at.get(name) or at.get("*")
        if at is None:
            return None
    return at if isinstance(at, Key) else None


def at(config: Mapping[str, Any], path: Path) -> Any:
    """The value at a path, or None."""
    value: Any = config
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def dotted(path: Path) -> str:
    return ".".join(path)


def leaves(tree: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    """The path of each value in a nested map; a list is one value."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name)


TREE: dict[str, Any] = nest((tuple(key.path.split(".")), key) for key in KEYS)
# A copy for each reader (see `merge`): lists in it are shared and never changed.
DEFAULTS: Config = nest((tuple(key.path.split(".")), key.default) for key in KEYS if not key.named)
for _section in ("agents", "model_map", "projects"):
    DEFAULTS.setdefault(_section, {})
DEFAULTS["model_map"].update({_name: {} for _name in _COMPLEXITIES})
