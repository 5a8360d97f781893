# orch lock FILE -- CMD: the lock lives as long as the command.
load helper

@test "the command's output, status and arguments are its own" {
    run_status 3 orch lock "$SANDBOX/l" -- sh -c 'echo "$1 $2"; exit 3' x "a  b" --wait
    [ "$output" = "a  b --wait" ]
    [ -z "$stderr" ]
    run_status 0 orch-lock "$SANDBOX/l" echo without dashes
    [ "$output" = "without dashes" ]
}

@test "the lock file is made with its directories, and stays" {
    run_status 0 orch lock "$SANDBOX/new/dir/l" -- true
    [ -f "$SANDBOX/new/dir/l" ]
    cd "$SANDBOX"
    run_status 0 orch lock relative -- true
    [ -f "$SANDBOX/relative" ]
}

@test "a second taker gets 75 at once, and waits with --wait" {
    mkfifo "$SANDBOX/go"
    orch lock "$SANDBOX/l" -- sh -c "touch '$SANDBOX/held'; read _ <'$SANDBOX/go'" 3>&- &
    wait_for test -e "$SANDBOX/held"
    run_status 75 orch lock "$SANDBOX/l" -- echo never
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "orch lock: $SANDBOX/l: somebody else holds it" ]]
    [[ ${stderr_lines[1]} == "orch lock: hint: "* ]]
    run_status 75 orch lock --wait 0 "$SANDBOX/l" -- echo never
    orch lock --wait=20 "$SANDBOX/l" -- touch "$SANDBOX/second" 3>&- &
    echo go >"$SANDBOX/go"
    wait_for test -e "$SANDBOX/second"
    wait
}

@test "the lock outlives the command while a child still has it, and a kill frees it" {
    orch lock "$SANDBOX/l" -- sh -c "sh -c 'echo \$\$ >\"$SANDBOX/pid\"; exec sleep 1000' >/dev/null 2>&1 3>&- & exit 0"
    wait_for test -s "$SANDBOX/pid"
    run_status 75 orch lock "$SANDBOX/l" -- true
    kill -9 "$(cat "$SANDBOX/pid")"
    run_status 0 orch lock --wait 10 "$SANDBOX/l" -- true
}

@test "in a pipe: stdin and stdout pass through, a broken pipe is quiet" {
    run_status 0 bash -c "printf 'b\na\n' | orch lock '$SANDBOX/l' -- sort | head -1"
    [ "$output" = a ]
    run_status 0 bash -c "orch lock '$SANDBOX/l' -- sh -c 'yes | head -1'"
    [ "$output" = y ]
    [ -z "$stderr" ]
    run_status 141 bash -c "set -o pipefail; orch lock '$SANDBOX/l' -- yes | head -1"
    [ -z "$stderr" ]
}

@test "wrong usage is 2, a missing program 69, a directory as the file 74" {
    for line in "lock" "lock $SANDBOX/l" "lock $SANDBOX/l --" "lock --wait" "lock --wait soon $SANDBOX/l true" "lock --nosuch l true"; do
        run_status 2 orch $line
        [[ ${stderr_lines[0]} == "orch lock: "* ]]
        [[ ${stderr_lines[1]} == "orch lock: hint: "* ]]
    done
    run_status 69 orch lock "$SANDBOX/l" -- nosuchprogram
    run_status 74 orch lock "$SANDBOX" -- true
}

@test "eight processes add to one number under the lock, and none is lost" {
    echo 0 >"$SANDBOX/n"
    for _ in 1 2 3 4 5 6 7 8; do
        orch lock --wait 1m "$SANDBOX/l" -- sh -c "n=\$(cat '$SANDBOX/n'); echo \$((n + 1)) >'$SANDBOX/n'" 3>&- &
    done
    wait
    [ "$(cat "$SANDBOX/n")" = 8 ]
}
