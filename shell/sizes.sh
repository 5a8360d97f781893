#!/bin/sh
# The ten largest modules of orch, and the median: one idea per file should fit in the head.
git ls-files 'orch/*.py' | grep -v __init__ | xargs wc -l | grep -v ' total$' | sort -rn | awk '
    { size[NR] = $1; name[NR] = $2; sum += $1 }
    END {
        for (i = 1; i <= 10 && i <= NR; i++) printf "%6d  %s\n", size[i], name[i]
        printf "%6d  lines in %d modules; median %d\n", sum, NR, size[int((NR + 1) / 2)]
    }'
