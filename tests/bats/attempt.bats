# orch attempt DIR: the shepherd of one attempt, by hand.
load shared
export ORCH_TEST_NO_REAP=1

# A fresh directory with the spec of an attempt that has ended, as the manual tells.
copied() {
    local folder=$SANDBOX/copy.$BATS_TEST_NUMBER
    mkdir "$folder"
    cp "$(attempt_of "$1")/spec.json" "$(attempt_of "$1")/script" "$folder"
    sed "s|$(attempt_of "$1")|$folder|g" "$(attempt_of "$1")/spec.json" >"$folder/spec.json"
    [ -z "$2" ] || echo "$2" >"$folder/script"
    echo "$folder"
}

@test "an attempt is run from its spec to its exit record; one that has ended is left alone" {
    id=$(started "Work" "$WORK")
    wait_for ended "$id"
    folder=$(copied "$id" 'say hello
exit 3')
    run_status 0 orch attempt "$folder"
    [ -z "$stderr" ]
    [ "$(cat "$folder/stdout")" = hello ]
    [ "$(field reason <"$folder/exit.json") $(field code <"$folder/exit.json")" = "exited 3" ]
    cp "$folder/exit.json" "$SANDBOX/before"
    cd "$SANDBOX"
    run_status 0 orch-attempt "${folder##*/}"
    [ -z "$output$stderr" ]
    cmp "$folder/exit.json" "$SANDBOX/before"
}

@test "a second shepherd is turned away; a file or a signal ends it" {
    id=$(started "Hang" "say here
hang")
    folder=$(attempt_of "$id")
    wait_for grep -qs here "$folder/stdout"
    run_status 75 orch attempt "$folder"
    [[ ${stderr_lines[0]} == "orch attempt: $folder: another shepherd has this attempt" ]]
    touch "$folder/cancel"
    wait_for ended "$id"
    [ "$(field reason <"$folder/exit.json")" = cancelled ]
    folder=$(copied "$id")
    orch attempt "$folder" >/dev/null 2>&1 3>&- &
    wait_for grep -qs here "$folder/stdout"
    kill -TERM "$(field pid <"$folder/proc.json")"
    wait $!
    [ "$(field reason <"$folder/exit.json")" = cancelled ]
}

@test "what is no attempt" {
    run_status 66 orch attempt "$SANDBOX/none"
    [ "${stderr_lines[0]}" = "orch attempt: $SANDBOX/none: no such attempt directory" ]
    mkdir "$SANDBOX/empty" "$SANDBOX/torn"
    run_status 66 orch attempt "$SANDBOX/empty"
    echo '{' >"$SANDBOX/torn/spec.json"
    run_status 65 orch attempt "$SANDBOX/torn"
    [[ $stderr == "orch attempt: $SANDBOX/torn/spec.json: "* ]]
    [ -z "$(ls "$SANDBOX/empty")" ]
}

@test "wrong words" {
    for words in "" "a b" "--force" "-"; do
        run_status 2 orch attempt $words
        [ "${stderr_lines[1]}" = "orch attempt: hint: write: orch attempt DIR" ]
    done
}
