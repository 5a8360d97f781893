# Made by `make completion` from orch's own commands; change shell/completion/generate.py instead.
# bash: source this file, or put it where bash-completion looks (share/bash-completion/completions/orch).

# What stands at a place (a word, or a word and its sub-word): sub-words, options, what an option's value is, what arguments are.
_orch_members() {
    case $1 in
    'project') echo 'add list remove' ;;
    'config') echo 'list explain check set home' ;;
    'task') echo 'add list get status tree live attach set route run publish retry unblock cancel kill' ;;
    'sidecar') echo 'get set' ;;
    'cron') echo 'next' ;;
    esac
}
_orch_options() {
    case $1 in
    'init') echo '--name --no-trust -h --help' ;;
    'project') echo '-h --help' ;;
    'project add') echo '--name -h --help' ;;
    'project list') echo '--json -h --help' ;;
    'project remove') echo '--force --purge -h --help' ;;
    'config') echo '-p -h --help' ;;
    'config list') echo '--json -p -h --help' ;;
    'config explain') echo '--json -p -h --help' ;;
    'config check') echo '-p -h --help' ;;
    'config set') echo '--project-file -h --help' ;;
    'config home') echo '-h --help' ;;
    'agents') echo '--json --versions --project -p -h --help' ;;
    'help') echo '-a -h --help' ;;
    'version') echo '-h --help' ;;
    'task') echo '-h --help' ;;
    'task add') echo '--body -b --label -l --priority --depends-on -d --parent --agent -a --model -m --complexity --project -p --verify --finish --timeout --from --dry-run -n --json -h --help' ;;
    'task list') echo '--status -s --label -l --project -p --source --agent --priority --all --sort --watch -w --json -h --help' ;;
    'task get') echo '--project -p --json -h --help' ;;
    'task status') echo '--project -p --json -h --help' ;;
    'task tree') echo '--project -p --all --json -h --help' ;;
    'task live') echo '--project -p --watch -w --json -h --help' ;;
    'task attach') echo '--project -p -h --help' ;;
    'task set') echo '--project -p --json -h --help' ;;
    'task route') echo '--project -p --dry-run -n -h --help' ;;
    'task run') echo '--project -p -h --help' ;;
    'task publish') echo '--project -p --accept -h --help' ;;
    'task retry') echo '--all --status -s --label -l --project -p --source --agent --priority --json -h --help' ;;
    'task unblock') echo '--all --status -s --label -l --project -p --source --agent --priority --json -h --help' ;;
    'task cancel') echo '--all --status -s --label -l --project -p --source --agent --priority --json -h --help' ;;
    'task kill') echo '--project -p --json -h --help' ;;
    'status') echo '--project -p --watch -w --json -h --help' ;;
    'stream') echo '--project -p --attempt -a --since --lines -n --stdout --stderr --no-follow --words --raw --json -h --help' ;;
    'log') echo '--task -t --project -p --json -h --help' ;;
    'why') echo '--project -p --json -h --help' ;;
    'at') echo '--project -p --json -h --help' ;;
    'diff') echo '--project -p --stat --attempt -a -h --help' ;;
    'undo') echo '--project -p --number -n --list -h --help' ;;
    'tick') echo '-h --help' ;;
    'serve') echo '--ticks -n -h --help' ;;
    'route') echo '--project -p --dry-run -n -h --help' ;;
    'run') echo '--project -p -h --help' ;;
    'attempt') echo '-h --help' ;;
    'reap') echo '--project -p -h --help' ;;
    'verify') echo '--project -p --check -h --help' ;;
    'publish') echo '--project -p --accept -h --help' ;;
    'outbox') echo '--project -p -h --help' ;;
    'sidecar') echo '-h --help' ;;
    'sidecar get') echo '-p -h --help' ;;
    'sidecar set') echo '-p -h --help' ;;
    'cron') echo '--tz --since -h --help' ;;
    'cron next') echo '-n --from --tz --json -h --help' ;;
    'template') echo '--json -h --help' ;;
    'parse') echo '-h --help' ;;
    'result') echo '--status --summary --reason --accomplished --remaining --blocker --learning --file --json -h --help' ;;
    'lock') echo '--wait -h --help' ;;
    esac
}
_orch_value() {
    case $1 in
    'init --name') echo 'projects' ;;
    'project add --name') echo 'projects' ;;
    'config -p') echo 'projects' ;;
    'config list -p') echo 'projects' ;;
    'config explain -p') echo 'projects' ;;
    'config check -p') echo 'projects' ;;
    'config set --project-file') echo 'files' ;;
    'agents --project'|'agents -p') echo 'projects' ;;
    'task add --body'|'task add -b') echo 'files' ;;
    'task add --label'|'task add -l') echo '-' ;;
    'task add --priority') echo '-' ;;
    'task add --depends-on'|'task add -d') echo 'tasks' ;;
    'task add --parent') echo 'tasks' ;;
    'task add --agent'|'task add -a') echo 'agents' ;;
    'task add --model'|'task add -m') echo '-' ;;
    'task add --complexity') echo '=simple medium complex' ;;
    'task add --project'|'task add -p') echo 'projects' ;;
    'task add --verify') echo '-' ;;
    'task add --finish') echo '=branch merge' ;;
    'task add --timeout') echo '-' ;;
    'task add --from') echo 'files' ;;
    'task list --status'|'task list -s') echo '=new routed in_progress in_review blocked needs_review done' ;;
    'task list --label'|'task list -l') echo '-' ;;
    'task list --project'|'task list -p') echo 'projects' ;;
    'task list --source') echo '=local inbox job child github' ;;
    'task list --agent') echo 'agents' ;;
    'task list --priority') echo '-' ;;
    'task list --sort') echo '=id priority status agent project title created updated' ;;
    'task get --project'|'task get -p') echo 'projects' ;;
    'task status --project'|'task status -p') echo 'projects' ;;
    'task tree --project'|'task tree -p') echo 'projects' ;;
    'task live --project'|'task live -p') echo 'projects' ;;
    'task attach --project'|'task attach -p') echo 'projects' ;;
    'task set --project'|'task set -p') echo 'projects' ;;
    'task route --project'|'task route -p') echo 'projects' ;;
    'task run --project'|'task run -p') echo 'projects' ;;
    'task publish --project'|'task publish -p') echo 'projects' ;;
    'task retry --status'|'task retry -s') echo '=new routed in_progress in_review blocked needs_review done' ;;
    'task retry --label'|'task retry -l') echo '-' ;;
    'task retry --project'|'task retry -p') echo 'projects' ;;
    'task retry --source') echo '=local inbox job child github' ;;
    'task retry --agent') echo 'agents' ;;
    'task retry --priority') echo '-' ;;
    'task unblock --status'|'task unblock -s') echo '=new routed in_progress in_review blocked needs_review done' ;;
    'task unblock --label'|'task unblock -l') echo '-' ;;
    'task unblock --project'|'task unblock -p') echo 'projects' ;;
    'task unblock --source') echo '=local inbox job child github' ;;
    'task unblock --agent') echo 'agents' ;;
    'task unblock --priority') echo '-' ;;
    'task cancel --status'|'task cancel -s') echo '=new routed in_progress in_review blocked needs_review done' ;;
    'task cancel --label'|'task cancel -l') echo '-' ;;
    'task cancel --project'|'task cancel -p') echo 'projects' ;;
    'task cancel --source') echo '=local inbox job child github' ;;
    'task cancel --agent') echo 'agents' ;;
    'task cancel --priority') echo '-' ;;
    'task kill --project'|'task kill -p') echo 'projects' ;;
    'status --project'|'status -p') echo 'projects' ;;
    'stream --project'|'stream -p') echo 'projects' ;;
    'stream --attempt'|'stream -a') echo '-' ;;
    'stream --since') echo '-' ;;
    'stream --lines'|'stream -n') echo '-' ;;
    'log --task'|'log -t') echo 'tasks' ;;
    'log --project'|'log -p') echo 'projects' ;;
    'why --project'|'why -p') echo 'projects' ;;
    'at --project'|'at -p') echo 'projects' ;;
    'diff --project'|'diff -p') echo 'projects' ;;
    'diff --attempt'|'diff -a') echo '-' ;;
    'undo --project'|'undo -p') echo 'projects' ;;
    'undo --number'|'undo -n') echo '-' ;;
    'serve --ticks'|'serve -n') echo '-' ;;
    'route --project'|'route -p') echo 'projects' ;;
    'run --project'|'run -p') echo 'projects' ;;
    'reap --project'|'reap -p') echo 'projects' ;;
    'verify --project'|'verify -p') echo 'projects' ;;
    'publish --project'|'publish -p') echo 'projects' ;;
    'outbox --project'|'outbox -p') echo 'projects' ;;
    'sidecar get -p') echo 'projects' ;;
    'sidecar set -p') echo 'projects' ;;
    'cron --tz') echo '-' ;;
    'cron --since') echo '-' ;;
    'cron next -n') echo '-' ;;
    'cron next --from') echo '-' ;;
    'cron next --tz') echo '-' ;;
    'template --json') echo 'files' ;;
    'result --status') echo '=done no_change help blocked failed' ;;
    'result --summary') echo '-' ;;
    'result --reason') echo '-' ;;
    'result --accomplished') echo '-' ;;
    'result --remaining') echo '-' ;;
    'result --blocker') echo '-' ;;
    'result --learning') echo '-' ;;
    'result --file') echo 'files' ;;
    'lock --wait') echo '-' ;;
    esac
}
_orch_kind() {
    case $1 in
    'init') echo 'files' ;;
    'project add') echo 'files' ;;
    'project remove') echo 'projects' ;;
    'config') echo '=engine.max_parallel engine.tick_interval engine.executor engine.path engine.archive_after engine.retention_days engine.retention_bytes engine.log_bytes workflow.finish workflow.verify workflow.setup workflow.copy workflow.max_attempts workflow.retry_seconds workflow.timeout_seconds workflow.timeout_by_complexity.simple workflow.timeout_by_complexity.medium workflow.timeout_by_complexity.complex workflow.idle_seconds workflow.verify_seconds workflow.setup_seconds workflow.output_bytes workflow.max_tokens workflow.max_cost workflow.protected workflow.big_file_bytes workflow.body_chars workflow.merge_strategy router.mode router.default_agent router.agents git.name git.email project.default_branch' ;;
    'config explain') echo '=engine.max_parallel engine.tick_interval engine.executor engine.path engine.archive_after engine.retention_days engine.retention_bytes engine.log_bytes workflow.finish workflow.verify workflow.setup workflow.copy workflow.max_attempts workflow.retry_seconds workflow.timeout_seconds workflow.timeout_by_complexity.simple workflow.timeout_by_complexity.medium workflow.timeout_by_complexity.complex workflow.idle_seconds workflow.verify_seconds workflow.setup_seconds workflow.output_bytes workflow.max_tokens workflow.max_cost workflow.protected workflow.big_file_bytes workflow.body_chars workflow.merge_strategy router.mode router.default_agent router.agents git.name git.email project.default_branch' ;;
    'config set') echo '=engine.max_parallel= engine.tick_interval= engine.executor= engine.path= engine.archive_after= engine.retention_days= engine.retention_bytes= engine.log_bytes= workflow.finish= workflow.verify= workflow.setup= workflow.copy= workflow.max_attempts= workflow.retry_seconds= workflow.timeout_seconds= workflow.timeout_by_complexity.simple= workflow.timeout_by_complexity.medium= workflow.timeout_by_complexity.complex= workflow.idle_seconds= workflow.verify_seconds= workflow.setup_seconds= workflow.output_bytes= workflow.max_tokens= workflow.max_cost= workflow.protected= workflow.big_file_bytes= workflow.body_chars= workflow.merge_strategy= router.mode= router.default_agent= router.agents= git.name= git.email= project.default_branch=' ;;
    'help') echo '=init project config agents help version task status stream log why at diff undo tick serve route run attempt reap verify publish outbox sidecar cron template parse result lock' ;;
    'task get') echo 'tasks' ;;
    'task tree') echo 'tasks' ;;
    'task attach') echo 'tasks' ;;
    'task set') echo 'tasks' ;;
    'task route') echo 'tasks' ;;
    'task run') echo 'tasks' ;;
    'task publish') echo 'tasks' ;;
    'task retry') echo 'tasks' ;;
    'task unblock') echo 'tasks' ;;
    'task cancel') echo 'tasks' ;;
    'task kill') echo 'tasks' ;;
    'stream') echo 'tasks' ;;
    'why') echo 'tasks' ;;
    'diff') echo 'tasks' ;;
    'undo') echo 'tasks' ;;
    'route') echo 'tasks' ;;
    'run') echo 'tasks' ;;
    'attempt') echo 'files' ;;
    'reap') echo 'tasks' ;;
    'verify') echo 'tasks' ;;
    'publish') echo 'tasks' ;;
    'outbox') echo '=list deliver drop' ;;
    'sidecar get') echo 'tasks' ;;
    'sidecar set') echo 'tasks' ;;
    'template') echo 'files' ;;
    'parse') echo 'files' ;;
    'lock') echo 'files' ;;
    esac
}

