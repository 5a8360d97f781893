#!/bin/sh
# A copy of everything that orch keeps, at a moment at which no tick runs; attempts that run meanwhile will count as lost in the copy.
#
#   backup.sh /backup/orch.tgz
set -eu
home=${ORCH_HOME:-$HOME/.orch} to=${1:?usage: backup.sh FILE}
orch lock --wait 5m "$home/.orch/tick.lock" -- tar -czf "$to.part" -C "$home" --exclude=./worktrees .
mv "$to.part" "$to"
