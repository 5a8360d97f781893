# orch init, orch project: registering repositories.
load helper

# What may not change in a person's checkout: every file's name, size, mode, time and content.
fingerprint() {
    local style=--time-style=full-iso
    ls -d "$style" / >/dev/null 2>&1 || style=-T
    (cd "$1" && find . -exec ls -ld "$style" {} + && find . -type f -exec cksum {} +)
}

@test "init registers, writes config.yml, trusts, and does nothing the second time" {
    path=$(repo)
    rm -r "$ORCH_HOME"
    cd "$path"
    run_status 0 orch init
    [ "$output" = local/app ]
    [[ $stderr == *"orch init: local/app: added"* && $stderr == *"wrote $ORCH_HOME/config.yml"* && $stderr == *"projects.local/app.trust"* ]]
    [[ $stderr == *"commit a file .orch.yml"* ]]
    [ "$(orch config projects.local/app.trust)" = true ]
    [ "$(orch config engine.path)" = "$PATH" ]
    git -C "$ORCH_HOME/projects/local/app.git" rev-parse -q --verify refs/heads/main
    cp "$ORCH_HOME/config.yml" "$SANDBOX/config"
    run_status 0 orch init "$path"
    [ "$output" = local/app ]
    [[ $stderr == *"registered already"* ]]
    cmp "$ORCH_HOME/config.yml" "$SANDBOX/config"
    mkdir sub && cd sub
    run_status 0 orch init
    [ "$output" = local/app ]
}

