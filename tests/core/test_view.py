"""Tasks for people: tables, trees, pages, the overview. What they look like is checked on whole texts."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orch.core import clock, history, overview, page, running, text, tree, view
from orch.core import task as life
from orch.core.overview import Board
from orch.core.view import Piece
from orch.records import STATUSES, Task

NOW = clock.parse("2026-11-20T23:00:00Z")


def made(id: str, title: str = "a task", **fields: Any) -> Task:
    task: Any = life.new({"title": title}, id, "o/r", "2026-11-20T22:55:00.000Z")
    return {**task, **fields}  # type: ignore[typeddict-item]


def plain(lines: Sequence[Sequence[Piece]]) -> str:
    return "\n".join("".join(words for words, _ in line).rstrip() for line in lines)


def test_a_table_shows_the_columns_that_have_something() -> None:
    assert plain(view.table([made("int-1"), made("int-20", "日本語", status="done", resolution="completed")], NOW)) == (
        "ID      STATUS  AGE  TITLE\n"
        "int-1   new      5m  a task\n"
        "int-20  done     5m  日本語"
    )
    tasks = [made("int-1", priority=5, labels=["a", "b"], agent="codex"), made("7", status="done", resolution="cancelled", project="x/y")]
    assert plain(view.table(tasks, NOW, 66)) == plain(view.table(tasks, NOW)) == (
        "ID     STATUS            PRI  AGENT  PROJECT  AGE  TITLE\n"
        "int-1  new                 5  codex  o/r       5m  a task  [a, b]\n"
        "7      done (cancelled)              x/y       5m  a task"
    )
    assert plain(view.table(tasks, NOW, 62)) == (
        "ID     STATUS            PRI  AGENT  PROJECT  TITLE\n"
        "int-1  new                 5  codex  r        a task  [a, b]\n"
        "7      done (cancelled)              y        a task"
    ), "other columns go before titles are cut to nothing"
    assert plain(view.table(tasks, NOW, 40)) == (
        "ID     STATUS            PROJECT  TITLE\n"
        "int-1  new               r        a tas…\n"
        "7      done (cancelled)  y        a task"
    )


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4), st.integers(20, 200))
def test_no_line_of_a_table_is_wider_than_the_terminal(titles: list[str], width: int) -> None:
    tasks = [made(f"int-{number}", title, labels=[title[:50]]) for number, title in enumerate(titles, 1)]
    for line in plain(view.table(tasks, NOW, width)).split("\n"):
        assert text.width(line) <= width
        assert text.clean(line) == line


def test_a_tree() -> None:
    tasks = [
        made("int-1", "top"), made("int-2", "first", parent="int-1"),
        made("int-3", "second", parent="int-1", depends_on=["int-2"], status="blocked", why="waits"),
        made("int-4", "deep", parent="int-2"), made("int-5", "alone", parent="int-99"),
    ]
    shown = [tree.line(each) for each in tree.tree(tasks)]
    assert plain(shown) == (
        "int-1 (new) top\n"
        "├─ int-2 (new) first\n"
        "│  └─ int-4 (new) deep\n"
        "└─ int-3 (blocked) second  <- int-2\n"
        "int-5 (new) alone"
    )
    assert [each.task["id"] for each in tree.tree(tasks, [("o/r", "int-2")])] == ["int-2", "int-4"]


def test_a_page_says_everything() -> None:
    task = made(
        "int-1", "a \x1b[31m title", status="needs_review", why="no tests", body="one\n\ttwo", labels=["x"], depends_on=["int-9"],
        options={"agent": "codex", "verify": ["make test"]}, failures=[{"kind": "timeout", "text": "took too long", "attempt": "1-work"}],
    )
    first = {"kind": "work", "state": "ended", "agent": "codex", "seconds": 61.5, "reason": "timeout", "commits": 2, "result": "timeout"}
    runs = [
        {**first, "attempt": "1-work", "text": "took too long"},
        {"attempt": "2-work", "kind": "work", "state": "running", "seconds": 5},
    ]
    assert plain(page.task(task, runs, [life.born(task)], NOW, None)) == (
        "int-1  a \\x1b[31m title\n"
        "  status        needs_review: no tests\n"
        "  project       o/r\n"
        "  agent         codex\n"
        "  depends_on    int-9\n"
        "  labels        x\n"
        "  asked agent   codex\n"
        "  asked verify  make test\n"
        "  created       2026-11-20T22:55:00.000Z (5m ago, local)\n"
        "  failed        1-work: timeout: took too long\n"
        "\n"
        "  one\n"
        "      two\n"
        "\n"
        "ATTEMPT  AGENT  TOOK   ENDED    COMMITS  RESULT\n"
        "1-work   codex  1m 1s  timeout        2  timeout: took too long\n"
        "2-work          5s     running\n"
        "\n"
        "2026-11-20 22:55:00Z  created  created by local\n"
        "\n"
        "orch stream int-1 shows more; then orch task retry int-1, or orch task cancel int-1"
    )
    narrow = plain(page.task(task, runs, [life.born(task)], NOW, 70)).split("\n")
    assert all(text.width(line) <= 70 for line in narrow[:-1]), "and what does not fit goes on below itself"
    task["why"] = "no tests of the parts that parse and that print"
    assert plain(page.task(task, runs, [], NOW, 50)).split("\n")[1:3] == [
        "  status        needs_review: no tests of the",
        "                parts that parse and that print",
    ]


def test_the_overview() -> None:
    tasks = [
        made("int-1", "runs", status="in_progress", agent="codex"),
        made("int-2"),
        made("int-3", status="routed", agent="kimi", not_before="2026-11-20T23:04:00.000Z", why="rate limit", failures=[{}]),
        made("int-4", "odd", status="needs_review", why="tests fail"),
        made("int-5", "old", status="done", resolution="completed", done_at="2026-11-20T22:00:00.000Z"),
    ]
    running = [{"task": tasks[0], "seconds": 65, "line": "compiling"}]
    board = Board(overview.count(tasks), running, tasks[1:3], [tasks[3]], [tasks[4]], 1_500_000, False, [], 4, 3)
    assert plain(overview.lines(board, NOW, None)) == (
        "5 tasks: 1 new, 1 routed, 1 in_progress, 1 needs_review, 1 done\n"
        "\n"
        "running  1 of 4 slots taken\n"
        "  int-1  codex  1m 5s   runs  compiling\n"
        "  orch stream ID follows the output\n"
        "\n"
        "waiting\n"
        "  int-3  kimi   routed  a task  in 4m: rate limit\n"
        "  int-2  -      new     a task  waits to be routed\n"
        "\n"
        "needs a person\n"
        "  int-4  -      5m      odd  tests fail\n"
        "  orch task get ID tells more; orch task retry ID starts it again\n"
        "\n"
        "ended\n"
        "  int-5  -      1h ago  old\n"
        "\n"
        "nobody has looked at int-2 for 5m: run orch tick, or orch serve"
    )
    assert overview.room(board.size, board.whole, "/o") == "\nmore than 1.5 MB in /o"
    many = board._replace(waiting=[made(f"int-{number}") for number in range(20, 40)])
    assert "... and 5 more: orch task list" in plain(overview.lines(many, NOW, 80))
    assert plain(overview.lines(board._replace(counts=overview.count([]), waiting=[]), NOW, 80)).endswith("orch task add TITLE adds a task")


def test_what_starts_first_is_shown_first() -> None:
    later = {"status": "routed", "why": "network"}
    tasks = [
        made("int-1", status="blocked", why="waits for int-2"), made("int-2"),
        made("int-3", not_before="2026-11-20T23:09:00.000Z", **later),
        made("int-4", not_before="2026-11-20T23:04:00.000Z", **later), made("int-10", status="routed"), made("int-5", status="routed"),
        made("int-6", status="routed", priority=1), made("int-8", status="in_progress", why="waits until int-9 is merged"),
        made("int-7", not_before="2026-11-20T22:59:00.000Z", **later),
    ]
    board = Board(overview.count(tasks), [], tasks, [], [], 0, True, [], 4, 0)
    lines = plain(overview.lines(board, NOW, 80)).split("\n")[3:-2]
    assert [line.split()[0] for line in lines] == ["int-8", "int-6", "int-5", "int-7", "int-10", "int-4", "int-3", "int-2", "int-1"]
    assert "waits until int-9 is merged" in lines[0] and "waits for a free slot" in lines[1]
    assert "in 4m: network" in lines[5]


SOME = st.tuples(st.text(min_size=1, max_size=80), st.sampled_from(STATUSES), st.text(max_size=80))


@given(st.lists(SOME, max_size=20), st.integers(40, 200))
def test_no_line_of_the_overview_is_wider_than_the_terminal(some: list[tuple[str, str, str]], width: int) -> None:
    tasks = [made(f"int-{n}", title, status=status, why=why, done_at=None) for n, (title, status, why) in enumerate(some, 1)]
    runs = [{"task": task, "seconds": 5.0, "line": task["why"]} for task in tasks[:3]]
    board = Board(overview.count(tasks), runs, tasks, tasks, tasks, 0, True, [], 4, 1)
    for line in plain(overview.lines(board, NOW, width)).split("\n"):
        assert text.width(line) <= width
        assert text.clean(line) == line


def test_what_runs() -> None:
    run = {"project": "o/r", "task": "int-1", "title": "a task", "attempt": "1-work", "agent": "codex", "slot": 0, "state": "running",
           "seconds": 65.0, "line": "compiling \u65e5\u672c"}
    lost = {**run, "task": "int-20", "attempt": "12-verify", "slot": 11, "state": "lost"}
    assert plain(running.table([run, lost], 80)) == (
        "TASK    ATTEMPT    AGENT  SLOT  ELAPSED  LAST LINE\n"
        "int-1   1-work     codex     0    1m 5s  compiling \u65e5\u672c\n"
        "int-20  12-verify  codex    11    1m 5s  (lost)"
    )
    assert "  a task  compiling" in plain(running.table([run], 120))
    assert "x/y" in plain(running.table([run, {**lost, "project": "x/y"}], 120))
    assert all(text.width(line) <= 50 for line in plain(running.table([run, lost], 50)).split("\n"))


@given(st.lists(st.sampled_from(STATUSES)))
def test_the_counts_add_up(statuses: list[str]) -> None:
    counts = overview.count(made("int-1", status=status) for status in statuses)
    assert counts.pop("total") == len(statuses) == sum(counts.values())


def test_history() -> None:
    born = {"project": "o/r", "task": "int-1", "event": "created", "text": "created by local", "status": "new"}
    events: list[dict[str, Any]] = [
        {"at": "2026-11-20T22:55:00.123Z", **born},
        {"at": "2026-11-20T22:56:00.000Z", "project": "o/r", "task": "int-20", "event": "set", "set": {"priority": 1}},
        {"at": "2026-11-20T22:57:00.000Z", "event": "inbox", "text": "a.md makes no task:\n\x1b[2J"},
    ]
    assert plain(history.lines(events, False, None)) == (
        "2026-11-20 22:55:00Z  int-1   new           created by local\n"
        "2026-11-20 22:56:00Z  int-20                set: priority\n"
        "2026-11-20 22:57:00Z                        a.md makes no task:\\x0a\\x1b[2J"
    )
    assert plain(history.lines(events[:1], True, None, 12)) == "2026-11-20 22:55:00Z  o/r#int-1     new           created by local"
    assert all(text.width(line) <= 70 for line in plain(history.lines(events, True, 70)).split("\n"))
