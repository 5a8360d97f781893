#!/bin/sh
# Add a task for each row of a CSV file: the header names the fields (title, body, labels, priority, agent ...; see orch-inbox(5)).
# All rows or none; the same file again adds nothing, because each row's text is its key. Ids go to standard output.
#
#   add-from-csv.sh tasks.csv [orch task add OPTION ...]
set -eu
file=${1:?usage: add-from-csv.sh FILE [OPTION ...]}
shift
python3 -c '
import csv, json, sys
for row in csv.DictReader(sys.stdin):
    given = {name: value for name, value in row.items() if name and value}
    print(json.dumps({**given, "key": given.get("key") or "csv: " + given.get("title", "")}))
' <"$file" | orch task add --from - "$@"
