# orch verify: start the checks that work waits for; --check: what is remembered of them. Here no shepherd takes in a result itself.
load shared
export ORCH_TEST_NO_REAP=1

# The work of a task is taken in, and its checks cannot start, because the only slot is taken.
waiting() {
    local other
    other=$(routed "Wait" "$WAIT")
    ORCH_ENGINE_MAX_PARALLEL=1 wait_for orch run "$other" >/dev/null 2>&1 # the one of the test before may still be ending
    id=$(started "Work" "$WORK" "$@")
    wait_for ended "$id"
    ORCH_ENGINE_MAX_PARALLEL=1 orch reap "$id" >/dev/null
    not test -e "$(attempt_of "$id" 2-verify)"
}

@test "it starts what work waits for and does not wait itself; --check answers from disk" {
    waiting --verify 'grep one work.txt' --verify true
    run_status 1 orch verify --check "$id"
    [ "${#lines[@]}" -eq 2 ]
    [ "$(field command <<<"$output"): $(field reason <<<"$output") $(field code <<<"$output")" = "grep one work.txt: unknown null" ]
    run_status 0 orch verify "$id"
    [ -z "$stderr" ]
    [ "$(field status <<<"$output") $(field attempt <<<"$output")" = "in_progress 2-verify" ]
    wait_for ended "$id" 2-verify
    run_status 0 orch-verify --check "$id"
    [ "${#lines[@]}" -eq 2 ]
    [ "$(field task <<<"$output") $(field reason <<<"$output") $(field code <<<"$output")" = "$id exited 0" ]
    run_status 0 orch verify "$id" # takes in the verdict, and goes on
    [ "$(field status <<<"$output")" = "done" ]
    run_status 0 orch verify --check "$id"
}

@test "a check that fails is a no" {
    id=$(started "Work" "$WORK" --verify 'echo "not ok - never"; false')
    wait_for ended "$id"
    orch reap "$id" >/dev/null
    wait_for ended "$id" 2-verify
    run_status 1 orch verify --check "$id"
    [ "$(field code <<<"$output")" = 1 ]
    [[ $output == *'not ok - never'* ]]
}

@test "without commands there is nothing to verify" {
    id=$(routed "None" "$WORK")
    run_status 1 orch verify --check "$id"
    [ -z "$output" ]
    run_status 0 orch verify "$id"
    [ "$(field status <<<"$output")" = routed ]
}

@test "standard input: ids and records; an empty one is no work" {
    waiting --verify true
    run_status 0 bash -c "{ echo $id; orch sidecar get $id; } | orch verify -"
    [ "${#lines[@]}" -eq 2 ]
    wait_for ended "$id" 2-verify
    run_status 0 bash -c "echo $id | orch verify --check - | orch verify --check -" # what it prints names the task too
    [ "$(field task <<<"$output")" = "$id" ]
    run_status 0 orch verify - </dev/null
    [ -z "$output$stderr" ]
}

@test "wrong words" {
    run_status 2 orch verify
    run_status 2 orch verify --check
    run_status 66 orch verify int-9999
    run_status 66 orch verify --check int-9999
    [ -z "$output" ]
}
