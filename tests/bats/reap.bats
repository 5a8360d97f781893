# orch reap: take in what ended. Here no shepherd does that itself.
load shared
export ORCH_TEST_NO_REAP=1

@test "the result of a task is taken in, and what follows from it is done; again there is nothing" {
    id=$(started "Work" "$WORK")
    wait_for ended "$id"
    is "$id" in_progress
    run_status 0 orch reap "$id"
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(field status <<<"$output") $(field resolution <<<"$output")" = "done completed" ]
    git -C "$SANDBOX/remotes/app.git" rev-parse -q --verify "task-$id-work" >/dev/null
    run_status 0 orch-reap "$id"
    [ -z "$output$stderr" ]
}

@test "without names, whatever has ended; what runs is left alone" {
    asks=$(started "Ask" "help which one?") says=$(started "Boast" "done it") waits=$(started "Wait" "$WAIT
$WORK")
    wait_for ended "$asks"
    wait_for ended "$says"
    run_status 0 orch reap
    [ "${#lines[@]}" -eq 2 ]
    [ "$(field status <<<"${lines[0]}"): $(field why <<<"${lines[0]}")" = "needs_review: the agent asks for help: which one?" ]
    [[ "$(field status <<<"${lines[1]}"): $(field why <<<"${lines[1]}")" == "routed: no_evidence: it says done"* ]]
    run_status 0 orch reap --project app "$waits"
    [ -z "$output$stderr" ]
    is "$waits" in_progress
}

@test "an attempt whose shepherd was killed is buried, and its agent with it" {
    id=$(started "Hang" "say here
hang")
    wait_for grep -qs here "$(attempt_of "$id")/stdout"
    agent=$(field agent <"$(attempt_of "$id")/proc.json")
    kill -9 "$(field pid <"$(attempt_of "$id")/proc.json")"
    wait_for reaped "$id"
    [[ $output == *'"kind": "lost"'* ]]
    wait_for gone "$agent"
}

# Its lock is free when the kernel has cleared up.
reaped() {
    run_status 0 orch reap "$1"
    [ "$(field status <<<"$output")" = routed ]
}

@test "standard input: ids and records; an empty one is no work, and not all of it" {
    one=$(started "One" "$WORK") two=$(started "Two" "$WORK")
    wait_for ended "$one"
    wait_for ended "$two"
    run_status 0 orch reap - </dev/null
    [ -z "$output$stderr" ]
    run_status 0 bash -c "{ echo $one; orch sidecar get $two; } | orch reap -"
    [ "${#lines[@]}" -eq 2 ]
    is "$one" "done"
    is "$two" "done"
}

@test "wrong words" {
    run_status 66 orch reap int-9999
    [ -z "$output" ]
    run_status 66 orch reap --project no/such
    run_status 65 orch reap 5x
    run_status 2 orch reap --all
    run_status 0 orch reap "$(add New x)" # nothing of it has run
    [ -z "$output$stderr" ]
}
