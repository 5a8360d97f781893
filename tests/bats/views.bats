# What a person looks at, as scripts see it: no colours in a pipe, words on stderr, quiet ends.
load helper

# A project whose agent is the rehearsal; prints the id of a task with this body, that has come to rest.
rested() {
    local id
    orch init --no-trust "$(repo)" >/dev/null 2>&1
    orch config set router.default_agent=rehearsal engine.executor=process 2>/dev/null
    id=$(orch task add "talk" --body "$1" 2>/dev/null)
    orch tick >/dev/null
    wait_for eval "orch sidecar get $id status | grep -q needs_review"
    echo "$id"
}

@test "stream: the agent's two streams are ours, and orch's own words are on stderr" {
    id=$(rested $'say one\nwarn careful\nhelp which one?')
    run_status 0 orch stream "$id"
    [ "$output" = one ]
    [[ ${stderr_lines[0]} == "==> 1-work by rehearsal, ended"* ]]
    [ "${stderr_lines[1]}" = careful ]
    [[ ${stderr_lines[2]} == "<== 1-work exited 0 after"* ]]
    [[ ${stderr_lines[3]} == "$id is needs_review: "*"which one?" ]]
    run_status 0 orch stream --stderr "$id"
    [ "$output" = careful ]
}

@test "stream: a pipe gets every byte as it was" {
    id=$(rested $'run printf \'a\\000b\\033[31mred\\377\'\nhelp me')
    orch stream --stdout "$id" 2>/dev/null | od -An -c | tr -s ' ' | grep -qF 'a \0 b 033 [ 3 1 m r e d 377'
}

@test "stream: events in words, or as they are, or in JSON, but not two of them" {
    event='{"role": "tool", "tool_call_id": "c", "content": "a\nb"}'
    id=$(rested "say $event"$'\nhelp me')
    [ "$(orch stream "$id" 2>/dev/null)" = "$event" ]
    [ "$(orch stream --raw "$id" 2>/dev/null)" = "$event" ]
    [ "$(orch stream --words "$id" 2>/dev/null)" = $'  a\n  b' ]
    run_status 2 orch stream --json --words "$id"
    run_status 2 orch stream --json --raw "$id"
}

@test "a reader that goes away ends what watches, quietly" {
    orch project add "$(repo)" 2>/dev/null
    orch task add one >/dev/null 2>&1
    for words in "log watch" "log watch --json" "task list --watch --json" "status --watch --json"; do
        run_status 0 timeout 20 bash -c "orch $words | head -n 1"
        [ "${#lines[@]}" -eq 1 ]
        [ -z "$stderr" ]
    done
}

@test "views in a pipe: no colours, and nothing is cut" {
    long=$(printf 'long %.0s' {1..60})end
    orch project add "$(repo)" 2>/dev/null
    id=$(orch task add "$long" 2>/dev/null)
    for words in "task list" "status" "task get $id" "task tree"; do
        run_status 0 env TERM=xterm-256color COLUMNS=40 orch $words
        [[ $output == *"$long"* ]]
        [[ $output != *$'\e'* ]]
        [ -z "$stderr" ]
    done
}

@test "--watch without a terminal: status 2, and what to do" {
    run_status 2 orch task list --watch
    [[ $stderr == *"--json"* ]]
}

@test "task live: JSON Lines, none when nothing runs" {
    run_status 0 orch task live --json
    [ -z "$output$stderr" ]
    run_status 0 orch task live
    [ "$stderr" = "nothing runs" ]
}
