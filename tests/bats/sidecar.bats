# orch sidecar: fields of a task's record, for scripts.
load helper

setup_task() {
    (cd "$(repo)" && orch init --no-trust >/dev/null 2>&1)
    orch task add "A title" --body "$1" >/dev/null 2>&1
}

@test "get prints text as it is and all else as JSON; a missing field is 66" {
    setup_task "two
lines"
    [ "$(orch sidecar get int-1 title)" = "A title" ]
    [ "$(orch-sidecar get int-1 body)" = "two
lines" ]
    [ "$(orch sidecar get int-1 labels)" = "[]" ]
    run_status 66 orch sidecar get int-1 nothing
    [ -z "$output" ]
    [ "${stderr%%$'\n'*}" = "orch sidecar: local/app#int-1 has no nothing" ]
    run_status 66 orch sidecar get int-2 title
}

@test "set takes typed values, keeps what it does not know, and refuses the status" {
    setup_task x
    orch sidecar set int-1 tries.count=3 'tries.last={"ok": false}' note="two words" >/dev/null
    [ "$(orch sidecar get int-1 tries.count tries.last.ok note)" = "3
false
two words" ]
    orch sidecar set int-1 priority=2 >/dev/null
    [ "$(orch sidecar get int-1 note)" = "two words" ]
    run_status 77 orch sidecar set int-1 status=done
    for pair in priority=high failures=[1] 'x="\ud800"' x=NaN branch=../../../evil "x=$(printf '%0.s[' {1..50000})"; do
        run_status 65 orch sidecar set int-1 "$pair"
    done
    [[ $stderr == *"orch sidecar: a value has more than 100 lists and objects inside of each other"* ]]
    run_status 2 orch sidecar set int-1
}

@test "it reads tasks from a pipe" {
    setup_task x
    orch task add "Another" >/dev/null 2>&1
    [ "$(orch task list --json | orch sidecar get - id)" = "int-1
int-2" ]
    orch task list --json | orch sidecar set - seen=true | grep -c '"seen": true' | grep -qx 2
}

@test "standard input: ids, events and records; what fails stops no other; an empty one is no work" {
    setup_task x
    orch task add "Another" >/dev/null 2>&1
    run_status 0 bash -c '{ echo int-2; echo; echo "{\"task\": \"int-1\", \"project\": \"local/app\"}"; } | orch sidecar get - id title'
    [ "$output" = "int-2
Another
int-1
A title" ]
    run_status 66 bash -c 'printf "int-1\nint-9\nint-2\n" | orch sidecar get - id'
    [ "$output" = "int-1
int-2" ]
    [[ $stderr == "orch sidecar: no task int-9 in any project"* ]]
    run_status 0 bash -c 'orch task list --json | orch sidecar get - id nothing title | paste - - -'
    [ "$output" = "$(printf 'int-1\t\tA title\nint-2\t\tAnother')" ]
    [[ $stderr == "orch sidecar: local/app#int-1 has no nothing"*"orch sidecar: local/app#int-2 has no nothing"* ]]
    run_status 65 orch sidecar get - id <<<'{"title": "none"}'
    [[ $stderr == 'orch sidecar: standard input: an object that names no task: {"title": "none"}'* ]]
    run_status 66 bash -c 'printf "int-1\nint-9\n" | orch sidecar set - seen=true' # nothing is set before all are found
    run_status 66 orch sidecar get int-1 seen
    run_status 0 orch sidecar get - id </dev/null
    [ -z "$output$stderr" ]
    run_status 0 orch sidecar set - seen=true </dev/null
    [ -z "$output$stderr" ]
}

@test "wrong words" {
    for words in "" "put int-1 a=b" "get" "set int-1" "get --all" "get -p"; do
        run_status 2 orch sidecar $words
        [[ ${stderr_lines[1]} == "orch sidecar: hint: "* ]]
    done
    setup_task x
    run_status 2 orch sidecar set int-1 novalue
    run_status 66 orch sidecar get -p no/such int-1
}
