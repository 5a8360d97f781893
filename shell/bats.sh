#!/bin/sh
# bats.sh BATS [FILE...]: run the command-line tests, as many files at once as there are processors. What fails is shown, and what is skipped.
bats=$1
shift
cd "$(dirname "$0")/.." || exit
[ $# -gt 0 ] || set -- tests/bats/*.bats
one='
    said=$("$0" --tap "$1" 2>&1)
    status=$?
    count=$(printf "%s\n" "$said" | grep -c "^ok ")
    said=$(printf "%s\n" "$said" | grep -v -e "^1\.\." -e "^ok [^#]*$")
    printf "%s: %d passed\n" "$1" "$count"${said:+"
$said"}
    exit $status'
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" sh -c "$one" "$bats"
