# orch outbox: acts that wait to be done outside.
load helper

# A finished task whose push cannot be done, because the origin is away.
stuck() {
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "Write x" --agent shell --body "mv $SANDBOX/remotes/app.git $SANDBOX/remotes/away; echo one >x")
    wait_for waits >&2
}

waits() {
    orch tick >/dev/null 2>&1 || :
    [ -n "$(orch outbox list)" ]
}

@test "an empty outbox is an empty list" {
    run_status 0 orch outbox
    [ -z "$output" ]
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    run_status 0 orch-outbox list
    [ -z "$output$stderr" ]
    run_status 0 orch outbox deliver
    [ -z "$output$stderr" ]
}

@test "a push that failed waits, says why, and is done when it can be" {
    stuck
    run_status 0 orch outbox list
    [[ $output == *'"kind": "push"'* && $output == *'"error": "'*remotes/app.git* ]]
    key=$(orch outbox list | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["key"])')
    run_status 0 orch outbox deliver # it is not due yet
    [ -z "$output" ]
    later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+2H +%Y-%m-%dT%H:%M:%SZ)
    run_status 75 env ORCH_TEST_NOW="$later" orch outbox deliver "$key"
    [[ $stderr == *"$key: "* ]]
    mv "$SANDBOX/remotes/away" "$SANDBOX/remotes/app.git"
    later=$(date -u -d '+5 hours' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+5H +%Y-%m-%dT%H:%M:%SZ)
    run_status 0 env ORCH_TEST_NOW="$later" orch outbox deliver "$key"
    [[ $output == *'"result": "pushed"'* ]]
    git -C "$SANDBOX/remotes/app.git" for-each-ref --format='%(refname)' | grep -q "refs/heads/task-$id-"
    [ -z "$(orch outbox list)" ]
}

@test "a push that is refused for good rests, and can be dropped" {
    stuck
    mv "$SANDBOX/remotes/away" "$SANDBOX/remotes/app.git"
    printf '#!/bin/sh\necho "not on my server" >&2\nexit 1\n' >"$SANDBOX/remotes/app.git/hooks/pre-receive"
    chmod +x "$SANDBOX/remotes/app.git/hooks/pre-receive"
    later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+2H +%Y-%m-%dT%H:%M:%SZ)
    run_status 77 env ORCH_TEST_NOW="$later" orch outbox deliver
    [[ $stderr == *"not on my server"* && $output == *'"permanent": true'* ]]
    key=$(orch outbox list | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["key"])')
    run_status 0 orch outbox drop "$key"
    [ -z "$(orch outbox list)" ]
    [ -f "$ORCH_HOME"/.orch/*/*/outbox/failed/"$key.json" ]
}

@test "wrong words" {
    run_status 66 orch outbox deliver nothing
    run_status 66 orch outbox drop nothing
    run_status 2 orch outbox drop
    run_status 2 orch outbox list key
    run_status 2 orch outbox shout
}
