# orch result: how an agent reports.
load shared

report() { ORCH_RESULT=$SANDBOX/$BATS_TEST_NUMBER.json run_status "$1" orch result "${@:2}"; }
said() { tr -d '\n' <"$SANDBOX/$BATS_TEST_NUMBER.json" | tr -s ' '; }

@test "what is said is written, and the last word counts" {
    report 0 --status help --reason "MIT or GPL?"
    [ -z "$output$stderr" ]
    [ "$(said)" = '{ "v": 1, "status": "help", "reason": "MIT or GPL?", "summary": "MIT or GPL?"}' ]
    report 0 --status=done --summary "it is done" --file a --file "b c"
    [ "$(said)" = '{ "v": 1, "status": "done", "summary": "it is done", "files": [ "a", "b c" ]}' ]
}

@test "--json takes a whole reply, as parse prints it" {
    run_status 0 bash -c "printf 'Well.\n\n{\"status\": \"done\", \"summary\": \"x\"}\n' | orch parse - | ORCH_RESULT='$SANDBOX/r.json' orch-result --json"
    grep -q '"summary": "x"' "$SANDBOX/r.json"
    report 65 --json <<<"all done"
    report 65 --json </dev/null
    not test -e "$SANDBOX/$BATS_TEST_NUMBER.json"
}

@test "what is not said well, and where it cannot be written" {
    report 2
    report 2 --status "done"
    report 2 --status fine
    report 2 --status failed
    [ "${stderr_lines[*]}" = "orch result: --status failed needs a reason orch result: hint: say it with --reason TEXT" ]
    run_status 78 orch result --status "done" --summary x
    run_status 66 env ORCH_RESULT="$ORCH_HOME/config.yml/r.json" orch result --status "done" --summary x
    run_status 74 env ORCH_RESULT="$SANDBOX" orch result --status "done" --summary x
}

@test "inside an attempt it is on PATH, and is believed" {
    id=$(started "Nothing" 'orch-result --status no_change --reason "it is there already"' --agent shell)
    wait_for is "$id" "done"
    [ "$(orch sidecar get "$id" resolution why)" = "no_change
it is there already" ]
}
