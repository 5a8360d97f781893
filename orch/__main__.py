"""`python -m orch`, and what bin/orch runs: then this file is a script, and the package lies two directories up."""
import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (the launcher takes the python3 that it finds)
    sys.exit(f"orch: needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}\norch: hint: run `make` in the checkout")

if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # the launcher's -E hides it from Python
    sys.dont_write_bytecode = True

if not __package__:
    sys.path[0] = __file__.rpartition("/")[0].rpartition("/")[0]

from orch.main import main

sys.exit(main())
