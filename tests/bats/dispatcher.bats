# The command line itself: words, options, statuses, streams.
load helper

@test "version: three spellings, one line" {
    for word in version --version -V; do
        run_status 0 orch $word
        [[ $output =~ ^orch\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
        [ -z "$stderr" ]
    done
}

@test "help: the table is on stdout, also with an empty environment" {
    run_status 0 orch --help
    [[ $output == *"hold a lock while a command runs"* ]]
    run_status 0 env -i PATH="$PATH" "$CHECKOUT/bin/orch" help
    [[ $output == *"tick"* ]]
}

@test "no words at all: the help on stderr, status 2" {
    run_status 2 orch
    [ -z "$output" ]
    [[ $stderr == usage:* ]]
}

@test "help WORD is WORD --help" {
    run_status 0 orch help lock
    expected=$output
    run_status 0 orch lock --help
    [ "$output" = "$expected" ]
    run_status 0 orch-lock -h
    [ "$output" = "$expected" ]
}

@test "an unknown word: status 2 and the nearest name" {
    run_status 2 orch stauts
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "orch: no command 'stauts'"* ]]
    [[ ${stderr_lines[1]} == *'`orch status`'* ]]
    run_status 2 orch cancel int-1
    [[ ${stderr_lines[1]} == *'`orch task cancel`'* ]]
    run_status 2 orch xyzzyplugh
    [[ ${stderr_lines[1]} == *'`orch help`'* ]]
}

@test "an unknown word runs orch-<word> from PATH, with the home and the project that orch itself would take" {
    mkdir "$SANDBOX/bin"
    printf '#!/bin/sh\necho "$ORCH_HOME ${ORCH_PROJECT-none} $1 $2"; exit 7\n' >"$SANDBOX/bin/orch-greet"
    chmod +x "$SANDBOX/bin/orch-greet"
    export PATH=$SANDBOX/bin:$PATH
    run_status 7 orch greet "a b" -x
    [ "$output" = "$ORCH_HOME none a b -x" ]

    one=$(repo one) two=$(repo two)
    (cd "$one" && orch init --name ada/one 2>/dev/null)
    run_status 7 orch greet 1 2
    [ "$output" = "$ORCH_HOME ada/one 1 2" ] # the only one
    (cd "$two" && orch init --name ada/two 2>/dev/null)
    run_status 7 orch greet 1 2
    [ "$output" = "$ORCH_HOME none 1 2" ]
    cd "$two"
    run_status 7 orch greet 1 2
    [ "$output" = "$ORCH_HOME ada/two 1 2" ]
    ORCH_PROJECT=one run_status 7 orch greet 1 2
    [ "$output" = "$ORCH_HOME ada/one 1 2" ]
    ORCH_PROJECT=nosuch run_status 7 env -u ORCH_HOME orch greet 1 2
    [ "$output" = "$HOME/.orch nosuch 1 2" ]
    cd "$SANDBOX"
    ORCH_HOME=orch run_status 7 orch greet 1 2
    [ "$output" = "$SANDBOX/orch none 1 2" ]
}

@test "help -a lists the programs on PATH that add a word, once each, and not ours" {
    mkdir "$SANDBOX/bin" "$SANDBOX/more"
    printf '#!/bin/sh\n' | tee "$SANDBOX/bin/orch-greet" "$SANDBOX/more/orch-greet" "$SANDBOX/more/orch-status" >"$SANDBOX/more/orch-plain"
    chmod +x "$SANDBOX"/*/orch-greet "$SANDBOX/more/orch-status"
    PATH=$SANDBOX/bin:$SANDBOX/more:$SANDBOX/none:$PATH run_status 0 orch help -a
    [ "${lines[-2]}" = "elsewhere on PATH" ]
    [ "${lines[-1]}" = "  greet      $SANDBOX/bin/orch-greet" ]
}

@test "a link to orch under a word that nobody knows does not call itself for ever" {
    mkdir "$SANDBOX/bin"
    ln -s "$CHECKOUT/bin/orch" "$SANDBOX/bin/orch-again"
    PATH=$SANDBOX/bin:$PATH run_status 2 orch-again
    [[ $stderr == "orch: no command 'again'"* ]]
}

@test "a reader that goes away early is no error, a full disk is" {
    run_status 0 bash -c 'set -o pipefail; orch help | head -1'
    [ -z "$stderr" ]
    [ -e /dev/full ] || skip "no /dev/full on this system"
    run_status 74 bash -c 'orch help >/dev/full'
    [[ ${stderr_lines[0]} == "orch: standard output: No space left on device" ]]
    [ ${#stderr_lines[@]} -eq 2 ]
}

@test "closed streams: nothing is printed, nothing breaks" {
    run_status 0 bash -c 'orch version <&- >&- 2>&-'
    run_status 2 bash -c 'orch nosuchword <&- >&- 2>&-'
    run_status 0 bash -c 'orch route - <&-'
    [ -z "$output" ]
    run_status 65 bash -c 'orch parse - <&-'
}

@test "a directory that was removed under our feet" {
    mkdir "$SANDBOX/gone"
    run_status 0 bash -c "cd '$SANDBOX/gone' && rmdir '$SANDBOX/gone' && orch lock '$SANDBOX/lock' echo here"
    [ "$output" = here ]
}

@test "~/.orchestrator is used, with one warning, when only that exists" {
    unset ORCH_HOME
    mkdir "$HOME/.orchestrator"
    run_status 0 orch lock "$SANDBOX/lock" echo here
    [ "$output" = here ]
    [ "${#stderr_lines[@]}" -eq 2 ]
    [[ ${stderr_lines[0]} == "orch: warning: using $HOME/.orchestrator" ]]
    mkdir "$HOME/.orch"
    run_status 0 orch lock "$SANDBOX/lock" echo here
    [ -z "$stderr" ]
}

@test "the launcher works through links, relative links too, and from another directory" {
    mkdir -p "$SANDBOX/a/b"
    ln -s "$CHECKOUT/bin/orch" "$SANDBOX/a/orch"
    ln -s ../orch "$SANDBOX/a/b/orch-version"
    run_status 0 "$SANDBOX/a/b/orch-version"
    [[ $output == "orch "* ]]
    run_status 0 bash -c "cd '$CHECKOUT/bin' && sh orch --version"
    [[ $output == "orch "* ]]
}

@test "no python3 is told, with what to do" {
    cp -r "$CHECKOUT/bin" "$SANDBOX/bin"
    run_status 69 env PATH="$SANDBOX/none" /bin/sh "$SANDBOX/bin/orch" tick
    [[ $stderr == "orch: no python3 on the PATH"*"install Python 3.11"* ]]
}

@test "an old python3 is told apart" {
    mkdir "$SANDBOX/bin"
    copy=$SANDBOX/copy
    mkdir "$copy"
    cp -R "$CHECKOUT/bin" "$CHECKOUT/orch" "$copy/"
    run_status 0 "$copy/bin/orch" --version
    sed -i.bak 's/(3, 11)/(99, 0)/' "$copy/orch/__main__.py"
    run_status 1 "$copy/bin/orch" --version
    [[ ${stderr_lines[0]} == "orch: needs Python 3.11 or newer"* ]]
}

@test "modules in the current directory are never imported" {
    mkdir "$SANDBOX/trap"
    echo 'raise SystemExit("trapped")' >"$SANDBOX/trap/click.py"
    cp "$SANDBOX/trap/click.py" "$SANDBOX/trap/orch.py"
    cd "$SANDBOX/trap"
    PYTHONPATH=$SANDBOX/trap run_status 0 orch help
}
