# orch status, orch task status: counts that add up.
load helper

@test "nothing at all is still an answer" {
    run_status 0 orch status
    [ "${lines[0]}" = "0 tasks" ]
    run_status 0 orch task status --json
    [[ $output == *'"total": 0'* ]]
}

@test "what waits, what needs a person, what ended" {
    (cd "$(repo)" && orch init --no-trust >/dev/null 2>&1)
    for title in one two three; do orch task add "$title" >/dev/null 2>&1; done
    orch task kill int-2 2>/dev/null
    orch task cancel int-3 2>/dev/null
    run_status 0 orch status
    [ "${lines[0]}" = "3 tasks: 1 new, 1 needs_review, 1 done" ]
    [[ $output =~ "needs a person"[[:space:]]*"int-2  -  "\ *[0-9]+s\ +"two  killed by a person" ]]
    [[ $output =~ "ended"[[:space:]]*"int-3  -  "\ *[0-9]+"s ago  three  cancelled by a person" ]]
    [[ $output == *" in $ORCH_HOME" ]]
    run_status 0 orch task status
    [ "${lines[7]}" = "total         3" ]
    run_status 66 orch status --project no/such
}
