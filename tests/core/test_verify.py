"""The verdict on checks: new failures count, those of the base do not."""
from __future__ import annotations

import pytest

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
    assert told["text"] == "`! grep -n colour *` exit status 1: b.txt:12:colour"
    assert verify.judge("s", "b", [{**check(1), "tail": " \n"}], {})["text"] == "`make test` exit status 1"


def test_a_new_failure_beside_an_old_one_counts() -> None:
    verdict = verify.judge("s", "b", [check(1, "FAILED test_a", "FAILED test_b")], {"make test": check(1, "FAILED test_a")})
    assert not verdict["passed"] and "FAILED test_b" in verdict["text"]
    assert not passed(check(1, "FAILED a", "FAILED a"), base=check(1, "FAILED a"))


def test_a_hanging_check_is_never_excused() -> None:
    assert not passed(check(None, reason="timeout"), base=check(None, reason="timeout"))
    assert not passed(check(1), base=check(None, reason="timeout"))


def seen(text: str, root: str = "") -> list[str]:
    return [line for each in text.splitlines() if (line := verify.failing(each, root))]


def same(one: str, two: str) -> bool:
    return passed(check(1, *seen(one, "/tmp/a")), base=check(1, *seen(two, "/tmp/bcd")))


def test_what_looks_like_a_failure() -> None:
    found = seen("ok 1\nnot ok 2 - adds (12 ms)\n/tmp/a/t.py:7: \x1b[31mAssertionError\x1b[m\n1 failed in 0.2s\n", "/tmp/a/")
    assert found == ["not ok 2 - adds (12 ms)", "t.py:7: AssertionError"]
    assert seen("ReferenceError: x\nSyntaxError: y\njava.lang.NullPointerException\n  ✗ adds\nterrors\nall is well") == [
        "ReferenceError: x", "SyntaxError: y", "java.lang.NullPointerException", "✗ adds",
    ]
    assert len(seen("error: " + "x" * 999)[0]) == 300


@pytest.mark.parametrize(("one", "two"), [
    ("not ok 2 - adds (12 ms)", "not ok 2 - adds (99.5ms)"),
    ("not ok 2 - adds", "not ok 3 - adds"),
    ("t.py:7: AssertionError", "t.py:8: AssertionError"),
    ("src/a.ts(3,14): error TS2304: no name x", "src/a.ts(5,1): error TS2304: no name x"),
    ("File x.py, line 12, error", "File x.py, line 13, error"),
    ("error at 0x7f00 in 3f9c2d11aa", "error at 0x7e11 in 77aac0ffee1"),
    ("2026-11-20 10:11:12 ERROR no", "2026-11-21 03:04:05 ERROR no"),
    ("1) fails to add", "2) fails to add"),
    ("error: port 53211 is taken", "error: port 49152 is taken"),
    ("error: cannot read /tmp/pytest-of-me/pytest-12/x0", "error: cannot read /tmp/pytest-of-me/pytest-13/x0"),
    ("/tmp/a/t.c: error: no", "/tmp/bcd/t.c: error: no"),
])
def test_what_differs_from_run_to_run_does_not_matter(one: str, two: str) -> None:
    assert same(one, two)


@pytest.mark.parametrize(("one", "two"), [
    ("FAILED tests/test_http.py::test_status_500", "FAILED tests/test_http.py::test_status_404"),
    ("FAILED tests/test_http.py::test_status[500]", "FAILED tests/test_http.py::test_status[404]"),
    ("  ✗ answers 500", "  ✗ answers 404"),
    ("FAIL: utf16", "FAIL: utf8"),
    ("ReferenceError: foo is not defined", "FAILED test_old"),
])
def test_a_number_in_a_name_matters(one: str, two: str) -> None:
    assert not same(one, two)


def test_a_result_without_a_failing_line_must_end_as_the_base_does() -> None:
    old = check(1, "FAILED test_old")
    assert not passed({**check(139), "tail": "Segmentation fault"}, base={**old, "tail": "FAILED test_old"})
    assert not passed({**check(1), "tail": "nothing to say"}, base={**old, "tail": "FAILED test_old"})


def test_what_cannot_be_run_lets_nothing_pass() -> None:
    gone: Check = {**check(127), "tail": "sh: 1: frobnicate: not found\n"}
    verdict = verify.judge("s", "b", [gone], {"make test": gone})
    assert not verdict["passed"] and verdict["unusable"] == ["make test"]
    assert verdict["text"] == "`make test` cannot be run, on the base neither: sh: 1: frobnicate: not found"
    verdict = verify.judge("s", "b", [gone], {"make test": check(1)})
    assert not verdict["passed"] and not verdict["unusable"]
    other = check(1, command="make lint")
    verdict = verify.judge("s", "b", [gone, other], {"make test": gone})
    assert not verdict["passed"] and not verdict["unusable"], "an agent can mend the other one"


def test_more_failures_than_are_kept_cannot_be_told_apart() -> None:
    many = [f"ERROR old {number}" for number in range(verify.MOST)]
    assert not passed(check(1, *many), base=check(1, *many))
    assert passed(check(1, *many[1:]), base=check(1, *many))
