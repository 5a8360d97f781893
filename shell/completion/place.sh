#!/bin/sh
# place.sh [--remove] SHARE: put the completions where the shells look for them below SHARE, or take them away again.
here=$(dirname "$0")
remove=
if [ "$1" = --remove ]; then
    remove=yes
    shift
fi
share=$1
programs=$(sed -n 's/^complete -F _orch //p' "$here/orch.bash")

place() { # FILE DIRECTORY NAME
    if [ -n "$remove" ]; then
        rm -f "$2/$3"
    else
        mkdir -p "$2" && cp "$here/$1" "$2/$3"
    fi
}
for program in $programs; do # bash-completion and fish load by the program's name
    place orch.bash "$share/bash-completion/completions" "$program"
done
place _orch "$share/zsh/site-functions" _orch
place orch.fish "$share/fish/vendor_completions.d" orch.fish
