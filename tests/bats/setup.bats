# What a newcomer's machine may lack is said in one line, before anything is made.
load helper

# A PATH with nothing but what the script itself uses, and the named programs.
only() {
    mkdir -p "$SANDBOX/only"
    local tool
    for tool in sh sed "$@"; do
        ln -sf "$(command -v "$tool")" "$SANDBOX/only/$tool"
    done
}

@test "needs: a machine with everything names its python" {
    run_status 0 sh "$CHECKOUT/shell/needs.sh"
    "$output" -c 'import venv, sys; assert sys.version_info >= (3, 11)'
    [ -z "$stderr" ]
}

@test "needs: without git, one line installs it" {
    only python3
    run_status 1 env PATH=$SANDBOX/only sh "$CHECKOUT/shell/needs.sh"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"sudo apt-get install -y git "*"(macOS: brew install git)" ]]
    [ -z "$output" ]
}

@test "needs: a git that is too old is named, a later one is not" {
    only python3
    local version
    for version in "2.30.2 old" "2.9.5 old" "2.37.9 old" "2.38.0 new" "2.50.1 (Apple Git-155) new" "3.0.0 new"; do
        printf '#!/bin/sh\necho "git version %s"\n' "${version% *}" >"$SANDBOX/only/git"
        chmod +x "$SANDBOX/only/git"
        if [ "${version##* }" = old ]; then
            run_status 1 env PATH=$SANDBOX/only sh "$CHECKOUT/shell/needs.sh"
            [[ $stderr == *"(git is ${version%.*}); "*" install -y git "* ]]
        else
            run_status 0 env PATH=$SANDBOX/only sh "$CHECKOUT/shell/needs.sh"
        fi
    done
}

@test "needs: a python that is too old is passed over for a newer one" {
    only git python3
    mkdir "$SANDBOX/old"
    printf '#!/bin/sh\nexit 1\n' >"$SANDBOX/old/python3"
    chmod +x "$SANDBOX/old/python3"
    ln -s "$(command -v python3)" "$SANDBOX/old/python3.12"
    run_status 0 env PATH=$SANDBOX/old:$SANDBOX/only sh "$CHECKOUT/shell/needs.sh"
    [ "$output" = "$SANDBOX/old/python3.12" ]
}

@test "requirements: the libraries, and those of an extra" {
    run_status 0 python3 "$CHECKOUT/shell/requirements.py"
    [[ $output == *"click>="* && $output != *pytest* ]]
    run_status 0 python3 "$CHECKOUT/shell/requirements.py" test
    [[ $output == *"click>="* && $output == *"bats-core>="* ]]
}
