"""Whatever orch depends on has its reason in NEWS.md."""
from __future__ import annotations

import re
import tomllib

from tests.house import source


def test_each_library_has_its_reason() -> None:
    project = tomllib.loads(source.read("pyproject.toml"))["project"]
    table = set(re.findall(r"^\| ([\w.-]+) \|", source.read("NEWS.md"), re.M)) - {"library"}
    assert table == {re.split(r"[>=<~! ]", each)[0] for each in project["dependencies"]}
    text = source.read("NEWS.md").split("To test:")[1]
    assert [name for each in project["optional-dependencies"]["test"] if (name := re.split(r"[>=<~! ]", each)[0]) not in text] == []
