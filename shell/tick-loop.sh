#!/bin/sh
# The whole of `orch serve` that correctness needs: a tick, a pause, until somebody ends it. For machines without cron, and for containers.
#
#   tick-loop.sh [SECONDS]
set -u
sleeper=
trap 'trap - TERM INT; [ -z "$sleeper" ] || kill "$sleeper"; exit 0' TERM INT # after the running tick; agents go on
while :; do
    orch tick
    sleep "${1:-10}" &
    sleeper=$!
    wait "$sleeper"
    sleeper=
done
