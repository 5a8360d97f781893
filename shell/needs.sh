#!/bin/sh
# Print the Python (3.11 or newer) that the virtual environment is made with; or say in one line what to install, and fail.
lack= brew= here= found=
version=$(git --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/')
case $version in
"" | [01].* | 2.? | 2.[12]? | 2.3[0-7]) lack=" git" brew=" git" here=${version:+git is $version} ;;
esac
works='import sys, venv; sys.exit(sys.version_info < (3, 11))'
old=
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
    3.? | 3.10) lack="$lack python3.11 python3.11-venv, where that exists, or uv python install 3.13" here="${here:+$here, }python3 is $old" ;;
    *) lack="$lack python3 python3-venv" ;;
    esac
fi
if [ -n "$lack" ]; then
    echo "orch needs git 2.38+ and Python 3.11+ with venv${here:+ ($here)}; install them: sudo apt-get install -y$lack  (macOS: brew install$brew)" >&2
    exit 1
fi
echo "$found"
