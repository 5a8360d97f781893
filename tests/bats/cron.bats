# orch cron EXPR: a question with an exit status; orch cron next: the times to come.
load helper

now() {
    export ORCH_TEST_NOW=$1 TZ=UTC
}

@test "0 when the expression is due in this minute, 1 when not, and never a word" {
    now 2026-11-20T07:30:42Z # a Friday
    for expr in '* * * * *' '30 7 * * *' '30 7 * * mon-fri' '*/15 * * * *' '30 7 20 nov *' '30 7 1 * 5' '30 7 * * FRI'; do
        run_status 0 orch cron "$expr"
        [ -z "$output$stderr" ]
    done
    for expr in '31 7 * * *' '30 7 * * mon' '0 0 31 2 *' '@hourly' '30 7 1 * 1'; do
        run_status 1 orch cron "$expr"
        [ -z "$output$stderr" ]
    done
    now 2026-01-01T00:00:00Z # a Thursday
    for expr in @hourly @daily @midnight @monthly @yearly @annually; do
        run_status 0 orch cron "$expr"
    done
    run_status 1 orch cron @weekly
    now 2026-11-22T00:00:00Z # a Sunday
    for expr in @weekly '0 0 * * 0' '0 0 * * 7' '0 0 * * sun'; do
        run_status 0 orch-cron "$expr"
    done
}

@test "--since asks for any slot after T and up to now" {
    now 2026-11-20T09:00:00Z
    run_status 0 orch cron '30 7 * * *' --since 2026-11-20T07:00:00Z
    run_status 0 orch cron --since=2020-01-01T00:00:00Z '30 7 * * *'
    run_status 1 orch cron '30 7 * * *' --since 2026-11-20T07:30:00Z
    run_status 0 orch cron '30 7 * * *' --since 2026-11-20T08:29:59+01:00
    run_status 0 orch cron '0 9 * * *' --since 2026-11-20T08:59:59Z
    run_status 1 orch cron '30 7 * * *' --since 2026-11-21T00:00:00Z
    run_status 1 orch cron '0 0 31 2 *' --since 2000-01-01T00:00:00Z
    run_status 0 orch cron '0 9 * * *' --since 0001-01-01T00:00:00Z
    run_status 65 orch cron '0 9 * * *' --since 0001-01-01T00:00:00+14:00 # that is before the calendar begins
}

@test "the clock is the caller's: TZ, or --tz" {
    now 2026-07-01T05:30:00Z
    run_status 1 orch cron '30 7 * * *'
    run_status 0 env TZ=Europe/Berlin orch cron '30 7 * * *'
    run_status 0 orch cron --tz Europe/Berlin '30 7 * * *'
    run_status 0 env TZ=Europe/Berlin orch cron --tz UTC '30 5 * * *'
    run_status 65 orch cron --tz Nowhere/Town '30 7 * * *'
    run_status 65 env TZ=Nowhere/Town orch cron '30 7 * * *'
    [[ ${stderr_lines[0]} == "orch cron: TZ: no time zone 'Nowhere/Town'" ]]
}

@test "next prints the times to come, through a change of the clock" {
    now 2026-03-27T12:00:00Z
    run_status 0 orch cron next -n 3 --tz Europe/Berlin '30 2 * * *'
    [ "$output" = "2026-03-28T02:30:00+01:00
2026-03-29T03:00:00+02:00
2026-03-30T02:30:00+02:00" ]
    run_status 0 orch cron next '0 6 * * *'
    [ "${#lines[@]}" -eq 5 ]
    [ "${lines[0]}" = 2026-03-28T06:00:00+00:00 ]
    run_status 0 orch cron next -n1 --from 2028-01-01T00:00:00Z '0 0 29 2 *'
    [ "$output" = 2028-02-29T00:00:00+00:00 ]
    run_status 0 orch cron next --json -n 1 --tz Asia/Kathmandu '0 6 * * *'
    [ "$output" = '{"at": "2026-03-28T00:15:00.000Z", "local": "2026-03-28T06:00:00+05:45", "expr": "0 6 * * *"}' ]
}

@test "next of what never comes is 1 and says so" {
    run_status 1 orch cron next '0 0 31 2 *'
    [ -z "$output" ]
    [ "$stderr" = "orch cron: '0 0 31 2 *' is never due" ]
}

@test "what is no expression is 65 with an example, wrong usage is 2" {
    for expr in '' x '* * * *' '60 * * * *' '@reboot' '* * * * * *' 'a b c d e'; do
        for word in '' next; do
            run_status 65 orch cron $word "$expr"
            [ -z "$output" ]
            [[ ${stderr_lines[0]} == "orch cron: not a cron expression: '$expr': "* ]]
            [[ ${stderr_lines[1]} == "orch cron: hint: "*"30 7 * * mon-fri"* ]]
        done
    done
    run_status 65 orch cron --since yesterday '* * * * *'
    run_status 65 orch cron --since 2026-11-20T07:00:00 '* * * * *'
    run_status 2 orch cron
    run_status 2 orch cron next
    run_status 2 orch cron 0 7 \* \* \*
    [[ ${stderr_lines[1]} == *"quote the expression"* ]]
    run_status 2 orch cron -n 3 '* * * * *'
    run_status 2 orch cron next -n 0 '* * * * *'
    run_status 2 orch cron next -n '* * * * *'
    run_status 2 orch cron next --nosuch '* * * * *'
    run_status 2 orch cron next --json=yes '* * * * *'
    run_status 2 orch cron --since
}

@test "in a shell: a job line of one's own, and pipes" {
    now 2026-11-20T07:30:00Z
    run_status 0 bash -c "orch cron '30 7 * * *' && echo it is time"
    [ "$output" = "it is time" ]
    run_status 0 bash -c "orch cron next -n 1000 @hourly | head -1"
    [ "$output" = 2026-11-20T08:00:00+00:00 ]
    [ -z "$stderr" ]
}
