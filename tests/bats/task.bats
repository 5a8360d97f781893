# orch task: adding, looking, changing; what the shell sees.
load helper

setup_project() {
    (cd "$(repo)" && orch init --no-trust >/dev/null 2>&1)
}

@test "add prints the id and nothing else on stdout" {
    setup_project
    run_status 0 orch task add "First" --label a,b
    [ "$output" = int-1 ]
    [ "$stderr" = "added to local/app: First [a, b]" ]
    id=$(orch task add "Second" --depends-on int-1 --body - <<<"from a pipe" 2>/dev/null)
    [ "$id" = int-2 ]
    [ "$(orch sidecar get int-2 body)" = "from a pipe" ]
}

@test "the board goes through a pipe as JSON Lines, and a closed pipe is quiet" {
    setup_project
    seq 300 | sed 's/.*/{"title": "task &"}/' | orch task add --from - >/dev/null 2>&1
    run_status 0 bash -c 'orch task list --json --status new | head -n 1 | grep -c "\"id\": \"int-1\""'
    [ "$output" = 1 ]
    [ -z "$stderr" ]
    [ "$(orch task list --json | wc -l)" -eq 300 ]
    orch task list --json --status new | orch task cancel - 2>/dev/null
    [ "$(orch task list --json --status new | wc -l)" -eq 0 ]
    run_status 74 bash -c 'orch task list >/dev/full'
}

@test "an empty board is no error" {
    setup_project
    run_status 0 orch task list
    [ -z "$output" ]
    [ "$stderr" = "no tasks" ]
}

@test "bad words: one line, the status of the manual, nothing added" {
    setup_project
    run_status 65 orch task add "$(printf 'two\nlines')"
    [ "${stderr_lines[0]}" = "orch task: title: must be one line" ]
    run_status 66 orch task get int-7
    run_status 2 orch task frobnicate
    run_status 2 orch task add
    run_status 65 orch task add --from - <<<'{"title": "a", "ref": "a", "depends_on": ["a"]}'
    [[ $stderr == *"a -> a"* ]]
    [ "$(orch task list --json | wc -l)" -eq 0 ]
}

@test "retry, unblock, cancel and kill say what became of each task" {
    setup_project
    orch task add one 2>/dev/null
    run_status 0 orch task kill int-1
    [ "$stderr" = "int-1 is needs_review: killed by a person" ]
    run_status 0 orch task unblock int-1
    run_status 0 orch task cancel int-1
    run_status 77 orch task unblock int-1
    run_status 77 orch task kill int-1
    run_status 0 orch task retry int-1
    [ "$(orch sidecar get int-1 status)" = new ]
}

@test "the inbox: a file that is dropped becomes a task with the next tick" {
    setup_project
    mkdir -p "$ORCH_HOME/.orch/inbox/new"
    printf -- '---\npriority: 5\nagent: rehearsal\n---\n# Fix the door\nIt squeaks.\n' >"$ORCH_HOME/.orch/inbox/new/door.md"
    printf '{"titel": "x"}' >"$ORCH_HOME/.orch/inbox/new/bad.json"
    orch tick >/dev/null 2>&1 || :
    [ "$(orch task list --json | grep -c '"title": "Fix the door"')" -eq 1 ]
    [ "$(orch sidecar get int-1 priority body source)" = "$(printf '5\nIt squeaks.\ninbox')" ]
    grep -q titel "$ORCH_HOME/.orch/inbox/bad/bad.json.why"
}

@test "set: a body from a file or from standard input, as add has it" {
    setup_project
    orch task add one 2>/dev/null
    printf 'from a\nfile\n' >"$SANDBOX/body"
    run_status 0 orch task set int-1 body=@"$SANDBOX/body" priority=2
    [ "$(orch sidecar get int-1 body)" = "$(cat "$SANDBOX/body")" ]
    run_status 0 orch task set int-1 body=- <<<"from a pipe"
    [ "$(orch sidecar get int-1 body priority)" = "$(printf 'from a pipe\n\n2')" ]
    run_status 66 orch task set int-1 body=@/no/such
    [ "${stderr_lines[1]}" = "orch task: hint: name a file that is there, or - for standard input" ]
    run_status 0 orch task set int-1 title=@x
    [ "$(orch sidecar get int-1 title)" = @x ]
}

