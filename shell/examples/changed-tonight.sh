#!/bin/sh
# What was finished since a moment (12 hours ago), and what it changed.
#
#   changed-tonight.sh [2026-11-20T18:00:00Z | 8h]
set -eu
before=$(mktemp) && trap 'rm -f "$before"' EXIT
done_ids() { grep '"status": "done"' | orch sidecar get - id | LC_ALL=C sort; }
orch at "${1:-12h}" --json | done_ids >"$before"
orch task list --all --json | done_ids | LC_ALL=C comm -13 "$before" - | while read -r id; do
    printf '\n%s  %s\n   %s\n' "$id" "$(orch sidecar get "$id" title)" "$(orch sidecar get "$id" why)"
    orch diff --stat "$id" 2>/dev/null
done
