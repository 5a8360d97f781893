"""An agent's reply is found in every form that agents print it in, and nothing else is taken for one."""
from __future__ import annotations

import json
import os
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import reply_shape
from orch.core.reply import parse
from orch.errors import BadData

SAID = {"status": "done", "summary": "greets politely", "files": ["hello.txt"]}
WANTED = {"v": 1, "status": "done", "summary": "greets politely", "files": ["hello.txt"], "by": "output"}
ONE = json.dumps(SAID)
FENCED = f"All done.\n\n```json\n{ONE}\n```"


def lines(*events: Any) -> str:
    return "".join((event if isinstance(event, str) else json.dumps(event)) + "\n" for event in events)


def claude(result: Any, **more: Any) -> dict[str, Any]:
    return {"type": "result", "subtype": "success", "is_error": False, "result": result, "usage": {"output_tokens": 1}, **more}


def codex(text: str, kind: str = "agent_message") -> dict[str, Any]:
    return {"type": "item.completed", "item": {"id": "item_3", "type": kind, "text": text}}


def opencode(text: str) -> dict[str, Any]:
    return {"type": "text", "timestamp": 1, "sessionID": "ses_1", "part": {"type": "text", "text": text}}


def kimi(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


SHELL = {"type": "item.completed", "item": {"type": "command_execution", "command": "x", "aggregated_output": ONE, "status": "completed"}}
FORMS = {
    "an object": ONE,
    "an object, indented, with blanks around": "\n\n " + json.dumps(SAID, indent=4) + "\n\n",
    "after a byte order mark": "\ufeff" + ONE,
    "fenced in prose": FENCED + "\n",
    "fenced without a language": FENCED.replace("json", ""),
    "fenced and indented, as kimi prints it": "• All done.\n\n  ```json\n  " + ONE + "\n  ```\n",
    "fenced, over several lines": "Done.\n```json\n" + json.dumps(SAID, indent=2) + "\n```\nBye.",
    "in a line of prose": f"So my report is {ONE}.",
    "on a line of a log": f"12:01 starting\n12:02 {{level: info}}\n{ONE}\n12:03 bye\n",
    "after braces that are no JSON": 'if (x) { y("}") } else { "a": [1, {"b": 2 }\n' + FENCED,
    "a line break within a text": ONE.replace("greets politely", "greets\npolitely"),
    "claude json, a fenced result": json.dumps(claude(FENCED)),
    "claude json, a bare result": json.dumps(claude(ONE)),
    "claude json, an object as result": json.dumps(claude(SAID)),
    "claude json, structured output": json.dumps(claude("I am done.", structured_output=SAID)),
    "claude json, indented": json.dumps(claude(FENCED), indent=2),
    "claude json --verbose, a list": json.dumps([{"type": "system", "subtype": "init"}, claude(FENCED)]),
    "claude stream": lines({"type": "system", "subtype": "init"}, claude(FENCED)),
    "claude stream without its end": lines({"type": "assistant", "message": {"content": [{"type": "text", "text": FENCED}]}}),
    "a result without a type": json.dumps({"result": FENCED}),
    "codex": lines({"type": "thread.started"}, codex("I begin."), SHELL, codex(FENCED), {"type": "turn.completed", "usage": {}}),
    "codex, after an error that it got over": lines({"type": "error", "message": "Reconnecting... 1/2"}, codex(ONE)),
    "opencode": lines({"type": "step_start"}, opencode("I begin."), opencode(FENCED), {"type": "step_finish", "part": {"reason": "stop"}}),
    "kimi": lines({"role": "meta", "type": "system.version"}, kimi("I begin."), kimi(FENCED), {"role": "meta", "content": "To resume"}),
    "kimi, content in parts": lines(kimi([{"type": "think", "think": "{}"}, {"type": "text", "text": FENCED}])),
    "lines, with other text between": "warning: no cache\n" + lines(codex("I begin.")) + "noise {\n" + lines(codex(FENCED)) + "bye\n",
    "lines, the first cut off, as the end of a capped log": '"output":"{"}}\n' + lines(codex(FENCED)),
    "lines, the last cut off": lines(codex(FENCED)) + json.dumps(SHELL)[:-9],
    "lines with CR LF": lines(codex(FENCED)).replace("\n", "\r\n"),
    "lines with separators that are no line breaks": json.dumps(codex("\u2028\u0085 " + ONE), ensure_ascii=False) + "\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_form(text: str) -> None:
    found = parse(text)
    assert {**found, "summary": found["summary"].replace("\n", " ")} == WANTED


HELP = json.dumps({"status": "needs_review", "reason": "which port?"})


@pytest.mark.parametrize("text", [
    lines(codex(ONE), codex(HELP)), lines(kimi(ONE), kimi(HELP)), f"{FENCED}\n{HELP}\n", f"{ONE} {HELP}", lines(codex(ONE)) + HELP,
    json.dumps(claude(f"First I thought {ONE}, but then\n{HELP}")),
    lines(claude(ONE, result_index=0), claude(HELP, result_index=1)),
])
def test_the_last_one_counts(text: str) -> None:
    assert parse(text)["status"] == "help"


def test_an_object_within_an_object_does_not() -> None:
    outer = {"status": "done", "summary": "split", "delegations": [{"title": "x"}, {"status": "failed", "summary": "inner"}]}
    for text in (json.dumps(outer), f"So: {json.dumps(outer)}", f"So:\n{json.dumps(outer, indent=1)}\n"):
        assert parse(text)["status"] == "done"


NONE = {
    "nothing": "",
    "blanks": " \n\n",
    "happy prose": "All done! The task is completed, status: done, every test passes.",
    "an apology": "I'm sorry, I can't help with that.",
    "an object without a status": '{"summary": "all done"}',
    "a list": "[1, 2]",
    "a number": "7",
    "a status that is no verdict": '{"status": "ok", "summary": "fine"}',
    "a status that is no text": '{"status": 200, "summary": "fine"}',
    "half an object": ONE[:-1],
    "python": "{'status': 'done', 'summary': 'x'}",
    "a tool's output": lines(SHELL),
    "a tool's state": lines({"type": "tool_use", "part": {"tool": "bash", "state": {"status": "completed", "output": ONE}}}),
    "a torn line of a tool": 'xx","state":{"status":"completed","input":{"command":"x"},"output":"y"}}}',
    "what a tool told claude": lines({"type": "user", "message": {"content": [{"type": "tool_result", "content": ONE}]}}),
    "what a tool told kimi": lines({"role": "tool", "content": ONE}),
    "the user's own words": lines({"role": "user", "content": ONE}),
    "a sub-agent": lines({"type": "assistant", "parent_tool_use_id": "t1", "message": {"content": [{"type": "text", "text": ONE}]}}),
    "a task notification": lines({"type": "system", "subtype": "task_notification", "status": "completed", "summary": "sub result"}),
    "claude's error": json.dumps(claude("Invalid API key", is_error=True)),
    "claude's success without a word": json.dumps(claude("")),
    "claude's end at a limit": json.dumps({"type": "result", "subtype": "error_max_turns", "is_error": True}),
    "a result stream of another kind": '{"type": "result", "status": "success", "stats": {}}',
    "an example of a service in prose": 'The endpoint answers {"status": "success", "data": []} now.',
    "an item of a list in prose": 'Such as {"id": 3, "title": "milk", "status": "done"}.',
    "reasoning": lines({"type": "item.completed", "item": {"type": "reasoning", "text": ONE}}),
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_no_reply(text: str) -> None:
    with pytest.raises(BadData) as caught:
        parse(text)
    assert caught.value.message.startswith(("no reply", "reply: status"))
    assert "orch-reply(5)" in caught.value.hint


@pytest.mark.parametrize(("word", "status"), [(word, status) for word, status in reply_shape.MEANS.items()])
def test_the_words_for_a_status(word: str, status: str) -> None:
    for said in (word, word.upper(), word.replace("_", "-"), word.replace("_", " "), f" {word}\n"):
        assert parse(json.dumps({"status": said}))["status"] == status
    assert status in ("done", "no_change", "help", "blocked", "failed")


def test_an_object_of_its_own_may_have_any_other_keys() -> None:
    text = '{"status": "done", "id": 3}'
    for form in (text, json.dumps(claude(text)), json.dumps(claude(json.loads(text))), lines(codex(text))):
        assert parse(form) == {"v": 1, "status": "done", "summary": "", "id": 3, "by": "output"}


def test_the_manual_names_every_word() -> None:
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "man", "orch-reply.5"), encoding="utf-8") as file:
        page = file.read()
    words = set(re.findall(r"\w+", page))
    assert {*reply_shape.MEANS, *reply_shape.TEXTS, *reply_shape.LISTS, *reply_shape.ALIASES} <= words
    for number in (reply_shape.TEXT, reply_shape.ITEM, reply_shape.ITEMS, f"{reply_shape.REST:,}"):
        assert f" {number} " in page.replace("\n", " ").replace(",\n", " ").replace(", ", " ")


def test_one_that_needs_help_is_not_done() -> None:
    assert parse('{"status": "done", "needs_help": true}')["status"] == "help"
    assert parse('{"status": "done", "needs_help": false}')["status"] == "done"


def test_keys_are_brought_into_order() -> None:
    said = {
        "status": "failed", "summary": None, "error": " no such file ", "accomplished": "half of it", "remaining": ["a", None, " ", "b "],
        "blockers": [], "files_changed": ["x.py"], "learnings": None, "ticket": {"id": [7, True, None, 1.5]}, "by": "me", "v": 9,
    }
    assert parse(json.dumps(said)) == {
        "v": 1, "status": "failed", "summary": "", "reason": "no such file", "accomplished": ["half of it"], "remaining": ["a", "b"],
        "files": ["x.py"], "ticket": {"id": [7, True, None, 1.5]}, "by": "output",
    }


@pytest.mark.parametrize(("key", "value"), [
    ("summary", 5), ("summary", ["a"]), ("reason", {"a": 1}), ("files", 5), ("files", {"a": 1}), ("learnings", [1]), ("remaining", [["a"]]),
    ("blockers", True), ("files_changed", [{"path": "x"}]), ("summary", "a\0b"), ("accomplished", ["a\0"]),
])
def test_a_wrong_type_names_the_key(key: str, value: Any) -> None:
    text = json.dumps({"status": "done", key: value})
    for form in (text, FENCED + f"\n{text}\n", lines(codex(ONE), codex(text))):
        with pytest.raises(BadData, match=f"reply: {key}: "):
            parse(form)


def test_sizes_are_capped_with_a_note() -> None:
    found: Any = parse(json.dumps({
        "status": "done", "summary": "s" * 100_000, "learnings": ["l" * 5000] * 2, "files": [f"f{n}" for n in range(1000)],
        "big": "b" * 50_000, "small": "kept", "deep": json.loads('{"a":' * 300 + "1" + "}" * 300), "bad\0key": "x\0",
    }))
    assert reply_shape.TEXT - 3 < len(found["summary"]) <= reply_shape.TEXT and found["summary"].endswith("characters left out]")
    assert all(len(each) <= reply_shape.ITEM and each.endswith("[4027 characters left out]") for each in found["learnings"])
    assert len(found["files"]) == reply_shape.ITEMS and found["files"][-1] == "[801 more left out]"
    assert found["small"] == "kept" and "deep" in found
    assert found["left_out"] == ["big", "bad\ufffdkey"]


def test_numbers_and_letters_that_json_cannot_carry_on() -> None:
    found: Any = parse('{"status": "done", "summary": "a\\ud800b", "x": 1e999, "y": "\\udfff", "z": ' + "9" * 4000 + "}")
    assert found["summary"] == "a\ufffdb" and found["y"] == "\ufffd" and found["left_out"] == ["x"] and found["z"] > 0
    json.dumps(found, ensure_ascii=False).encode()
    with pytest.raises(BadData):
        parse('{"status": "done", "x": ' + "9" * 5000 + "}")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12,
)
replies = st.dictionaries(st.sampled_from([*reply_shape.MARKS, "error", "message", "x", "type", "role", "left_out"]), values, max_size=8)


