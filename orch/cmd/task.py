"""`orch task WORD`: a group whose members are imported when they are used."""
from __future__ import annotations

from orch.cmd.clicks import Lazy

command = Lazy(
    "task",
    {
        "add": ("task_add", "add a task, or many from a file"),
        "list": ("task_list", "list tasks"),
        "get": ("task_get", "show everything about tasks"),
        "status": ("task_status", "count tasks by status"),
        "tree": ("task_tree", "show parents, children and dependencies"),
        "live": ("task_live", "show the attempts that run"),
        "attach": ("task_attach", "attach to the terminal of a running attempt"),
        "set": ("task_set", "change fields of a task"),
        "route": ("route", "choose an agent for tasks"),
        "run": ("run", "start attempts for routed tasks"),
        "publish": ("publish", "publish or merge verified tasks"),
        "retry": ("task_retry", "start tasks afresh"),
        "unblock": ("task_unblock", "start tasks afresh that are blocked or need a person"),
        "cancel": ("task_cancel", "cancel tasks, and end their attempts"),
        "kill": ("task_kill", "end the attempts of tasks, which a person will look at"),
    },
    help="Add, look at and change tasks. A TASK is written int-5, 42 or owner/repo#int-5.",
)
