# orch config: one key, list, explain, check, set.
load helper

config() { cat >"$ORCH_HOME/config.yml"; }
project_file() { mkdir -p "$ORCH_HOME/.orch/local/app" && cat >"$ORCH_HOME/.orch/local/app/project.yml"; }

@test "one key: text as it is, the rest as JSON" {
    run_status 0 orch config router.mode
    [ "$output" = default ]
    [ -z "$stderr" ]
    run_status 0 orch-config engine.max_parallel
    [ "$output" = 4 ]
    run_status 0 orch config workflow.max_cost
    [ "$output" = 0.0 ]
    run_status 0 orch config git.name
    [ "$output" = "" ]
    run_status 0 orch config workflow.protected
    [ "$output" = '[".github/workflows/**"]' ]
    run_status 0 orch config workflow.timeout_by_complexity
    [ "$output" = '{"simple": 0, "medium": 0, "complex": 0}' ]
    run_status 0 orch config projects.o/r.js.trust
    [ "$output" = false ]
    run_status 0 orch config model_map.simple.claude
    [ "$output" = "" ]
}

@test "an unknown key is 66 and names the nearest" {
    run_status 66 orch config engine.max_paralel
    [ -z "$output" ]
    [ "${stderr_lines[0]}" = "orch config: no such key: engine.max_paralel" ]
    [ "${stderr_lines[1]}" = "orch config: hint: did you mean engine.max_parallel?" ]
    run_status 66 orch config agents.nobody.command
    [[ ${stderr_lines[1]} == *"orch agents"* ]]
    run_status 66 orch config ''
}

@test "no words, wrong words" {
    run_status 2 orch config
    [ -z "$output" ]
    run_status 2 orch config --nosuch
    run_status 2 orch config engine.max_parallel extra
    run_status 2 orch config set
    run_status 2 orch config set engine.max_parallel
    run_status 2 orch config set engine.max_parallel 7
    [[ $stderr == *"write: orch config set engine.max_parallel=7"* ]]
    run_status 2 orch config get
    run_status 0 orch config get engine.max_parallel
    [ "$output" = "$(orch config engine.max_parallel)" ]
    run_status 0 orch config --help
    [[ $output == *"Usage: orch config"* ]]
    run_status 0 orch config set --help
    [[ $output == *KEY=VALUE* ]]
}

@test "file, project file, environment" {
    config <<<'workflow: {max_attempts: 2, timeout_seconds: 5m}'
    run_status 0 orch config workflow.max_attempts
    [ "$output" = 2 ]
    run_status 0 orch config workflow.timeout_seconds
    [ "$output" = 300 ]
    run_status 0 env ORCH_WORKFLOW_MAX_ATTEMPTS=3 orch config workflow.max_attempts
    [ "$output" = 3 ]
    orch init --no-trust "$(repo)"
    project_file <<<'workflow: {max_attempts: 7}'
    run_status 0 orch config workflow.max_attempts
    [ "$output" = 2 ] # nothing says which project
    run_status 0 orch config --project local/app workflow.max_attempts
    [ "$output" = 7 ]
    run_status 0 orch config --project=app workflow.max_attempts
    [ "$output" = 7 ]
    run_status 0 env ORCH_PROJECT=local/app orch config workflow.max_attempts
    [ "$output" = 7 ]
    cd "$SANDBOX/code/app"
    run_status 0 orch config workflow.max_attempts
    [ "$output" = 7 ]
    run_status 66 orch config --project nosuch/one workflow.max_attempts
}

@test "a working tree's own file is not read" {
    orch init "$(repo)"
    cd "$SANDBOX/code/app"
    echo 'workflow: {max_attempts: 9}' >.orch.yml
    run_status 0 orch config workflow.max_attempts
    [ "$output" = 5 ]
}

