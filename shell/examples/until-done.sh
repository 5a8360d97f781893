#!/bin/sh
# Tick until none of these tasks moves any more; say how each ended. Status 1 when one is not done. TICK=seconds between ticks (5).
#
#   until-done.sh int-5 int-6
set -eu
[ $# -gt 0 ] || { echo "usage: until-done.sh TASK ..." >&2; exit 2; }
active() { for id; do orch sidecar get "$id" status; done | grep -Ex 'new|routed|in_progress'; }
while :; do
    moved=$(active "$@" || :)
    moved=$moved$(orch tick) || { [ $? = 75 ]; moved=later; } # another tick does the same
    [ -n "$moved" ] || break # none was active, and the tick freed none that was blocked
    sleep "${TICK:-5}"
done
for id; do
    echo "$id $(orch sidecar get "$id" status): $(orch sidecar get "$id" why)"
done | awk '{ print } $2 != "done:" { bad = 1 } END { exit bad }'
