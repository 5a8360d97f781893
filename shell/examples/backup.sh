#!/bin/sh
# A copy of everything that orch keeps but the checkouts, at a moment at which no tick runs. Attempts may run: in the copy they are lost
# ones, which the next tick of a home that was put back tries again.
#
#   backup.sh /backup/orch.tgz
set -eu
to=${1:?usage: backup.sh FILE} status=0
home=$(orch config home)
[ -d "$home" ] || { echo "backup.sh: $home: no such directory; set ORCH_HOME to the one to copy" >&2; exit 66; }
words=$(mktemp) && trap 'rm -f "$words"' EXIT
orch lock --wait 5m "$home/.orch/tick.lock" -- tar -czf "$to.part" -C "$home" --exclude=./worktrees . 2>"$words" || status=$?
# tar's 1 says that files changed while it read them, as the output of an attempt does; a list to its end, that the copy is whole.
if [ "$status" -gt 1 ] || ! tar -tzf "$to.part" >/dev/null; then
    cat "$words" >&2
    exit $((status ? status : 74))
fi
mv "$to.part" "$to"