@test "wrong values are 78, with every path" {
    config <<<'{engine: {max_parallel: lots}, router: {mode: llm}}'
    run_status 78 orch config git.name
    [[ $stderr == *"config.yml: engine.max_parallel: expected a whole number above 0, got the text \"lots\""* ]]
    [[ $stderr == *"router.mode"* ]]
    printf 'a: 1\n b: 2\n' | config
    run_status 78 orch config git.name
    [[ $stderr == *"$ORCH_HOME/config.yml:2:3: "* ]]
    rm "$ORCH_HOME/config.yml"
    run_status 78 env ORCH_ENGINE_MAX_PARALLEL=x orch config git.name
    [[ $stderr == *"ORCH_ENGINE_MAX_PARALLEL: expected"* ]]
}

@test "list prints every key, and set takes its lines" {
    orch config list >"$SANDBOX/list"
    grep -qx 'engine.max_parallel=4' "$SANDBOX/list"
    run_status 0 orch config list --json
    [ "$(printf '%s\n' "$output" | grep -c '"key"')" -eq "$(wc -l <"$SANDBOX/list")" ]
    [[ $output == *'{"key": "router.mode", "value": "default"}'* ]]
    while read -r line; do set -- "$@" "$line"; done < <(grep -v '=$' "$SANDBOX/list")
    run_status 0 orch config set "$@"
    run_status 0 orch config check
    orch config list | diff - "$SANDBOX/list"
}

@test "explain names origins and warns" {
    config <<<'{engine: {max_parallel: 2, tick: 3}, workflow: {verify: [a]}}'
    run_status 0 env ORCH_GIT_NAME=Ada orch config explain
    [[ $output == *"engine.max_parallel=2  # $ORCH_HOME/config.yml:engine.max_parallel"* ]]
    [[ $output == *"git.name=Ada  # ORCH_GIT_NAME"* ]]
    [[ $output == *"router.mode=default  # default"* ]]
    [[ $stderr == *"warning: $ORCH_HOME/config.yml: engine.tick: unknown key"* ]]
    run_status 0 orch config explain workflow.verify --json
    [[ $output == '{"key": "workflow.verify", "value": ["a"], "origin": "'*'config.yml:workflow.verify", "doc": '* ]]
    run_status 0 orch config explain workflow.timeout_by_complexity
    [[ $output == *"workflow.timeout_by_complexity.simple=0"* && $output != *verify* ]]
    run_status 66 orch config explain workflow.verfy
}

@test "hot reads are quiet about unknown keys" {
    config <<<'nosuch: 1'
    run_status 0 orch config router.mode
    [ -z "$stderr" ]
}

@test "check: ok, or every problem on stdout and 78" {
    run_status 0 orch config check
    [ -z "$output" ]
    [ "$stderr" = "orch config: ok" ]
    config <<<'{engine: {max_paralel: 2, tick_interval: soon}, agent: {}}'
    run_status 78 orch config check
    [ "${#lines[@]}" -eq 3 ]
    [[ $output == *"engine.max_paralel: unknown key; did you mean engine.max_parallel?"* ]]
    [[ $output == *"engine.tick_interval: expected seconds or a duration"* ]]
    [[ $output == *"agent: unknown key; did you mean agents?"* ]]
    [ "$stderr" = "orch config: 3 wrong" ]
}

@test "check looks at every project, and says what waits for trust" {
    orch init --no-trust "$(repo)"
    project_file <<<'{workflow: {verify: [make test]}}'
    run_status 0 orch config check
    [[ $stderr == *"note: local/app/.orch.yml: ignored until you trust this project: workflow.verify; add to $ORCH_HOME/config.yml the line"* ]]
    run_status 0 orch config set projects.local/app.trust=true
    run_status 0 orch config check --project local/app
    [ "$stderr" = "orch config: ok" ]
    run_status 0 orch config --project local/app workflow.verify
    [ "$output" = '["make test"]' ]
}

