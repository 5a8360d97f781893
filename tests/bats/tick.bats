# orch tick: everything that is due, once.
load shared

@test "what changed is printed, one record for each task; a quiet tick says nothing" {
    one=$(add "One" "$WORK") two=$(add "Two" "$WORK" --depends-on "$one")
    run_status 0 orch tick
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 2 ]
    [ "$(field id <<<"${lines[0]}") $(field status <<<"${lines[0]}")" = "$one in_progress" ]
    [ "$(field id <<<"${lines[1]}") $(field status <<<"${lines[1]}")" = "$two blocked" ]
    wait_for is "$one" "done"
    run_status 0 orch-tick
    [ "$(field id <<<"$output") $(field status <<<"$output")" = "$two in_progress" ]
    wait_for is "$two" "done"
    orch tick >/dev/null
    run_status 0 orch tick
    [ -z "$output$stderr" ]
}

@test "two at once: one works, the other is turned away" {
    run_status 75 orch lock "$ORCH_HOME/.orch/tick.lock" -- orch tick
    [ "${stderr_lines[*]}" = "orch tick: another tick is running orch tick: hint: it does the same work; nothing is lost" ]
    run_status 0 orch tick
}

@test "one task's trouble is told and is the status; the others go on" {
    bad=$(add "Bad" x) good=$(add "Good" "$WORK")
    echo '{"torn' >"$(home_of "$bad")/task.json"
    run_status 65 orch tick
    [[ $stderr == "orch tick: "*"/$bad/task.json: "* ]]
    [ "$(field id <<<"$output")" = "$good" ]
    wait_for is "$good" "done"
    run_status 0 orch sidecar get "$bad" title # it was set aside, and made anew from the history
    [ "$output" = Bad ]
    ls "$(home_of "$bad")" | grep -q 'task.json.bad-'
}

@test "wrong words, a wrong configuration" {
    run_status 2 orch tick int-1
    run_status 2 orch tick --all
    add "Any" x >/dev/null
    run_status 78 env ORCH_ENGINE_MAX_PARALLEL=many orch tick
    [[ $stderr == *"ORCH_ENGINE_MAX_PARALLEL: expected a whole number above 0"* ]]
}

@test "a home that is not there: nothing is done, and nothing is made" {
    run_status 0 env ORCH_HOME="$SANDBOX/none" orch tick
    [ -z "$output$stderr" ]
    not test -e "$SANDBOX/none"
}
