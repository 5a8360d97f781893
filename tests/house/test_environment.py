"""shell/environment.py on a Python without ensurepip (Debian's): pip comes from an index, the right one, and only whole."""
from __future__ import annotations

import hashlib
import http.server
import io
import os
import sys
import threading
import zipfile
from collections.abc import Iterator

import pytest

from tests.sandbox import CHECKOUT, Run, Sandbox

SCRIPT = os.path.join(CHECKOUT, "shell", "environment.py")
BARE = f"import sys, runpy; sys.modules['ensurepip'] = None; sys.argv[:] = sys.argv[1:]; runpy.run_path({SCRIPT!r}, run_name='__main__')"


class Index:
    """A package index on loopback; `pages` is what it serves."""

    def __init__(self) -> None:
        pages = self.pages = {}  # type: dict[str, bytes]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path in pages else 404)
                self.end_headers()
                self.wfile.write(pages.get(self.path, b""))

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def offer(self, version: str, attributes: str = "", digest: str = "") -> str:
        """A wheel whose pip writes down that it was started, and its line of the index."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as wheel:
            wheel.writestr("pip/__main__.py", f"import sys; print('pip {version}', *sys.argv[1:-1])")
        name = f"pip-{version}-py3-none-any.whl"
        self.pages[f"/files/{name}"] = packed.getvalue()
        digest = digest or hashlib.sha256(packed.getvalue()).hexdigest()
        return f'<a href="/files/{name}#sha256={digest}" {attributes}>{name}</a><br/>\n'

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def index() -> Iterator[Index]:
    served = Index()
    yield served
    served.close()


def make(sandbox: Sandbox, index: Index, *lines: str) -> Run:
    index.pages["/simple/pip/"] = "".join(["<html>", *lines]).encode()
    argv = [sys.executable, "-c", BARE, "environment.py", os.path.join(sandbox.root, "venv")]
    return sandbox.command(argv, env={**sandbox.env, "PIP_INDEX_URL": index.url})


def test_it_takes_the_newest_pip_that_fits(sandbox: Sandbox, index: Index) -> None:
    run = make(
        sandbox, index,
        '<a href="/files/pip-99.0.tar.gz#sha256=00">pip-99.0.tar.gz</a>',
        index.offer("9.9"), index.offer("24.1", 'data-requires-python="&gt;=3.8"'), index.offer("24.0"),
        index.offer("25.0", 'data-requires-python="&gt;=3.99"'), index.offer("26.0", 'data-yanked="broken"'), index.offer("27.0b1"),
    )
    assert (run.code, run.out, run.err) == (0, "pip 24.1 install --quiet --disable-pip-version-check --no-index\n", "")
    made = sandbox.command([os.path.join(sandbox.root, "venv", "bin", "python"), "-c", "import sys; print(sys.prefix)"])
    assert made.out.endswith("/venv\n")


def test_a_file_that_is_not_what_the_index_says_is_not_run(sandbox: Sandbox, index: Index) -> None:
    run = make(sandbox, index, index.offer("24.1", digest="0" * 64))
    assert run.code == 1 and not run.out and "not the file that the index describes" in run.err


def test_without_an_index_one_line_says_what_to_install(sandbox: Sandbox, index: Index) -> None:
    for lines in ((), (index.offer("25.0", 'data-requires-python="&gt;=3.99"'),)):
        run = make(sandbox, index, *lines)
        assert (run.code, len(run.err.splitlines())) == (1, 1) and run.err.endswith("install it: sudo apt-get install -y python3-venv\n")
    del index.pages["/simple/pip/"]
    index.close()
    assert "sudo apt-get install -y python3-venv" in make(sandbox, index).err


def test_a_link_to_another_environment_is_left_alone(sandbox: Sandbox) -> None:
    sandbox.write("shared/pyvenv.cfg", "theirs\n")
    os.symlink(f"{sandbox.root}/shared", f"{sandbox.root}/.venv")
    run = sandbox.command([sys.executable, SCRIPT, f"{sandbox.root}/.venv"])
    assert run.code == 1 and "is a link to" in run.err
    assert sandbox.read("shared/pyvenv.cfg") == "theirs\n"