@test "set keeps comments and order, and writes all or nothing" {
    printf '# mine\nengine:\n    max_parallel: 4 # few\n    executor: auto\n' | config
    run_status 0 orch config set engine.max_parallel=2 'workflow.verify=["a, b"]'
    [ -z "$output" ]
    diff - "$ORCH_HOME/config.yml" <<'END'
# mine
engine:
    max_parallel: 2 # few
    executor: auto
workflow:
    verify:
      - a, b
END
    cp "$ORCH_HOME/config.yml" "$SANDBOX/before"
    run_status 78 orch config set engine.executor=tmux engine.max_parallel=none
    run_status 66 orch config set engine.executor=tmux engine.maxparallel=1
    [[ $stderr == *"did you mean engine.max_parallel?"* ]]
    cmp "$ORCH_HOME/config.yml" "$SANDBOX/before"
}

@test "set in a project's file, and in a file that is not there" {
    cd "$SANDBOX"
    run_status 0 orch config set workflow.verify='make test' --project-file .orch.yml
    [[ $stderr == *"changed $SANDBOX/.orch.yml"* ]]
    run_status 78 orch config set engine.max_parallel=1 --project-file .orch.yml
    printf 'workflow:\n  verify:\n    - make test\n' | cmp - .orch.yml
    rm -r "$ORCH_HOME"
    run_status 0 orch config set git.name=Ada
    [ "$(cat "$ORCH_HOME/config.yml")" = 'git:
  name: Ada' ]
}

@test "eight sets at once lose nothing" {
    local n
    for n in 1 2 3 4 5 6 7 8; do orch config set "model_map.simple.agent$n=m$n" 3>&- & done
    wait
    run_status 0 orch config model_map.simple
    for n in 1 2 3 4 5 6 7 8; do [[ $output == *"\"agent$n\": \"m$n\""* ]]; done
}

@test "a broken repository file stops only that project, even one made to crash the parser" {
    orch init "$(repo)"
    head -c 200000 /dev/zero | tr '\0' '[' | project_file
    run_status 78 orch config --project local/app router.mode
    [[ $stderr == *"too large or nested too deeply"* ]]
    run_status 0 orch config router.mode
}

@test "a home that is read-only can be read" {
    config <<<'git: {name: Ada}'
    chmod -w "$ORCH_HOME"
    run_status 0 orch config git.name
    [ "$output" = Ada ]
    run_status 0 orch config git.name
    [ "$output" = Ada ]
    chmod +w "$ORCH_HOME"
}

@test "home: where everything is, whichever place that is" {
    run_status 0 orch config home
    [ "$output" = "$ORCH_HOME" ]
    rmdir "$ORCH_HOME"
    unset ORCH_HOME
    run_status 0 orch config home
    [ "$output" = "$HOME/.orch" ]
    [ ! -e "$HOME/.orch" ]
    mkdir "$HOME/.orchestrator"
    run_status 0 orch config home
    [ "$output" = "$HOME/.orchestrator" ]
    [[ $stderr == *"warning: using $HOME/.orchestrator"* ]]
    run_status 2 orch config home extra
}

@test "set names everything that is wrong, and -p is --project" {
    run_status 78 orch config set foo=1 engine.max_paralell=4 engine.max_parallel=x router.mode=y workflow.finish=z
    [[ $stderr == *"no such key: foo"*"did you mean engine.max_parallel?"*"engine.max_parallel: expected"*"router.mode: "*"workflow.finish: "* ]]
    [ ! -e "$ORCH_HOME/config.yml" ]
    orch init --no-trust "$(repo)" 2>/dev/null
    project_file <<<'workflow: {max_attempts: 7}'
    for words in "-p app workflow.max_attempts" "-papp workflow.max_attempts" "get -p app workflow.max_attempts"; do
        run_status 0 orch config $words
        [ "$output" = 7 ]
    done
    orch config list -p app | grep -qx workflow.max_attempts=7
    orch config -p app explain workflow.max_attempts | grep -q =7
    run_status 0 orch agents -p app --json
}

@test "what only looks makes no home and no cache" {
    rmdir "$ORCH_HOME"
    for words in status "config list" "config engine.max_parallel" agents "task list" tick; do
        run_status 0 orch $words
    done
    [ ! -e "$ORCH_HOME" ]
    mkdir "$ORCH_HOME"
    run_status 0 orch status
    [ -z "$(ls -A "$ORCH_HOME")" ]
}
