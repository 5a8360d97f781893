# One home and one project, local/app, for all tests of a file, which run one after the other: a project for each would cost more than
# what is tested. `load shared`. What a test says about tasks is about its own.
load helper

setup_file() {
    export BATS_NO_PARALLELIZE_WITHIN_FILE=true
    enter
    cat >"$ORCH_HOME/config.yml" <<END
engine: {executor: process, max_parallel: 9, path: "$PATH"}
router: {default_agent: rehearsal}
workflow: {retry_seconds: 0, max_attempts: 2}
END
    orch init --no-trust "$(repo)" >/dev/null 2>&1
}

setup() {
    cd /
    WORK='write work.txt one
done it is done'
    WAIT="run while [ ! -e $SANDBOX/gate.$BATS_TEST_NUMBER ]; do sleep 0.05; done"
}

teardown() {
    touch "$SANDBOX/gate.$BATS_TEST_NUMBER"
}

teardown_file() {
    leave
}

# add TITLE BODY [OPTION..]: prints the id. routed: the same, and it is routed. started: the same, and its attempt runs.
add() {
    orch task add "$1" --body "$2" "${@:3}" 2>/dev/null
}

routed() {
    local id
    id=$(add "$@")
    orch route "$id" >/dev/null
    echo "$id"
}

started() {
    local id
    id=$(routed "$@")
    orch run "$id" >/dev/null
    echo "$id"
}

# The task's directory, and its first attempt's.
home_of() { echo "$ORCH_HOME/.orch/local/app/tasks/$1"; }
attempt_of() { echo "$ORCH_HOME/.orch/local/app/tasks/$1/attempts/${2:-1-work}"; }

# is ID STATUS: from the record itself; no process of orch is needed for that. ended ID [ATTEMPT]: there is an exit record.
is() { grep -qs "^ *\"status\": \"$2\"" "$(home_of "$1")/task.json"; }
ended() { [ -e "$(attempt_of "$@")/exit.json" ]; }

# The first value of a field in a line of JSON on stdin.
field() {
    grep -o "\"$1\": [^,}]*" | head -n 1 | cut -d' ' -f2- | tr -d '"'
}

# not CMD..: a test would not notice that `! CMD` fails. gone PID: it runs no more (it may wait to be buried).
not() { ! "$@"; }
gone() { not grep -q '[^Z[:space:]]' <<<"$(ps -o stat= -p "$1" | cut -c1)"; }

# broken CMD..: run it when its reader has gone; it must end as if the signal had ended it, and say nothing.
broken() {
    rm -f "$SANDBOX/gone"
    { wait_for test -e "$SANDBOX/gone"; "$@" 2>"$SANDBOX/words" && code=0 || code=$?; echo "$code" >"$SANDBOX/status"; } |
        { exec <&-; touch "$SANDBOX/gone"; } || :
    [ "$(cat "$SANDBOX/status")" -eq 141 ]
    [ ! -s "$SANDBOX/words" ]
}
