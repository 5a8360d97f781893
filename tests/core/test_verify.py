"""The verdict on checks: new failures count, those of the base do not."""
from __future__ import annotations

from orch.core import verify
from orch.records import Check


def check(code: int | None = 0, *lines: str, reason: str = "exited", command: str = "make test") -> Check:
    return {"v": 1, "command": command, "code": code, "reason": reason, "lines": list(lines)}


def passed(*checks: Check, base: Check | None = None) -> bool:
    return verify.judge("s", "b", checks, {base["command"]: base} if base else {})["passed"]


def test_passing_and_failing() -> None:
    assert passed(check(0))
    assert not passed(check(1))
    assert not passed(check(1), base=check(0))
    assert passed()


def test_failures_of_the_base_are_excused() -> None:
    verdict = verify.judge("s", "b", [check(1, "FAILED test_a")], {"make test": check(1, "FAILED test_a")})
    assert verdict["passed"] and verdict["excused"] == ["make test"]
    assert passed(check(2), base=check(2))
    assert not passed(check(2), base=check(1))


def test_where_nothing_looks_like_a_failure_every_word_counts() -> None:
    def said(tail: str) -> Check:
        return {**check(1), "tail": tail}

    assert passed(said("checked 12 files in 0.3 s\nbad.txt is wrong\n"), base=said("checked 14 files in 9.9 s\nbad.txt is wrong\n"))
    verdict = verify.judge("s", "b", [said("bad.txt is wrong\nnew.txt is wrong")], {"make test": said("bad.txt is wrong")})
    assert not verdict["passed"] and "new.txt is wrong" in verdict["text"]


def test_without_a_word_for_failure_the_last_words_are_told() -> None:
    told = verify.judge("s", "b", [{**check(1, command="! grep -n colour *"), "tail": "a:3\n\x1b[31mb.txt:12:colour\x1b[m\n\n"}], {})
    assert told["text"] == "`! grep -n colour *` exit status 1: b.txt:N:colour"
    assert verify.judge("s", "b", [{**check(1), "tail": " \n"}], {})["text"] == "`make test` exit status 1"


def test_a_new_failure_beside_an_old_one_counts() -> None:
    verdict = verify.judge("s", "b", [check(1, "FAILED test_a", "FAILED test_b")], {"make test": check(1, "FAILED test_a")})
    assert not verdict["passed"] and "FAILED test_b" in verdict["text"]
    assert not passed(check(1, "FAILED a", "FAILED a"), base=check(1, "FAILED a"))


def test_a_hanging_check_is_never_excused() -> None:
    assert not passed(check(None, reason="timeout"), base=check(None, reason="timeout"))
    assert not passed(check(1), base=check(None, reason="timeout"))


def test_failing_lines_are_normalised() -> None:
    one = verify.failing_lines("ok 1\nnot ok 2 - adds (12 ms)\n/tmp/a/t.py:7: AssertionError\n1 failed in 0.2s\n", ["/tmp/a"])
    two = verify.failing_lines("ok 1\nnot ok 2 - adds (99 ms)\n/tmp/bcd/t.py:8: AssertionError\n3 failed in 9.2s\n", ["/tmp/bcd"])
    assert one == two and len(one) == 2
