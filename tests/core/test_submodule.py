from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orch.core import submodule
from tests.sandbox import Sandbox

ORIGINS = ("https://host.org/ada/app.git", "https://host.org/ada/app/", "ssh://git@host.org:22/ada/app", "git@host.org:ada/app.git",
           "host.org:app.git", "/srv/git/app.git", "file:///srv/git/app")  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_relative_urls_mean_what_git_makes_of_them(sandbox: Sandbox, origin: str) -> None:
    place = os.path.join(sandbox.root, "place")
    sandbox.git("init", "-q", place)
    sandbox.git("remote", "add", "origin", origin, cwd=place)
    urls = {f"s{number}": url for number, url in enumerate(("../lib.git", "./lib", "../lib/", "./../x/./y", "../a b.git"))}
    sandbox.write(os.path.join(place, ".gitmodules"), "".join(
        f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n' for name, url in urls.items()
    ))  # fmt: skip
    for name in urls:
        sandbox.git("update-index", "--add", "--cacheinfo", "160000", "1" * 40, name, cwd=place)
    sandbox.git("submodule", "init", cwd=place)
    for name, url in urls.items():
        assert submodule.resolve(origin, url) == sandbox.git("config", f"submodule.{name}.url", cwd=place)


@pytest.mark.parametrize(("origin", "plain"), [
    ("https://bot:s3cret@host.org/a/b", "https://host.org/a/b"), ("https://s3cret@host.org/a@b", "https://host.org/a@b"),
    ("HTTP://bot:s3@cret@host.org/a", "HTTP://host.org/a"), ("ssh://git:s3cret@host.org/a", "ssh://git@host.org/a"),
    *((each, each) for each in ORIGINS),
])  # fmt: skip
def test_credentials_are_left_out(origin: str, plain: str) -> None:
    assert submodule.bare(origin) == plain


@given(st.sampled_from(ORIGINS), st.text("./a:", max_size=12))
def test_any_url_comes_to_an_end(origin: str, url: str) -> None:
    assert submodule.settings(origin, {"x": url}).count("\n") in (0, 3)