@test "add --from says what was there already, of one line and of many" {
    setup_project
    printf '{"title": "a", "key": "a"}\n{"title": "b", "key": "b"}\n' >"$SANDBOX/lines"
    run_status 0 orch task add --from "$SANDBOX/lines"
    [ "$stderr" = "added 2 tasks" ]
    run_status 0 orch task add --from "$SANDBOX/lines"
    [ "$output" = "$(printf 'int-1\nint-2')" ]
    [ "$stderr" = "added 0 tasks; 2 were there already" ]
    run_status 0 orch task add --from - <<<'{"title": "other words", "key": "a"}'
    [ "$output" = int-1 ]
    [ "$stderr" = "added 0 tasks; 1 was there already" ]
    [ "$(orch sidecar get int-1 title)" = a ]
    echo '{"title": "c", "key": "c"}' >>"$SANDBOX/lines"
    run_status 0 orch task add -n --from "$SANDBOX/lines"
    [ "$stderr" = "would add 1 task; 2 were there already" ]
    run_status 0 orch task add --from "$SANDBOX/lines"
    [ "$stderr" = "added 1 task; 2 were there already" ]
}

@test "JSON Lines may begin with the mark of UTF-8" {
    setup_project
    printf '\357\273\277{"title": "a"}\n{"title": "b"}\n' >"$SANDBOX/lines"
    run_status 0 orch task add --from "$SANDBOX/lines"
    run_status 0 orch task add --from - <"$SANDBOX/lines"
    printf '\357\273\277int-1\nint-2\n' >"$SANDBOX/ids"
    run_status 0 orch task cancel - <"$SANDBOX/ids"
    [ "$(orch sidecar get int-1 status)" = done ]
}

@test "get and why: one that fails stops none of the others" {
    setup_project
    orch task add one 2>/dev/null
    orch task add two 2>/dev/null
    for words in "task get --json" "why --json"; do
        run_status 66 orch $words int-1 int-9 int-2
        [ "${#lines[@]}" -eq 2 ]
        [[ ${lines[1]} == *int-2* ]]
        run_status 66 bash -c "printf 'int-9\nint-2\n' | orch $words -"
        [ "${#lines[@]}" -eq 1 ]
    done
    run_status 66 orch task get int-9 int-1
    [[ ${lines[0]} == *int-1* ]]
}

@test "a task that there is not: the same two lines from every command, and orch is named" {
    setup_project
    for words in "task get" "task retry" "task cancel" "task set" route run reap publish why "sidecar get" diff; do
        set -- int-9
        [ "$words" != "task set" ] || set -- int-9 title=x
        run_status 66 orch $words "$@"
        [ -z "$output" ]
        [ "${stderr_lines[0]}" = "orch ${words%% *}: no task int-9 in any project" ]
        [ "${stderr_lines[1]}" = "orch ${words%% *}: hint: \`orch task list --all\` shows them" ]
        [ "${#stderr_lines[@]}" -eq 2 ]
    done
}

@test "what cannot be read or understood has a hint that leads on" {
    setup_project
    for words in "task add x --priority many" "task add x --timeout never" "task add x -b @nosuch" "parse nosuch" "template nosuch" "attempt nosuch"; do
        run orch $words
        [ "$status" -ge 65 ]
        [[ $output == *": hint: "* ]]
    done
    cd "$SANDBOX"
    run_status 66 orch init octo/app
    [[ ${stderr_lines[1]} == *"orch project add octo/app"* ]]
    orch task add x 2>/dev/null
    orch task kill int-1 2>/dev/null
    run_status 77 orch publish int-1
    [[ $stderr == *"no commit that could be published"* && $stderr != *--accept* ]]
    mkdir -p "$ORCH_HOME/.orch/local/app/tasks/int-1/attempts/2-verify"
    run_status 66 orch diff int-1 -a 2
    [[ $stderr == *"attempt 2 checked commits and made none"* ]]
}
