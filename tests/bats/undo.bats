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

# What retention does, thirty days later.
sweep() {
    python3 - "$CHECKOUT" <<'PY'
import os, sys
sys.path.insert(0, sys.argv[1])
from orch.flow import config, project, sweep
from orch.host import world
from orch.core import clock
now = world.build(os.environ, "/")
later = now._replace(env={**os.environ, "ORCH_TEST_NOW": clock.later(now.now(), 30 * 86400)})
for slug in project.slugs(later):
    for each in sweep.sweep(later, slug, config.load(later, slug))[0]:
        print(each.task)
PY
}

@test "a checkout that retention removed comes back with everything in it" {
    old_task
    [ "$(sweep)" = "$id" ]
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