@test "init leaves the checkout byte for byte as it is" {
    path=$(repo)
    echo dirty >"$path/untracked"
    echo more >>"$path/README.md"
    mkdir -p "$path/.git/hooks"
    printf '#!/bin/sh\ntouch %s/hook-ran\n' "$SANDBOX" | tee "$path/.git/hooks/post-checkout" >"$path/.git/hooks/reference-transaction"
    chmod +x "$path"/.git/hooks/*
    git -C "$path" config core.fsmonitor "$SANDBOX/evil"
    fingerprint "$path" >"$SANDBOX/before"
    run_status 0 orch init "$path"
    fingerprint "$path" | diff "$SANDBOX/before" -
    [ ! -e "$SANDBOX/hook-ran" ]
}

@test "init --no-trust, and a user who said no" {
    path=$(repo)
    run_status 0 orch init --no-trust "$path"
    [ "$(orch config projects.local/app.trust)" = false ]
    orch config set projects.local/app.trust=false
    run_status 0 orch init "$path"
    [[ $stderr == *"not trusted, as $ORCH_HOME/config.yml says"* ]]
    [ "$(orch config projects.local/app.trust)" = false ]
}

@test "init keeps a config.yml that is there, with its comments" {
    printf '# mine\ngit: {name: Ada}\n' >"$ORCH_HOME/config.yml"
    run_status 0 orch init "$(repo)"
    [ "$(cat "$ORCH_HOME/config.yml")" = '# mine
git: {name: Ada}
projects:
  local/app:
    trust: true' ]
}

@test "where the origin is a checkout, it is said what cannot be merged there" {
    path=$(repo app)
    run_status 0 orch init --name o/remote "$path"
    [[ $stderr != *"is a checkout"* ]]
    path=$(repo own)
    git -C "$path" remote remove origin
    run_status 0 orch init --name o/own "$path"
    [[ $stderr == *"$path is a checkout: results come into it as branches"* ]]
}

@test "init with an .orch.yml: it counts when trusted, and says so when not" {
    path=$(repo)
    echo 'workflow: {verify: [make test]}' >"$path/.orch.yml"
    git -C "$path" add -A && git -C "$path" commit -qm config && git -C "$path" push -q
    run_status 0 orch init --no-trust "$path"
    [[ $stderr == *"ignored until you trust this project: workflow.verify; add to $ORCH_HOME/config.yml the line \`projects: {local/app: {trust: true}}\`"* ]]
    [[ $stderr != *"commit a file .orch.yml"* ]]
    run_status 0 orch init "$path"
    [[ $stderr != *"ignored until"* ]]
    [ "$(orch config --project app workflow.verify)" = '["make test"]' ]
}

@test "what is no repository, what has no commits, what is not there" {
    mkdir "$SANDBOX/plain"
    run_status 65 orch init "$SANDBOX/plain"
    [ "${stderr_lines[0]}" = "orch init: $SANDBOX/plain: not a git repository" ]
    [[ ${stderr_lines[1]} == *"git init"* ]]
    git init -q "$SANDBOX/empty"
    run_status 65 orch init "$SANDBOX/empty"
    [[ $stderr == *"nothing is committed yet"*"hint: commit something first"* ]]
    run_status 66 orch init "$SANDBOX/nowhere"
    run_status 65 orch init --name ../evil "$(repo)"
    run_status 65 orch init --name inbox/evil "$SANDBOX/code/app"
    run_status 0 orch project list
    [ -z "$output" ]
    [ ! -e "$ORCH_HOME/config.yml" ]
}

@test "several projects side by side, same names apart" {
    one=$(repo one/app) other=$(repo two/app)
    run_status 0 orch init "$one"
    run_status 73 orch init "$other"
    [[ $stderr == *"local/app is registered already, for $one"*"hint: pass --name owner/repo"* ]]
    run_status 0 orch init --name team/app "$other"
    [ "$output" = team/app ]
    run_status 73 orch init --name third/app "$other"
    [[ $stderr == *"is the project team/app already"* ]]
    run_status 0 orch project list
    [ "${lines[0]}" = "local/app  $one  $SANDBOX/remotes/one/app.git" ]
    [ "${lines[1]}" = "team/app  $other  $SANDBOX/remotes/two/app.git" ]
}

@test "add a path, a bare repository, a URL, O/R" {
    path=$(repo)
    git clone -q --bare "$path" "$SANDBOX/srv.git"
    git config --global "url.$SANDBOX/srv.git.insteadOf" https://example.org/acme/lib.git
    git config --global --add "url.$SANDBOX/srv.git.insteadOf" https://github.com/acme/tool.git
    run_status 0 orch project add "$path"
    [ "$output" = local/app ]
    [ ! -e "$ORCH_HOME/config.yml" ] # adding trusts nothing
    run_status 0 orch project add "$SANDBOX/srv.git"
    [ "$output" = local/srv ]
    run_status 0 orch project add https://example.org/acme/lib.git
    [ "$output" = acme/lib ]
    run_status 0 orch project add acme/tool
    [ "$output" = acme/tool ]
    run_status 0 orch project add acme/tool --name mine/tool
    [ "$output" = mine/tool ]
    run_status 0 orch project add acme/tool
    [[ $stderr == *"registered already"* ]]
    run_status 66 orch project add nosuch
    [ "$(orch project list --json | grep -c '"slug"')" -eq 5 ]
}

@test "a remote that is gone: listed as missing, and not to be added" {
    orch project add "$(repo)"
    rm -rf "$SANDBOX/remotes/app.git"
    run_status 0 orch project list
    [ "$output" = "local/app  $SANDBOX/code/app  $SANDBOX/remotes/app.git  (missing: origin)" ]
    mv "$SANDBOX/code/app" "$SANDBOX/code/elsewhere"
    run_status 0 orch project list --json
    [[ $output == *'"missing": ["path", "origin"]'* ]]
    run_status 75 orch init --name other/name "$SANDBOX/code/elsewhere"
    [ "$(orch project list | wc -l)" -eq 1 ]
}

@test "list shows no password, and a broken record stops no other" {
    orch project add "$(repo one)"
    orch project add "$(repo two)"
    sed -i.bak "s|$SANDBOX/remotes/one.git|https://me:secret@example.org/x/one|" "$ORCH_HOME/projects/local/one.json"
    echo '{' >"$ORCH_HOME/projects/local/two.json"
    run_status 65 orch project list
    [ "$output" = "local/one  $SANDBOX/code/one  https://***@example.org/x/one" ]
    [[ $stderr == *"two.json: not JSON"* ]]
    run_status 65 orch project list --json
    [[ $output != *secret* ]]
}

@test "remove moves aside, says where, and can be undone" {
    orch init "$(repo)"
    run_status 66 orch project remove local/ap
    [[ $stderr == *"did you mean local/app?"* ]]
    run_status 0 orch project remove local/app
    record=$(printf '%s\n' "$stderr" | sed -n 's/.* to \(.*project.json\)$/\1/p')
    [ -e "$record" ]
    [ ! -e "$ORCH_HOME/projects/local/app.json" ]
    [ -d "$ORCH_HOME/projects/local/app.git" ]
    [ "$(orch config projects.local/app.trust)" = false ] # the next of that name does not inherit it
    [ -z "$(orch project list)" ]
    mv "$record" "$ORCH_HOME/projects/local/app.json"
    [ -n "$(orch project list)" ]
    run_status 0 orch project remove --purge app
    [ ! -e "$ORCH_HOME/projects/local/app.git" ]
    [ -d "$ORCH_HOME/.orch/trash/local/"app-*/mirror.git ]
}

@test "remove refuses while tasks are open" {
    orch init "$(repo)"
    orch task add --project local/app "do something"
    run_status 77 orch project remove local/app
    [[ $stderr == *"there are open tasks: int-1"*"--force"* ]]
    run_status 0 orch project remove --force local/app
}
