#!/bin/sh
# The main job on a throw-away project: five tasks go in, checked branches come out. `make demo` runs it.
#
#   AGENT=claude shell/demo.sh     the same with a real agent (any that `orch agents` lists)
#   KEEP=1 shell/demo.sh           leave the directory for a look afterwards
set -eu

agent=${AGENT:-rehearsal}
here=$(cd "$(dirname "$0")/.." && pwd)
PATH=$here/bin:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/orch-demo.XXXXXX")
ORCH_HOME=$work/home
GIT_PAGER=cat # what is printed by git goes by as the rest does; `more` would wait for a key
export PATH ORCH_HOME GIT_PAGER
unset ORCH_PROJECT ORCH_WORKTREES || :

finish() {
    status=$?
    if [ -n "${KEEP:-}" ]; then
        printf '\nleft for you to look at: ORCH_HOME=%s\n' "$ORCH_HOME"
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
shown() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; "$@"; }
git_() { git -c user.name=demo -c user.email=demo@localhost -c init.defaultBranch=main -c commit.gpgsign=false "$@"; }

step "A project: a small program, its tests, and a bare remote"
mkdir "$work/greet"
cd "$work/greet"
cat >greet.sh <<'END'
#!/bin/sh
echo "hello, ${1:-world}"
END
cat >test.sh <<'END'
#!/bin/sh
# Every file of cases names a call and what it must print.
fail=0
for case in cases/*; do
    [ -e "$case" ] || continue
    call=$(sed -n 1p "$case") want=$(sed 1d "$case")
    got=$(sh -c "$call" 2>&1)
    if [ "$got" = "$want" ]; then echo "ok - $case"; else echo "not ok - $case: got '$got', want '$want'"; fail=1; fi
done
exit $fail
END
mkdir cases
printf 'sh greet.sh\nhello, world\n' >cases/world
git_ init -q .
git_ add -A
git_ commit -qm "greet the world"
git_ clone -q --bare . "$work/greet.git"
git_ remote add origin "$work/greet.git"
git_ fetch -q origin
shown orch init --no-trust
orch config set router.default_agent="$agent" workflow.verify='["sh test.sh"]' engine.max_parallel=3

step "Five tasks"
# A rehearsal acts out the body of its task; a real agent reads the same words in English.
add() { # TITLE REHEARSAL ENGLISH [OPTION...]
    title=$1 script=$2 english=$3
    shift 3
    if [ "$agent" = rehearsal ]; then body=$script; else body=$english; fi
    orch task add "$title" --body "$body" "$@"
}
add "Greet several people" \
'say I add a case and teach greet.sh a loop
write cases/two <<END
sh greet.sh ann bob
hello, ann
hello, bob
END
write greet.sh <<END
#!/bin/sh
for name in "${@:-world}"; do echo "hello, $name"; done
END
commit greet: take several names
done greet.sh greets each name on a line of its own' \
'greet.sh NAME... shall greet each name on a line of its own. Add a file to cases/ that shows it (first line: the call, then the output).'
add "Say goodbye" \
'on 1: write cases/bye <<END
sh bye.sh
goodbye, world
END
on 1: write bye.sh echo "bye, world"
on 1: commit bye: a first version
on 1: done it says bye
on 2: say the check told me what is wrong
on 2: write bye.sh echo "goodbye, world"
on 2: commit bye: say what the case wants
on 2: done bye.sh says goodbye' \
'Add bye.sh, which prints "goodbye, world", and a case for it in cases/.'
add "Choose a licence" \
'help Which licence do you want: MIT or GPL?' \
'Do not change anything. Ask for help: a person has to say which licence the project gets.'
first=$(add "Add an option --loud" \
'write cases/loud <<END
sh loud.sh ann
HELLO, ANN
END
write loud.sh sh greet.sh "$@" | tr a-z A-Z
commit loud: greet in capitals
done loud.sh greets in capitals' \
'Add loud.sh, which greets in capitals through greet.sh, and a case for it in cases/.' --finish merge)
echo "$first"
add "Document loud.sh" \
'append README.md loud.sh: greets in capitals
commit readme: say what loud.sh does
done documented' \
'Write a line about loud.sh into README.md (create it).' --depends-on "$first"

step "orch tick, until everything rests (cron would do this)"
count=0
while orch task list --json | grep -Eq '"status": "(new|routed|in_progress|blocked)"'; do
    orch tick | sed -n 's/.*"id": "\([^"]*\)".*"status": "\([^"]*\)".*/  \1 \2/p' || :
    count=$((count + 1))
    if [ "$count" -gt "${TICKS:-600}" ]; then
        echo "it does not come to rest; see ORCH_HOME=$ORCH_HOME" >&2
        KEEP=1
        exit 1
    fi
    sleep 0.2
done

step "The board"
shown orch task list
step "The history of the one that failed its checks first"
shown orch task get int-2
step "What the remote has now"
shown git --git-dir="$work/greet.git" log --oneline --graph --all
step "Your own checkout was not touched"
shown git status --short --branch
step "One task waits for a person"
shown orch why int-3
printf '\nThe same in a repository of yours: "Five minutes" in README.md.\n'
