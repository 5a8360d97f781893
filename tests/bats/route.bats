# orch route: who is to do it, and why.
load shared

@test "a new task gets an agent, and its record says why; once more changes nothing" {
    id=$(add "Route me" "$WORK" --complexity complex)
    run_status 0 orch route "$id"
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 1 ]
    [ "$(field status <<<"$output") $(field agent <<<"$output") $(field complexity <<<"$output")" = "routed rehearsal complex" ]
    [ "$(field route <<<"$output")" = "the default agent" ]
    first=$output
    run_status 0 orch-route "local/app#$id"
    [ "$output" = "$first" ]
}

@test "-n decides and records nothing" {
    id=$(add "Peek" "$WORK" --agent shell --model m1)
    run_status 0 orch route -n "$id"
    [ "$output" = '{"task": "'"$id"'", "project": "local/app", "agent": "shell", "model": "m1", "complexity": "medium", "why": "asked for by the task", "not_before": null}' ]
    is "$id" new
    ORCH_ROUTER_DEFAULT_AGENT=shell run_status 0 orch route --dry-run "$(add "Default" x)"
    [ "$(field agent <<<"$output")" = shell ]
}

@test "what waits for another is blocked; an agent that nobody knows needs a person" {
    first=$(add "First" "$WORK")
    run_status 0 orch route "$(add "Second" "$WORK" --depends-on "$first")"
    [ "$(field status <<<"$output"): $(field why <<<"$output")" = "blocked: waits for $first" ]
    id=$(add "Whose?" x --label agent:shall)
    run_status 66 orch route -n "$id"
    [[ -z $output && ${stderr_lines[0]} == "orch route: $id: no agent called 'shall'" && ${stderr_lines[1]} == *": hint: did you mean shell?"* ]]
    run_status 0 orch route "$id"
    [ "$(field status <<<"$output")" = needs_review ]
}

@test "standard input: ids, records, decisions and empty lines; an empty one is no work" {
    one=$(add "One" x) two=$(add "Two" x) three=$(add "Three" x)
    {
        echo "  $one"
        echo
        orch sidecar get "$two"
        echo "{\"task\": \"$three\"}"
    } >"$SANDBOX/in"
    run_status 0 orch route - <"$SANDBOX/in"
    [ "$(printf '%s\n' "${lines[@]}" | grep -o '"id": "[^"]*"' | tr -dc '0-9\n' | paste -sd' ' -)" = "${one#int-} ${two#int-} ${three#int-}" ]
    is "$one" routed
    is "$two" routed
    is "$three" routed
    run_status 0 orch route - </dev/null
    [ -z "$output$stderr" ]
}

@test "what is wrong is told, gives its status, and stops none of the others" {
    one=$(add "One" x) two=$(add "Two" x)
    run_status 66 orch route int-9999 "$one" no/such#int-1
    [ "$(field id <<<"$output")" = "$one" ]
    [[ ${stderr_lines[0]} == "orch route: no task int-9999 in any project" && $stderr == *"orch route: "*"no/such"* ]]
    printf '{"title": "no id"}\nnonsense\n%s\n' "$two" >"$SANDBOX/in"
    run_status 65 orch route - <"$SANDBOX/in"
    [[ ${stderr_lines[0]} == 'orch route: standard input: an object that names no task: {"title": "no id"}' ]]
    [[ $stderr == *"orch route: nonsense: not a task"* ]]
    is "$two" routed
    run_status 65 orch route - <<<"{\"id\": \"$one\""
    [[ ${stderr_lines[0]} == "orch route: standard input, line 1: not JSON "* ]]
}

@test "wrong words" {
    run_status 2 orch route
    [ "${stderr_lines[*]}" = "orch route: no task is named orch route: hint: name one or more, or - to read them from standard input" ]
    run_status 2 orch route int-1 -
    run_status 2 orch route --force int-1
    run_status 66 orch route --project no/such int-1
    run_status 78 env ORCH_ROUTER_MODE=dice orch route "$(add x x)"
}

@test "a reader that has gone is no error, a full disk is" {
    id=$(add "One" x)
    broken orch route -n "$id"
    [ -e /dev/full ] || skip "no /dev/full on this system"
    run_status 74 bash -c "orch route -n '$id' >/dev/full"
}
