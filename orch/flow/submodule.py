"""Tell a new checkout where the project's relative submodules are: its own origin is the mirror, and they do not lie beside that.

.gitmodules may be an agent's work: git reads it as data, and what comes of it are two quoted settings for each submodule.
"""
from __future__ import annotations

import os
import re

from orch.core import submodule
from orch.errors import OrchError
from orch.flow import project as projects
from orch.host import files, objects
from orch.host.git import Git
from orch.host.world import World

MOST = 1 << 20  # bytes of .gitmodules


def point(world: World, slug: str, git: Git, folder: str) -> None:
    """Write absolute URLs into the config of a fresh checkout; no process, and nothing, unless a submodule's URL is relative."""
    path = os.path.join(folder, ".gitmodules")
    try:
        text = files.read_foreign_bytes(path, MOST)
    except OrchError:  # none, as almost always; or something that git does not take for one either
        return
    if not re.search(rb'(?i)\burl\s*=\s*"?\.\.?/', text):
        return
    done = git.call("config", "--file", path, "-z", "--get-regexp", r"^submodule\..*\.url$")
    told = (each.partition("\n") for each in objects.names(done.out))
    urls = {key.removeprefix("submodule.").removesuffix(".url"): url for key, _, url in told}
    config = os.path.join(folder, ".git", "config")
    try:
        with open(config, "ab") as file:
            file.write(submodule.settings(projects.get(world, slug)["origin"], urls).encode())
    except OSError as error:
        raise files.failure(error, config) from None
