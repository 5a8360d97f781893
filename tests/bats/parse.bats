# orch parse PATH|-: the agent's reply as one line of JSON.
load helper

@test "a file or standard input, each kind of output, one line" {
    wanted='{"v": 1, "status": "done", "summary": "grüßt", "files": ["hello.txt"], "by": "output"}'
    said='{"status": "completed", "summary": "grüßt", "files_changed": ["hello.txt"]}'
    escaped=${said//\"/\\\"}
    cd "$SANDBOX"
    echo "$said" >object
    printf 'All done.\n\n```json\n%s\n```\n' "$said" >prose
    printf '{"type": "turn.started"}\n{"type": "item.completed", "item": {"type": "agent_message", "text": "%s"}}\n' "$escaped" >lines
    printf '{"type": "result", "is_error": false, "result": "All done.\\n```json\\n%s\\n```"}' "$escaped" >envelope
    for file in object prose lines envelope; do
        run_status 0 orch parse "$file"
        [ "$output" = "$wanted" ]
        [ -z "$stderr" ]
        run_status 0 orch-parse - <"$file"
        [ "$output" = "$wanted" ]
        run_status 0 orch parse "$SANDBOX/$file"
    done
}

@test "no reply is 65 and prints nothing" {
    cd "$SANDBOX"
    echo 'All done, status: done!' >prose
    echo '{"status": "ok"}' >unknown
    echo '{"status": "done", "files": 5}' >garbage
    : >empty
    for file in prose unknown garbage empty; do
        run_status 65 orch parse "$file"
        [ -z "$output" ]
        [[ ${stderr_lines[0]} == "orch parse: "* ]]
        [[ ${stderr_lines[1]} == "orch parse: hint: "*"orch-reply(5)"* ]]
    done
    run_status 65 orch parse - </dev/null
    run_status 65 orch parse garbage
    [[ ${stderr_lines[0]} == "orch parse: reply: files: expected a list of texts, got int" ]]
    printf '\377\376 {"status": "done", "summary": "a\\u0000"}' >bytes
    run_status 65 orch parse bytes
    [[ ${stderr_lines[0]} == *"summary: it holds a NUL character" ]]
}

@test "bytes that are no UTF-8 do not hide a reply" {
    run_status 0 bash -c "printf 'caf\351 \0 {\"status\": \"no_change\", \"reason\": \"it was so before\"}' | orch parse -"
    [ "$output" = '{"v": 1, "status": "no_change", "summary": "", "reason": "it was so before", "by": "output"}' ]
}

@test "66 for no such file, 2 for wrong usage, 74 or so for a directory" {
    run_status 66 orch parse "$SANDBOX/nosuch"
    [[ $stderr == "orch parse: $SANDBOX/nosuch: "* ]]
    run_status 2 orch parse
    run_status 2 orch parse a b
    run_status 2 orch parse --nosuch a
    run_status 74 orch parse "$SANDBOX"
    echo '{"status": "done"}' >"$SANDBOX/-"
    cd "$SANDBOX"
    run_status 0 orch parse -- ./-
}

@test "in a pipe with jq or without" {
    run_status 0 bash -c "echo '{\"status\": \"done\"}' | orch parse - | orch parse -"
    [ "$output" = '{"v": 1, "status": "done", "summary": "", "by": "output"}' ]
}
