# orch log: the events.
load helper

setup_task() {
    (cd "$(repo)" && orch init --no-trust >/dev/null 2>&1)
    orch task add "A title" >/dev/null 2>&1
    orch task cancel int-1 2>/dev/null
}

@test "the last events, for people and as JSON Lines" {
    setup_task
    run_status 0 orch log
    [[ ${lines[0]} == *"Z  int-1  new           created by local" ]]
    [[ ${lines[1]} == *"Z  int-1  done          cancelled by a person" ]]
    run_status 0 orch log 1 --json
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'"event": "status"'* ]]
    run_status 0 orch log --task int-1
    [ "${#lines[@]}" -eq 2 ]
    run_status 2 orch log tomorrow
    run_status 66 orch log --task int-9
}

@test "watch shows what happens, and ends with its reader" {
    setup_task
    orch log watch >"$SANDBOX/seen" &
    watcher=$!
    wait_for grep -q created "$SANDBOX/seen"
    orch task retry int-1 2>/dev/null
    wait_for grep -q "retried by a person" "$SANDBOX/seen"
    kill -TERM $watcher
    run wait $watcher
    run_status 0 bash -o pipefail -c 'orch log watch | head -n 1 >/dev/null; [ ${PIPESTATUS[1]} -eq 0 ]'
    [ -z "$stderr" ]
}