@given(replies, st.sampled_from([*reply_shape.MEANS, "ok", ""]), st.sampled_from([None, 2]))
def test_any_object_is_read_or_refused(rest: dict[str, Any], status: str, indent: int | None) -> None:
    text = json.dumps({**rest, "status": status}, indent=indent)
    try:
        found = parse(text)
    except BadData as error:
        assert "\n" not in error.message
        return
    assert found["status"] in reply_shape.STATUSES
    again = json.dumps(found, ensure_ascii=False, allow_nan=False)
    again.encode()
    if "left_out" not in found:
        assert parse(again) == found


pieces = st.lists(st.sampled_from(['{"', '":', '"', "{", "}", "[", "]", ",", "\\", "\n", ONE, "status", "```"])).map("".join)


@given(st.text(max_size=300) | pieces)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text)["status"] in reply_shape.STATUSES
    except BadData as error:
        assert error.message.startswith(("no reply", "reply: "))


plain = st.text(st.characters(exclude_characters="{}[]", exclude_categories=["Cs"]), max_size=200)


@given(plain, plain, st.text(max_size=80).filter(lambda text: "\0" not in text))
def test_a_reply_is_found_in_any_prose(before: str, after: str, summary: str) -> None:
    text = json.dumps({"status": "no-op", "summary": summary})
    found = parse(f"{before}\n{text}\n{after}")
    assert found["status"] == "no_change"
    assert found["summary"] == "".join("\ufffd" if 0xD800 <= ord(letter) < 0xE000 else letter for letter in summary.strip())


