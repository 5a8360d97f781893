# A home of its own for each test; `load helper`, and setup and teardown are there. Processes that a test leaves behind are killed.
# Tests that need a project and do not mind each other's tasks `load shared` instead.
CHECKOUT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)
TOOLS=$(while read -r found; do [ ! -x "${found%/*}/bats" ] || { echo "${found%/*}"; break; }; done <<<"$(type -ap python3)")

setup() {
    enter
}

teardown() {
    leave
}

# Make a home, and be in it: nothing of the person's is left in the environment.
enter() {
    local name
    for name in $(env | sed -nE 's/^((ORCH_|GIT_|XDG_|TMUX)[A-Z_]*)=.*/\1/p'); do
        unset "$name"
    done
    export SANDBOX
    SANDBOX=$(mktemp -d "${SANDBOXES:-/tmp}/o-XXXXXX") # short: a socket's path has about 100 bytes
    export HOME=$SANDBOX/home ORCH_HOME=$SANDBOX/orch TMUX_TMPDIR=$SANDBOX TMPDIR=$SANDBOX LANG=C.UTF-8 GIT_CONFIG_NOSYSTEM=1
    export GIT_AUTHOR_NAME="Ada Person" GIT_AUTHOR_EMAIL=ada@example.org
    export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
    export PATH=$CHECKOUT/bin:${TOOLS:-$CHECKOUT/.venv/bin}:/usr/bin:/bin
    mkdir -p "$HOME" "$ORCH_HOME"
    cd /
}

leave() {
    local pid round found
    for round in 1 2 3 4 5; do # what is killed may just have started another
        found=$(left_behind)
        [ -n "$found" ] || break
        for pid in $found; do
            kill -9 "$pid" 2>/dev/null || :
        done
    done
    cd /
    rm -rf "$SANDBOX"
}

# Processes whose environment names this sandbox, but not the shells of this test. By SANDBOX, since a test may unset ORCH_HOME, and
# `ORCH_HOME=` alone would be found in every orch that runs on this machine.
left_behind() {
    [ -n "$SANDBOX" ] || return 0
    if [ -d /proc/self ]; then
        grep -lsF "ORCH_HOME=$SANDBOX/orch" /proc/[0-9]*/environ | cut -d/ -f3
    else
        ps eww -axo pid=,command= | grep -F "ORCH_HOME=$SANDBOX/orch" | awk '{ print $1 }'
    fi | grep -vx -e "$$" -e "$BASHPID" -e self || :
}

# A person's checkout of a project with one commit and a bare origin; prints its path.
repo() {
    local path=$SANDBOX/code/${1:-app} bare=$SANDBOX/remotes/${1:-app}.git
    {
        git init -q -b main "$path"
        echo "# ${1:-app}" >"$path/README.md"
        git -C "$path" add -A
        git -C "$path" commit -q -m first
        git init -q --bare -b main "$bare"
        git -C "$path" remote add origin "$bare"
        git -C "$path" push -q -u origin main
    } >&2
    echo "$path"
}

# Poll until a command succeeds, for at most a minute: the machine may be busy.
wait_for() {
    local end=$((SECONDS + 60))
    until "$@"; do
        [ $SECONDS -lt $end ] || { echo "not within 60 s: $*" >&2; return 1; }
        sleep 0.02
    done
}

# run_status N CMD..: run, and want exit status N; stdout in $output, stderr in $stderr.
run_status() {
    local wanted=$1
    shift
    bats_require_minimum_version 1.5.0
    run --separate-stderr "$@"
    [ "$status" -eq "$wanted" ] || { echo "$*: status $status, wanted $wanted; stdout: $output; stderr: $stderr" >&2; return 1; }
}
