#!/bin/sh
# Add the same task on a schedule, from a crontab line that runs every few minutes; a time that was slept through is made up for once.
# The key names the moment that was looked at before, so that a crash in between adds nothing twice.
#
#   */10 * * * *  nightly.sh '0 2 * * 1-5' octo/app "Update what we depend on"
set -eu
expr=${1:?usage: nightly.sh EXPR PROJECT TITLE} project=$2 title=$3
home=$(orch config home)
stamp=$home/nightly-$(printf %s "$project $title" | cksum | cut -d' ' -f1)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
[ -e "$stamp" ] || echo "$now" >"$stamp"
since=$(cat "$stamp")
orch cron --since "$since" "$expr" || { status=$?; [ "$status" = 1 ] && exit 0; exit "$status"; } # 1: not due
python3 -c 'import json, sys; print(json.dumps(dict(zip(("title", "project", "key"), sys.argv[1:]))))' "$title" "$project" "nightly $since" |
    orch task add --from -
echo "$now" >"$stamp"
