# orch publish: verified work goes to the origin. Here no shepherd does that itself.
load shared
export ORCH_TEST_NO_REAP=1

# A task whose agent has ended.
worked() {
    id=$(started "$@")
    wait_for ended "$id"
}

there() { git -C "$SANDBOX/remotes/app.git" rev-parse -q --verify "$1"; }

@test "work is published, once, and the record says where" {
    worked "Work" "$WORK"
    run_status 0 orch publish "$id"
    [ -z "$stderr" ]
    [ "$(field status <<<"$output") $(field published <<<"$output")" = "done $(there "task-$id-work")" ]
    first=$output
    run_status 0 orch-publish "$id"
    [ "$output" = "$first" ]
    [ "$(ls "$ORCH_HOME"/.orch/local/app/outbox/sent/push-"$id"-* | wc -l)" -eq 1 ]
}

@test "finish: merge brings it into the default branch" {
    worked "Merge" "write $BATS_TEST_NUMBER.txt x
done" --finish merge
    run_status 0 orch publish "$id"
    [[ $(field why <<<"$output") == "merged into main at "* ]]
    [ "$(field published <<<"$output")" = "$(there main)" ]
}

@test "work that has checks is on its way, and an agent that works too" {
    worked "Checked" "$WORK" --verify true
    run_status 0 orch publish "$id"
    [ "$(field status <<<"$output")" = in_progress ]
    [[ $stderr == "local/app#$id: checking "* ]]
    wait_for ended "$id" 2-verify
    run_status 0 orch publish "$id"
    [ "$(field status <<<"$output")" = "done" ]
    id=$(started "Wait" "$WAIT")
    run_status 0 orch publish "$id"
    [ "$stderr" = "local/app#$id: rehearsal works on it" ]
}

@test "what is stopped waits for a person, who accepts it" {
    worked "CI" 'write .github/workflows/ci.yml on: push
done'
    run_status 77 orch publish "$id"
    [[ $stderr == *"changes protected paths: .github/workflows/ci.yml"* ]]
    run_status 77 orch publish "$id"
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "orch publish: $id: it waits for a person: "* ]]
    [ "${stderr_lines[1]}" = "orch publish: hint: look at \`orch diff\`, then use --accept" ]
    run_status 0 orch publish --accept "$id"
    [ "$(field published <<<"$output")" = "$(there "task-$id-ci")" ]
}

@test "where there is nothing to publish" {
    id=$(add "New" x)
    run_status 77 orch publish "$id"
    [ -z "$output" ]
    [ "${stderr_lines[0]}" = "orch publish: $id: it is new: there is no commit that could be published" ]
    [ "${stderr_lines[1]}" = "orch publish: hint: see \`orch task get\`" ]
    orch task cancel "$id" 2>/dev/null
    run_status 77 orch publish --accept "$id"
    [[ $stderr == "orch publish: $id: it is done: "* ]]
}

@test "an origin that is away: later; one that refuses: a person" {
    worked "Work" "$WORK"
    mv "$SANDBOX/remotes/app.git" "$SANDBOX/remotes/away"
    run_status 75 orch publish "$id"
    [[ $(field status <<<"$output") == in_progress && $stderr == *"not published: the origin $SANDBOX/remotes/app.git is not there; "* ]]
    run_status 75 orch publish "$id" # it is not due yet
    mv "$SANDBOX/remotes/away" "$SANDBOX/remotes/app.git"
    ORCH_TEST_NOW=2098-01-01T00:00:00Z run_status 0 orch publish "$id"
    [ "$(field published <<<"$output")" = "$(there "task-$id-work")" ]
    worked "Refused" "$WORK"
    hook=$SANDBOX/remotes/app.git/hooks/pre-receive
    printf '#!/bin/sh\necho "not on my server" >&2\nexit 1\n' >"$hook"
    chmod +x "$hook"
    run_status 77 orch publish "$id"
    rm "$hook"
    [[ $(field status <<<"$output") == needs_review && $stderr == *"not on my server"* ]]
    run_status 0 orch publish --accept "$id"
}

@test "standard input: ids, records and acts; an empty one is no work" {
    worked "One" "$WORK"
    one=$id
    worked "Two" "$WORK"
    run_status 66 bash -c "{ echo $one; echo int-9999; orch sidecar get $id; } | orch publish -"
    [ "${#lines[@]}" -eq 2 ]
    [[ $stderr == "orch publish: no task int-9999 "* ]]
    is "$one" "done"
    is "$id" "done"
    run_status 0 bash -c "cat '$ORCH_HOME'/.orch/local/app/outbox/sent/push-$one-* | tr -d '\n' | orch publish -"
    [ "$(field id <<<"$output")" = "$one" ]
    run_status 0 orch publish - </dev/null
    [ -z "$output$stderr" ]
}

@test "wrong words" {
    run_status 2 orch publish
    run_status 2 orch publish --accept
    run_status 65 orch publish ../x
}
