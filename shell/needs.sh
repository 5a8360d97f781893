#!/bin/sh
# Print the Python (3.11 or newer) that the virtual environment is made with; or say in one line what to install, and fail.
lack=
git --version >/dev/null 2>&1 || lack=git
works='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'
found=
for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if command -v "$python" >/dev/null 2>&1 && "$python" -c "$works" >/dev/null 2>&1; then
        found=$python
        break
    fi
done
[ -n "$found" ] || lack="$lack python3 python3-venv"
if [ -n "$lack" ]; then
    brew=$(printf %s "$lack" | sed 's/python3 python3-venv/python@3.13/')
    echo "orch needs git and Python 3.11+ with venv; install them: sudo apt-get install -y" $lack "  (macOS: brew install" $brew")" >&2
    exit 1
fi
command -v "$found"
