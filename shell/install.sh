#!/bin/sh
# install.sh PREFIX: what `make install` does; install.sh --remove PREFIX takes it away. In the environment: PYTHON, DESTDIR.
#
# PREFIX/lib/orch is this checkout's package with a virtual environment of its own; the launcher finds both through its link in PREFIX/bin.
# lib/orch/installed names what lies elsewhere, a directory before what is in it, so that whichever version removes it, nothing is left.
set -eu
umask 022
remove=
if [ "$1" = --remove ]; then
    remove=yes
    shift
fi
case $1 in
/*) prefix=${1%/} ;;
"~" | "~/"*) prefix=$HOME${1#?} ;; # not every shell expands it in an argument of make
*) prefix=$PWD/$1 ;;
esac
cd "$(dirname "$0")/.."
root=${DESTDIR:-}
top=$root$prefix
lib=$top/lib/orch
list=$lib/installed

take_away() { # whatever is listed, deepest first; directories only when they are empty
    sed '1!G;h;$!d' "$list" | while IFS= read -r name; do
        case $name in
        */) rmdir "$root$name" 2>/dev/null || : ;;
        *) rm -f "$root$name" ;;
        esac
    done
}

if [ -n "$remove" ]; then
    [ -e "$list" ] || { echo "there is no orch in $prefix" >&2; exit 1; }
    kept=$(mktemp)
    trap 'rm -f "$kept"' EXIT
    cp "$list" "$kept"
    rm -rf "$lib"
    list=$kept
    take_away
    echo "removed: $prefix/bin/orch"
    exit 0
fi

note() { printf '%s\n' "${1#"$root"}" >>"$new"; }
folder() { # DIRECTORY: make it, and note each part that was not there
    [ ! -d "$1" ] || return 0
    folder "$(dirname "$1")"
    mkdir "$1"
    note "$1/"
}
put() { # FILE DIRECTORY NAME
    folder "$2"
    rm -f "$2/$3"
    cp "$1" "$2/$3"
    note "$2/$3"
}

[ -z "$root" ] || mkdir -p "$root"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
folder "$lib"
"$PYTHON" shell/environment.py "$lib/.venv"
python=$lib/.venv/bin/python
"$python" shell/requirements.py >"$lib/requirements.txt"
"$python" -m pip install --quiet --disable-pip-version-check -r "$lib/requirements.txt"

if [ -e "$list" ]; then # an older one: its directories are still ours to remove, its files go now
    grep '/$' "$list" >>"$new" || :
    take_away
fi
for part in bin orch prompts shell; do
    rm -rf "${lib:?}/$part"
    cp -R "$part" "$lib/"
done
find "$lib/bin" "$lib/orch" "$lib/prompts" "$lib/shell" -name __pycache__ -type d -prune -exec rm -rf {} +
"$python" -m compileall -q -s "$root" -p / "$lib/orch"

folder "$top/bin"
for program in bin/*; do
    ln -sf "../lib/orch/$program" "$top/bin/"
    note "$top/$program"
done
for page in man/*.[157]; do
    put "$page" "$top/share/man/man${page##*.}" "${page##*/}"
done
for program in $(sed -n 's/^complete -F _orch //p' shell/completion/orch.bash); do # bash loads them by the program's name
    put shell/completion/orch.bash "$top/share/bash-completion/completions" "$program"
done
put shell/completion/_orch "$top/share/zsh/site-functions" _orch
put shell/completion/orch.fish "$top/share/fish/vendor_completions.d" orch.fish
cp "$new" "$list"
echo "installed: $prefix/bin/orch"
case :$PATH: in
*:"$prefix/bin":*) ;;
*) [ -n "$root" ] || echo "your PATH has no $prefix/bin; this line in your shell's start-up file adds it: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
