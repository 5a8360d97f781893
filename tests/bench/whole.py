"""`python -m tests.bench.whole PROGRAM ARG...` prints the seconds of processor time of the program and all its descendants.

It becomes the parent of those whose own parent ends first (Linux), so that a daemon is waited for as well.
"""
from __future__ import annotations

import os
import resource
import subprocess
import sys


def main(argv: list[str]) -> int:
    if sys.platform.startswith("linux"):
        import ctypes

        PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    code = child.wait()
    try:
        while True:
            os.wait()
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(used.ru_utime + used.ru_stime)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
