"""Turn this process into another program (exec): it keeps the process id, the inherited descriptors and the directory."""
from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from orch.errors import Unavailable


def become(argv: Sequence[str], env: Mapping[str, str] | None = None) -> NoReturn:
    """Become argv[0], looked for on PATH. raises Unavailable when there is no such program, or it cannot be started"""
    import signal

    sys.stdout.flush()  # exec forgets what is still buffered
    signals = [each for each in (signal.SIGPIPE, getattr(signal, "SIGXFSZ", None)) if each]
    before = [signal.signal(each, signal.SIG_DFL) for each in signals]  # Python ignores these, and exec would pass that on
    try:
        os.execvpe(argv[0], list(argv), os.environ if env is None else env)
    except OSError as error:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
        raise Unavailable(f"{argv[0]}: {error.strerror}", "name a program that is on PATH") from None
    except ValueError as error:
        raise Unavailable(f"{argv[0]!r}: {error}", "name a program that is on PATH") from None
