#!/bin/sh
# Give the same task to several agents at once, wait for them, and show how much each changed. Choose with `orch diff`, then merge one.
#
#   race.sh "Speed up the parser" @parser.md claude codex
set -eu
title=${1:?usage: race.sh TITLE BODY AGENT AGENT ...} body=$2
shift 2
ids=$(for agent; do orch task add "$title" --body "$body" --agent "$agent" --label race; done)
"$(dirname "$0")/until-done.sh" $ids || :
for id in $ids; do
    printf '\n%s %s\n' "$id" "$(orch sidecar get "$id" agent)"
    orch diff --stat "$id"
done