_orch() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} program=${COMP_WORDS[0]##*/} orch=$1
    local place at=1 kind= words= mark=
    COMPREPLY=()
    case $cur in # bash cuts --status=new into three words, and @file into two
    = | *@) mark=${cur#=} cur= ;;
    *) case $prev in = | *@) mark=${prev#=} prev=${COMP_WORDS[COMP_CWORD-2]} ;; esac ;;
    esac
    case $program in
    orch-*) place=${program#orch-} orch=${orch%-"$place"} ;;
    *)
        if [ "$COMP_CWORD" -eq 1 ]; then
            COMPREPLY=($(compgen -W "init project config agents help version task status stream log why at diff undo tick serve route run attempt reap verify publish outbox sidecar cron template parse result lock --help --version $("$orch" --complete plugins 2>/dev/null)" -- "$cur"))
            return
        fi
        place=${COMP_WORDS[1]} at=2
        ;;
    esac
    [ -n "$(_orch_options "$place")" ] || kind=files # of a plugin we know nothing
    words=$(_orch_members "$place")
    if [ -n "$words" ] && [ "$COMP_CWORD" -gt "$at" ]; then
        case " $words " in *" ${COMP_WORDS[at]} "*) place="$place ${COMP_WORDS[at]}" words= ;; esac
    fi
    [ -n "$kind" ] || kind=$(_orch_value "$place $prev")
    if [ -z "$kind" ]; then
        case $cur in
        -*) COMPREPLY=($(compgen -W "$(_orch_options "$place")" -- "$cur")); return ;;
        esac
        kind=$(_orch_kind "$place")
        [ "$COMP_CWORD" -eq "$at" ] || words=
    else
        words=
    fi
    case $kind in
    files)
        if [ -n "$mark" ]; then
            local IFS=$'\n' found
            found=($(compgen -f -- "$cur"))
            [ ${#found[@]} -eq 0 ] || COMPREPLY=($(printf "$mark%q\n" "${found[@]}"))
        else
            compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$cur"))
        fi
        return
        ;;
    =*) words="$words ${kind#=}" ;;
    tasks|projects|agents) words="$words $("$orch" --complete "$kind" 2>/dev/null)" ;;
    esac
    [ -z "$words" ] || COMPREPLY+=($(compgen -W "$words" -- "$cur"))
    case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _orch orch orch-route orch-run orch-attempt orch-reap orch-verify orch-publish orch-outbox orch-sidecar orch-cron orch-template orch-parse orch-result orch-lock orch-config orch-tick
