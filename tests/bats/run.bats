# orch run: start the attempts of routed tasks.
load shared

@test "it starts what is routed, says so, and does not wait for the agent" {
    id=$(routed "Work" "$WAIT
$WORK")
    run_status 0 orch run "$id"
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(field status <<<"$output") $(field attempt <<<"$output"): $(field why <<<"$output")" = "in_progress 1-work: rehearsal works on it" ]
    wait_for test -e "$(attempt_of "$id")/proc.json"
    not ended "$id"
    run_status 0 orch-run "$id" # it is running: nothing is started twice
    [ "$stderr" = "local/app#$id: not started: it is in_progress, not routed" ]
    [ "$(field attempt <<<"$output")" = 1-work ]
    touch "$SANDBOX/gate.$BATS_TEST_NUMBER"
    wait_for is "$id" "done"
    [ "$(ls "$(home_of "$id")/attempts")" = 1-work ]
    [ -d "$ORCH_HOME/worktrees/local/app/task-$id-work" ]
}

@test "what cannot start is printed as it is; the status says whether later or never" {
    id=$(add "New" x)
    run_status 0 orch run "$id"
    [[ $(field status <<<"$output") == new && $stderr == *"it is new, not routed" ]]
    orch route "$id" >/dev/null
    orch sidecar set "$id" not_before=2099-01-01T00:00:00Z >/dev/null
    run_status 75 orch run "$id"
    [[ $(field status <<<"$output") == routed && $stderr == *": not started: not before 2099-01-01T00:00:00"* ]]
    started "Wait" "$WAIT" >/dev/null
    orch sidecar set "$id" not_before=null >/dev/null
    ORCH_ENGINE_MAX_PARALLEL=1 run_status 75 orch run "$id"
    [[ $stderr == *": not started: no free slot" ]]
    [ -z "$(ls "$(home_of "$id")/attempts" 2>/dev/null)" ]
}

@test "an agent that is not installed is a failure of its task, and the status" {
    gone=$(routed "Gone" x --agent claude) good=$(routed "Good" "$WORK")
    ORCH_ENGINE_PATH=/nowhere run_status 69 orch run "$gone"
    [[ $stderr == *"$gone: not started: agent claude: claude is not installed, or not on the PATH" ]]
    [ "$(field status <<<"$output")" = needs_review ]
    run_status 66 orch run int-9999 "$good"
    [ "$(field id <<<"$output")" = "$good" ]
    wait_for is "$good" "done"
}

@test "standard input: ids and records; an empty one is no work" {
    one=$(routed "One" "$WORK") two=$(routed "Two" "$WORK")
    run_status 0 bash -c "{ echo $one; orch sidecar get $two; } | orch run -"
    [ "${#lines[@]}" -eq 2 ]
    [ -z "$stderr" ]
    wait_for is "$one" "done"
    wait_for is "$two" "done"
    run_status 0 orch run - </dev/null
    [ -z "$output$stderr" ]
    run_status 65 orch run - <<<'{"status": "routed"}'
    [[ $stderr == 'orch run: standard input: an object that names no task: {"status": "routed"}'* ]]
}

@test "wrong words" {
    run_status 2 orch run
    run_status 2 orch run -x int-1
    [[ ${stderr_lines[1]} == "orch run: hint: see "* ]]
}
