# The single commands in pipes, with nothing but the environment that cron would give them, and a PATH.
load shared

# pipe LINE..: run a line of shell from /, in a bare environment; the status is that of the first command that fails.
pipe() {
    run_status "$1" env -i PATH="$PATH" HOME="$HOME" ORCH_HOME="$ORCH_HOME" TMPDIR="$TMPDIR" GIT_CONFIG_NOSYSTEM=1 LANG=C.UTF-8 "${@:3}" \
        bash -o pipefail -c "cd / && $2"
}

@test "from new to published, a step at a time, each step reading the one before it" {
    one=$(add "One" "$WORK" --verify 'grep -q one work.txt' --label steps) two=$(add "Two" "$WORK" --verify true --label steps)
    [ "$PWD $PATH" = "/ $CHECKOUT/bin:${TOOLS:-$CHECKOUT/.venv/bin}:/usr/bin:/bin" ]
    pipe 0 "orch task list --json --status new --label steps | orch route - | orch run - | orch sidecar get - id status" ORCH_TEST_NO_REAP=1
    [ "$output" = "$one
in_progress
$two
in_progress" ]
    wait_for ended "$one"
    wait_for ended "$two"
    pipe 0 "orch task list --json --label steps | orch reap - | orch sidecar get - attempt" ORCH_TEST_NO_REAP=1
    [ "$output" = "2-verify
2-verify" ]
    wait_for ended "$one" 2-verify
    wait_for ended "$two" 2-verify
    pipe 0 "orch task list --json --label steps | orch verify - | orch publish - | orch sidecar get - status published"
    [ "$output" = "done
$(git -C "$SANDBOX/remotes/app.git" rev-parse "task-$one-one")
done
$(git -C "$SANDBOX/remotes/app.git" rev-parse "task-$two-two")" ]
    pipe 0 "orch task list --json --all --label steps | orch verify --check - >/dev/null"
    [ -z "$stderr" ]
}

@test "one line starts all that is new; an empty board is no failure" {
    id=$(add "All" "$WORK" --label all)
    pipe 0 "orch task list --json --status new --label all | orch route - | orch run - >/dev/null"
    wait_for is "$id" "done"
    pipe 0 "orch task list --json --status new --label all | orch route - | orch run - | orch reap - | orch verify - | orch publish -"
    [ -z "$output$stderr" ]
}

@test "cron && task add" {
    pipe 0 "orch cron '30 7 * * mon-fri' && orch task add 'Morning' --label cron" ORCH_TEST_NOW=2026-11-20T07:30:42Z TZ=UTC
    id=$output
    pipe 1 "orch cron '30 7 * * mon-fri' && orch task add 'Weekend' --label cron" ORCH_TEST_NOW=2026-11-21T07:30:42Z TZ=UTC
    pipe 0 "orch task list --json --label cron | orch sidecar get - id"
    [ "$output" = "$id" ]
}

@test "template | task add --body -" {
    printf 'Look into {{ file }}.\n\n{{ text | fenced }}\n' >"$SANDBOX/job.md.j2"
    pipe 0 "orch template '$SANDBOX/job.md.j2' file=a.c text='{{ 1 }}' | orch task add 'From a template' --body - | orch sidecar get - body"
    [ "$output" = 'Look into a.c.

```
{{ 1 }}
```' ]
    before=$(ls "$ORCH_HOME/.orch/local/app/tasks" | wc -l)
    pipe 65 "text=\$(orch template '$SANDBOX/job.md.j2' file=a.c) && orch task add Never --body \"\$text\""
    [[ $stderr == *"'text' is undefined"* ]]
    [ "$(ls "$ORCH_HOME/.orch/local/app/tasks" | wc -l)" -eq "$before" ]
}

@test "sidecar as a filter, and as a way to change many" {
    add "Low" x --label some >/dev/null
    id=$(add "High" x --label some --priority 7)
    pipe 0 "orch task list --json --label some | orch sidecar get - id priority title | paste - - - | sort -k2,2nr | head -n 1"
    [ "$output" = "$id	7	High" ]
    pipe 0 "orch task list --json --label some | orch sidecar set - priority=9 by.whom=me | orch sidecar get - priority by.whom | sort -u"
    [ "$output" = "9
me" ]
    pipe 0 "orch task list --json --label some | orch task cancel - && orch task list --json --all --label some | orch sidecar get - status | uniq -c"
    [ "$(tr -s ' ' <<<"$output")" = " 2 done" ]
}

@test "events and acts name their task" {
    id=$(add "Named" x)
    pipe 0 "orch log 1 --json | orch sidecar get - id"
    [ "$output" = "$id" ]
    pipe 0 "orch route -n $id | orch route - | orch task get - --json | orch sidecar get - agent"
    [ "$output" = rehearsal ]
}

@test "lock FILE -- tick: one crontab line does not overtake itself" {
    mkfifo "$SANDBOX/go"
    orch lock "$SANDBOX/cron.lock" -- sh -c "orch tick; touch '$SANDBOX/ticked'; read _ <'$SANDBOX/go'" >/dev/null 2>&1 3>&- &
    wait_for test -e "$SANDBOX/ticked"
    pipe 75 "orch lock '$SANDBOX/cron.lock' -- orch tick"
    echo go >"$SANDBOX/go"
    wait
    pipe 0 "orch lock '$SANDBOX/cron.lock' -- orch tick >/dev/null"
}

@test "parse: what an attempt printed, and what a person sees of it" {
    id=$(started "Says" 'write work.txt x
say I am done. {"status": "done", "summary": "as it says"}')
    wait_for is "$id" "done"
    pipe 0 "orch parse '$(attempt_of "$id")/stdout'"
    [ "$(field summary <<<"$output")" = "as it says" ]
    parsed=$output
    pipe 0 "orch stream $id --stdout | orch parse -"
    [ "$output" = "$parsed" ]
    [ "$(field summary <"$(home_of "$id")/task.json")" = "as it says" ]
}

@test "a reader that has gone is no error, and what was to be done is done" {
    id=$(add "Broken" "$WORK")
    broken orch route "$id"
    is "$id" routed
    broken orch run "$id"
    wait_for is "$id" "done"
    broken orch verify "$id"
    broken orch publish "$id"
    broken orch sidecar set "$id" note=kept
    [ "$(orch sidecar get "$id" note)" = kept ]
    id=$(add "Broken too" "$WORK")
    broken orch tick
    wait_for is "$id" "done"
    broken orch parse - <<<'{"status": "done"}'
}
