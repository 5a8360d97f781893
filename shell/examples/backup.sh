#!/bin/sh
# A copy of everything that orch keeps but the checkouts, at a moment at which no tick runs. Attempts may run: in the copy they are lost
# ones, which the next tick of a home that was put back tries again.
#
#   backup.sh /backup/orch.tgz
set -eu
home=${ORCH_HOME:-$HOME/.orch} to=${1:?usage: backup.sh FILE} status=0
words=$(mktemp) && trap 'rm -f "$words"' EXIT
orch lock --wait 5m "$home/.orch/tick.lock" -- tar -czf "$to.part" -C "$home" --exclude=./worktrees . 2>"$words" || status=$?
# tar's 1 says that files changed while it read them, as the output of an attempt does; a list to its end, that the copy is whole.
if [ "$status" -gt 1 ] || ! tar -tzf "$to.part" >/dev/null; then
    cat "$words" >&2
    exit $((status ? status : 74))
fi
mv "$to.part" "$to"