TEN = 10_000_000
HOSTILE = {
    "open": "{" * TEN, "close": "}" * TEN, "nested": '{"a":' * (TEN // 5), "keys": '{"a":1,' * (TEN // 7), "quotes": '{"' * (TEN // 2),
    "escapes": '{"' + '\\"' * (TEN // 2), "strings": '{"a":"' * (TEN // 6), "blanks": ("{" + " " * 1000) * (TEN // 1001),
    "deep lines": ('{"a":' * 900 + "1" + "}" * 900 + "\n") * (TEN // 5400), "events": '{"type":"x"}\n' * (TEN // 13),
    "far ends": '{"a":{"b":[' * 150 + "0.1," * 49000, "digits": '{"status":' + "9" * TEN + "}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_ten_megabytes_of_malice_take_seconds_at_most(text: str) -> None:
    """Quadratic would be hours: a minute of processor time leaves room for any machine."""
    start = time.process_time()
    with pytest.raises(BadData):
        parse(text)
    assert parse(text + "\n" + ONE)["status"] == "done"
    assert time.process_time() - start < 60


def test_a_reply_may_be_huge() -> None:
    assert parse(json.dumps({"status": "done", "summary": "x" * TEN}))["status"] == "done"
    assert parse(ONE + "\n" + "and so on\n" * 50_000)["status"] == "done"
