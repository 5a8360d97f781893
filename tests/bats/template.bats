# orch template PATH [NAME=VALUE..]: render a file.
load helper

@test "values come from the command line and from nowhere else" {
    cd "$SANDBOX"
    printf 'Hello {{ name }},\n{%% if late %%}\n  you are late.\n{%% endif %%}\n{{ name | upper }}' >t
    name=env run_status 0 orch template t name=Ada late=yes
    [ "$output" = "Hello Ada,
  you are late.
ADA" ]
    run_status 0 orch-template "$SANDBOX/t" name=A=B late=
    [ "$output" = "Hello A=B,
A=B" ]
    HOME=x name=env run_status 65 orch template t late=
    [ -z "$output" ]
    [[ ${stderr_lines[0]} == "orch template: template $SANDBOX/t, line 1: 'name' is undefined" ]]
    [[ ${stderr_lines[1]} == "orch template: hint: it may use late" ]]
}

@test "a value is data: it is never expanded, and no character of it is changed" {
    cd "$SANDBOX"
    printf '%s\n' '{{ v }}' >t
    for value in '{{ 7 * 7 }}' '{% raw %}' '<b>&"' '$HOME `date`' '../x' 'ü 🙂' $'two\nlines' '-v' ''; do
        run_status 0 orch template t "v=$value"
        [ "$output" = "$value" ]
    done
    orch template t 'v=x' | cmp - <(printf 'x\n')
    printf '{{ v }}' >t
    orch template t "v= x " | cmp - <(printf ' x ')
}

@test "nested values come by --json, from a file or standard input" {
    cd "$SANDBOX"
    echo '{% for each in task.labels %}{{ each }};{% endfor %} {{ task.title }} {{ n + 1 }}' >t
    echo '{"task": {"title": "{{ n }}", "labels": ["a", "b"]}, "n": 1}' >values
    run_status 0 orch template t --json values
    [ "$output" = 'a;b; {{ n }} 2' ]
    run_status 0 bash -c 'orch template t --json - <values'
    [ "$output" = 'a;b; {{ n }} 2' ]
    run_status 65 orch template t --json values n=3 # a text has no + 1
    echo '{{ a }}{{ b }}' >t
    run_status 0 bash -c "echo '{\"a\": 1, \"b\": 2}' | orch template t --json - b=3"
    [ "$output" = 13 ]
    run_status 65 bash -c "echo '{\"a\": {}}' | orch template t --json -"
    run_status 65 bash -c "echo '[1]' | orch template t --json -"
    run_status 65 bash -c "echo '{' | orch template t --json -"
    run_status 66 orch template t --json nosuch
}

@test "the template may come by standard input" {
    run_status 0 bash -c "echo 'Hi {{ a }}' | orch template - a=b"
    [ "$output" = "Hi b" ]
    run_status 0 orch template - </dev/null
    [ -z "$output" ]
    run_status 2 orch template - --json -
    run_status 65 bash -c "printf '\377' | orch template -"
    run_status 65 bash -c "echo '{{ a }}' | orch template -"
    [ "${stderr_lines[0]}" = "orch template: template standard input, line 1: 'a' is undefined" ]
    run_status 0 bash -c "orch template <(echo 'Hi {{ a }}') a=b"
    [ "$output" = "Hi b" ]
}

@test "it includes what lies beside it, and nothing else" {
    cd "$SANDBOX"
    mkdir below
    echo 'inner {{ a }}' >inner
    echo 'deep {{ a }}' >below/inner
    echo '{% include "inner" %}{% include "below/inner" %}' >t
    run_status 0 orch template t a=1
    [ "$output" = "inner 1
deep 1" ]
    echo '{% include "../inner" %}' >below/t
    run_status 65 orch template below/t a=1
    echo "{% include \"$SANDBOX/inner\" %}" >below/t
    run_status 65 orch template below/t a=1
    echo '{% include "/etc/passwd" %}' >t
    run_status 65 orch template t
    [ -z "$output" ]
}

@test "a broken template is 65 with its line, and the sandbox holds" {
    cd "$SANDBOX"
    printf 'one\n{%% if %%}\n' >t
    run_status 65 orch template t
    [[ $stderr == *"$SANDBOX/t, line 2: "* ]]
    for wrong in "{{ ''.__class__.__mro__ }}" '{{ 1 / 0 }}' '{{ nosuch() }}' '{% for i in range(999999999) %}{% endfor %}' '{% include "t" %}'; do
        printf 'one\n%s\n' "$wrong" >t
        run_status 65 orch template t
        [ -z "$output" ]
        [[ $stderr == *"$SANDBOX/t, line 2: "* ]]
    done
}

@test "usage 2, no such file 66, no UTF-8 65" {
    run_status 2 orch template
    run_status 66 orch template "$SANDBOX/nosuch"
    [[ $stderr == "orch template: $SANDBOX/nosuch: "* ]]
    printf '\377' >"$SANDBOX/t"
    run_status 65 orch template "$SANDBOX/t"
    run_status 2 orch template "$SANDBOX/t" novalue
    run_status 2 orch template "$SANDBOX/t" 'a.b=c'
    run_status 2 orch template "$SANDBOX/t" =c
    run_status 74 orch template "$SANDBOX"
}

@test "the shipped filters fence text in" {
    printf '{{ v | fenced }}\n{{ v | code }}\n{{ v | cap(30) }}' >"$SANDBOX/t"
    run_status 0 orch template "$SANDBOX/t" 'v=a ``` b'
    [ "$output" = '````
a ``` b
````
````a ``` b````
a ``` b' ]
}
