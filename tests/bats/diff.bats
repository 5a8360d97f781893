# orch diff: what a task changed, from the mirror.
load helper

# A task of the shell agent, run to its end; prints its id.
done_task() {
    local id
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "$1" --agent shell --body "$2")
    rest "$id"
    echo "$id"
}

rest() {
    wait_for settled "$1" >&2
}

settled() {
    orch tick >/dev/null 2>&1 || :
    orch sidecar get "$1" status | grep -Eq '"?(done|needs_review)'
}

@test "diff shows the commits of a task, and --stat only their size" {
    id=$(done_task "Write x" 'echo one >x; git add x; git commit -q -m "add x"; echo two >>README.md')
    run_status 0 orch diff "$id"
    [[ $output == *"+++ b/x"*"+one"* && $output == *"+two"* ]]
    [[ $output != *$'\e'* ]]
    run_status 0 orch diff "$id" --stat
    [[ $output == *"x "*"| 1 +"* && $output == *"2 files changed"* ]]
    run_status 0 orch diff --attempt 1 "$id"
    [[ $output == *"+one"* ]]
}

@test "what diff prints can be applied, binary files and all" {
    id=$(done_task "Write x" 'printf "\000\001\002" >x; chmod +x x; printf "no newline" >README.md')
    git config --global diff.noprefix true
    orch diff "$id" >"$SANDBOX/patch"
    cd "$SANDBOX/code/app"
    git apply --index "$SANDBOX/patch"
    [ "$(git diff --cached --name-only)" = $'README.md\nx' ]
    [ -x x ]
    [ "$(od -An -tx1 x | tr -d ' ')" = 000102 ]
}

@test "diff works when the checkout is gone and the branch is merged" {
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "Merge x" --agent shell --finish merge --body 'echo one >x')
    rest "$id"
    rm -rf "$ORCH_HOME/worktrees"
    git -C "$SANDBOX/remotes/app.git" cat-file -e main:x
    run_status 0 orch diff "$id"
    [[ $output == *"+one"* ]]
}

@test "nothing to show is a word on stderr and no failure" {
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "Not begun")
    run_status 0 orch diff "$id"
    [ -z "$output" ]
    [[ $stderr == *"no commits yet"* ]]
}

@test "diff of what is not there" {
    cd "$(repo)"
    orch init --no-trust >/dev/null 2>&1
    id=$(orch task add "Not begun")
    run_status 66 orch diff int-99
    run_status 66 orch diff "$id" --attempt 3
    [[ $stderr == *"no attempt 3"* ]]
    run_status 65 orch diff 'no id'
    run_status 2 orch diff
    run_status 2 orch diff "$id" --attempt 0
}

@test "on a terminal there is colour and the user's pager" {
    command -v script >/dev/null || skip "no script(1)"
    id=$(done_task "Write x" 'echo one >x')
    out=$(GIT_PAGER='sed s/^/paged:/' TERM=xterm script -qec "orch diff $id" /dev/null </dev/null)
    [[ $out == *paged:*$'\e['*one* ]]
    out=$(NO_COLOR=1 GIT_PAGER=cat TERM=xterm script -qec "orch diff $id" /dev/null </dev/null)
    [[ $out == *+one* && $out != *$'\e['* ]]
}

@test "a reader that goes away is no trouble" {
    id=$(done_task "Write much" 'seq 100000 >x')
    orch diff "$id" | head -n 1 >"$SANDBOX/first"
    [ "$(wc -l <"$SANDBOX/first")" -eq 1 ]
}
