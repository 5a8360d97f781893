"""environment.py DIR: a new virtual environment with pip in it, made by the Python that runs this.

Debian's python3 has no ensurepip (that is in python3-venv); there pip comes from the package index, where everything else comes from.
"""
from __future__ import annotations

import hashlib
import html
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import venv
from urllib.parse import unquote, urljoin, urlsplit

INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")
WHEEL = re.compile(r"pip-([0-9]+(?:\.[0-9]+)*)-py3-none-any\.whl")


def main(folder: str) -> None:
    if os.path.islink(folder):  # whose environment it is would be emptied
        sys.exit(f"{folder} is a link to {os.readlink(folder)}, which is left alone; remove the link, and run make again")
    try:
        whole = bool(__import__("ensurepip"))
    except ImportError:
        whole = False
    venv.create(folder, clear=True, symlinks=True, with_pip=whole)
    if whole:
        return
    with tempfile.TemporaryDirectory() as place:
        try:
            wheel = fetch(f"{INDEX.rstrip('/')}/pip/", place)
        except (OSError, ValueError) as error:
            sys.exit(f"this Python has no pip, and it cannot be fetched ({error}); install it: sudo apt-get install -y python3-venv")
        options = ["--quiet", "--disable-pip-version-check", "--no-index"]
        subprocess.run([os.path.join(folder, "bin", "python"), f"{wheel}/pip", "install", *options, wheel], check=True)


def fetch(page: str, place: str) -> str:
    """Load the newest pip for this Python; returns the wheel's path. raises OSError, ValueError"""
    with urllib.request.urlopen(page, timeout=60) as answer:
        links = re.findall(r"<a\s([^>]*)>", answer.read().decode())
    found = [each for link in links if (each := candidate(link))]
    if not found:
        raise ValueError(f"{page}: no wheel for Python {sys.version.split()[0]}")
    _, name, address, digest = max(found)
    with urllib.request.urlopen(urljoin(page, address), timeout=60) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{address}: not the file that the index describes")
    path = os.path.join(place, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def candidate(link: str) -> tuple[tuple[int, ...], str, str, str] | None:
    """(version, name, address, SHA-256) of one link of the index page; None for what this Python cannot use."""
    attributes = {name: html.unescape(value) for name, value in re.findall(r'([a-z-]+)="([^"]*)"', link)}
    address, _, digest = attributes.get("href", "").partition("#sha256=")
    name = unquote(os.path.basename(urlsplit(address).path))
    version = WHEEL.fullmatch(name)
    lowest = re.search(r">=\s*3\.([0-9]+)", attributes.get("data-requires-python", ""))
    if not version or not digest or "data-yanked" in attributes or (lowest and int(lowest[1]) > sys.version_info[1]):
        return None
    return tuple(map(int, version[1].split("."))), name, address, digest


if __name__ == "__main__":
    main(sys.argv[1])
