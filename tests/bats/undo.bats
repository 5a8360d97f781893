# orch undo: a removed checkout comes back.
load helper

# A finished task whose checkout is old enough to be removed, with an untracked file left in it.
old_task() {
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "Write x" --agent shell --body 'echo one >x')
    wait_for finished "$id" >&2
    place=$(echo "$ORCH_HOME"/worktrees/*/*/task-"$id"-*)
    echo mine >"$place/untracked"
    echo changed >"$place/x"
}

finished() {
    orch tick >/dev/null 2>&1 || :
    orch sidecar get "$1" status | grep -q done
}

# A tick, thirty days later.
sweep() {
    rm -f "$ORCH_HOME"/.orch/*/*/swept
    ORCH_TEST_NOW=$(date -u -d '+30 days' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+30d +%Y-%m-%dT%H:%M:%SZ) orch tick
}

@test "a checkout that retention removed comes back with everything in it" {
    old_task
    sweep
    [ ! -e "$place" ]
    run_status 0 orch undo --list "$id"
    [[ $output == *'"number": 1'* ]]
    run_status 0 orch undo "$id"
    [ "$output" = "$place" ]
    [ "$(cat "$place/untracked" "$place/x")" = $'mine\nchanged' ]
    [ "$(git -C "$place" status --porcelain)" = $' M x\n?? untracked' ]
    run_status 73 orch undo "$id"
    [[ $stderr == *"a checkout again"* ]]
}

@test "undo of what was not removed" {
    old_task
    run_status 66 orch undo "$id"
    [[ $stderr == *"nothing to bring back"* ]]
    run_status 0 orch undo "$id" --list
    [ -z "$output" ]
    sweep
    run_status 66 orch undo "$id" --number 2
    run_status 66 orch undo int-99
    run_status 2 orch undo
}
