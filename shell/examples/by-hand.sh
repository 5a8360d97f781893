#!/bin/sh
# What a tick does for new tasks, by hand, with a choice in between: start those that have a label, and print who works on what.
#
#   by-hand.sh LABEL
set -eu
orch task list --json --status new --label "${1:?usage: by-hand.sh LABEL}" |
    orch route - |
    orch run - |
    orch sidecar get - id agent attempt |
    paste - - -
