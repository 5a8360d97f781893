#!/bin/sh
# Start again what was given up because of a limit, a login or an empty account, now that it is mended; forget those limits.
#
#   requeue-limits.sh
set -eu
home=$(orch config home)
rm -f "$home"/.orch/limits/*.json
orch task list --json --status needs_review |
    grep -E '"why": "([^:"]* (last|way:) )?(rate_limit|usage_limit|auth|billing): ' |
    orch task retry -
