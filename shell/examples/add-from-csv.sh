#!/bin/sh
# Add a task for each row of a CSV file: the header names the fields (title, body, labels, priority, agent ...; see orch-inbox(5)).
# All rows or none; the same file again adds nothing, because a row's title is its key unless a column `key` says another. A row that was
# added before stays as it is, whatever else it says now. Ids go to standard output.
#
#   add-from-csv.sh tasks.csv [orch task add OPTION ...]
set -eu
file=${1:?usage: add-from-csv.sh FILE [OPTION ...]}
shift
python3 -c '
import csv, json
for row in csv.DictReader(open(0, encoding="utf-8-sig", newline="")):
    given = {name: value for name, value in row.items() if name and value}
    print(json.dumps({**given, "key": given.get("key") or "csv: " + given.get("title", "")}))
' <"$file" | orch task add --from - "$@"
