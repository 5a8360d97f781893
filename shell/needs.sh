#!/bin/sh
# Print the Python (3.11 or newer) that the virtual environment is made with; or say in one line what to install, and fail.
lack= brew= old= found=
git --version >/dev/null 2>&1 || lack=" git" brew=" git"
works='import sys, venv; sys.exit(sys.version_info < (3, 11))'
for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$python" -c "$works" >/dev/null 2>&1; then
        found=$(command -v "$python")
        break
    fi
    [ -n "$old" ] || old=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
done
if [ -z "$found" ]; then
    brew="$brew python@3.13"
    case $old in
    3.? | 3.10) lack="$lack python3.11 python3.11-venv, where that exists, or uv python install 3.13" old=" (python3 is $old here)" ;;
    *) lack="$lack python3 python3-venv" old= ;;
    esac
else
    old=
fi
if [ -n "$lack" ]; then
    echo "orch needs git and Python 3.11+ with venv$old; install them: sudo apt-get install -y$lack  (macOS: brew install$brew)" >&2
    exit 1
fi
echo "$found"
