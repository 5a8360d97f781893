"""Write orch.bash, _orch (zsh) and orch.fish beside this file; `--check` only says whether they are current (status 1 when not)."""
from __future__ import annotations

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(os.path.dirname(HERE))]

import grammar  # noqa: E402
from grammar import Place  # noqa: E402

from orch import commands  # noqa: E402

NOTE = "# Made by `make completion` from orch's own commands; change shell/completion/generate.py instead."


def quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def pattern(words: tuple[str, ...]) -> str:
    return quote(" ".join(words))


def cases(places: list[Place]) -> dict[str, str]:
    """The bodies of the `case` statements that bash and zsh share: what stands at a place."""
    members = [f"    {pattern(each.words)}) echo {quote(' '.join(name for name, _ in each.members))} ;;" for each in places if each.members]
    options = [f"    {pattern(each.words)}) echo {quote(' '.join(name for o in each.options for name in o.names))} ;;" for each in places]
    values = [
        f"    {'|'.join(pattern((*each.words, name)) for name in o.names)}) echo {quote(o.kind or '-')} ;;"
        for each in places for o in each.options if o.value
    ]
    kinds = [f"    {pattern(each.words)}) echo {quote(each.kind)} ;;" for each in places if each.kind]
    return {name: "\n".join(lines) for name, lines in (("members", members), ("options", options), ("values", values), ("kinds", kinds))}


SHARED = """\
# What stands at a place (a word, or a word and its sub-word): sub-words, options, what an option's value is, what arguments are.
_orch_members() {{
    case $1 in
{members}
    esac
}}
_orch_options() {{
    case $1 in
{options}
    esac
}}
_orch_value() {{
    case $1 in
{values}
    esac
}}
_orch_kind() {{
    case $1 in
{kinds}
    esac
}}
"""

BASH = """\
{note}
# bash: source this file, or put it where bash-completion looks (share/bash-completion/completions/orch).

{shared}
_orch() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} program=${{COMP_WORDS[0]##*/}} orch=$1
    local place at=1 kind= words= mark=
    COMPREPLY=()
    case $cur in # bash cuts --status=new into three words, and @file into two
    = | *@) mark=${{cur#=}} cur= ;;
    *) case $prev in = | *@) mark=${{prev#=}} prev=${{COMP_WORDS[COMP_CWORD-2]}} ;; esac ;;
    esac
    case $program in
    orch-*) place=${{program#orch-}} orch=${{orch%-"$place"}} ;;
    *)
        if [ "$COMP_CWORD" -eq 1 ]; then
            COMPREPLY=($(compgen -W "{words} --help --version $("$orch" --complete plugins 2>/dev/null)" -- "$cur"))
            return
        fi
        place=${{COMP_WORDS[1]}} at=2
        ;;
    esac
    [ -n "$(_orch_options "$place")" ] || kind=files # of a plugin we know nothing
    words=$(_orch_members "$place")
    if [ -n "$words" ] && [ "$COMP_CWORD" -gt "$at" ]; then
        case " $words " in *" ${{COMP_WORDS[at]}} "*) place="$place ${{COMP_WORDS[at]}}" words= ;; esac
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
            local IFS=$'\\n' found
            found=($(compgen -f -- "$cur"))
            [ ${{#found[@]}} -eq 0 ] || COMPREPLY=($(printf "$mark%q\\n" "${{found[@]}}"))
        else
            compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$cur"))
        fi
        return
        ;;
    =*) words="$words ${{kind#=}}" ;;
    tasks|projects|agents) words="$words $("$orch" --complete "$kind" 2>/dev/null)" ;;
    esac
    [ -z "$words" ] || COMPREPLY+=($(compgen -W "$words" -- "$cur"))
    case ${{COMPREPLY[0]-}} in *=) compopt -o nospace 2>/dev/null ;; esac
}}
complete -F _orch {programs}
"""

ZSH = """\
#compdef {programs}
{note}
# zsh: put this file in a directory of $fpath (share/zsh/site-functions) before compinit runs, or `source` it afterwards.

{shared}
_orch_words() {{
    case $1 in
{described}
    esac
}}

_orch() {{
    local place at=2 kind program=${{words[1]:t}} orch=$words[1] prev=$words[CURRENT-1]
    local -a found lines
    case $program in
    orch-*) place=${{program#orch-}} orch=${{orch%-$place}} ;;
    *)
        if (( CURRENT == 2 )); then
            lines=({summaries})
            found=(${{(f)"$($orch --complete plugins 2>/dev/null)"}})
            _describe -t commands command lines
            compadd -a found
            compadd -- --help --version
            return
        fi
        place=$words[2] at=3
        if [[ -z $(_orch_options "$place") ]]; then # of a plugin we know nothing
            _default
            return
        fi
        ;;
    esac
    if [[ $words[CURRENT] == --*=* ]]; then
        prev=${{words[CURRENT]%%=*}}
        compset -P '*='
    fi
    found=(${{=$(_orch_members "$place")}})
    if (( ${{#found}} && CURRENT > at )) && (( ${{found[(Ie)${{words[at]}}]}} )); then
        place="$place $words[at]"
        found=()
    fi
    kind=$(_orch_value "$place $prev")
    if [[ -z $kind ]]; then
        if [[ $words[CURRENT] == -* ]]; then
            compadd -- ${{=$(_orch_options "$place")}}
            return
        fi
        if (( ${{#found}} && CURRENT == at )); then
            lines=(${{(f)"$(_orch_words "$place")"}})
            _describe -t commands command lines
        fi
        kind=$(_orch_kind "$place")
    fi
    case $kind in
    files) compset -P @; _files ;;
    *=) compadd -S '' -- ${{=kind#=}} ;;
    '='*) compadd -- ${{=kind#=}} ;;
    tasks|projects|agents)
        found=(${{(f)"$($orch --complete $kind 2>/dev/null)"}})
        compadd -a found
        ;;
    esac
}}

if [[ $funcstack[1] == _orch ]]; then
    _orch "$@"
else
    compdef _orch {programs}
fi
"""

FISH = """\
{note}
# fish: put this file in a directory of $fish_complete_path (share/fish/vendor_completions.d).

function __orch_place --description 'the words before the cursor begin with these (only: are these; other: begin with none of these)'
    set -l typed (commandline -opc)
    set -l first (string split / -- $typed[1])[-1]
    if string match -q 'orch-*' -- $first
        set typed orch (string replace 'orch-' '' -- $first) $typed[2..-1]
    end
    set -l words
    for word in $typed[2..-1]
        string match -q -- '-*' $word; and break
        set -a words $word
    end
    switch "$argv[1]"
        case other
            test (count $words) -gt 0; and not contains -- $words[1] $argv[2..-1]
        case only
            test "$words" = "$argv[2..-1]"
        case '*'
            test (count $words) -ge (count $argv[2..-1]); and test "$words[1..$argv[1]]" = "$argv[2..-1]"
    end
end

{lines}
"""


def fish(places: list[Place]) -> str:
    lines = ["complete -c orch -f"]
    first = "-n '__orch_place only'"
    lines += [f"complete -c orch -n '__orch_place other {' '.join(row.name for row in commands.ROWS)}' -F  # of a plugin we know nothing"]
    lines += [f"complete -c orch {first} -a {row.name} -d {quote(row.summary)}" for row in commands.ROWS]
    lines += [f"complete -c orch {first} -a '(command orch --complete plugins 2>/dev/null)'"]
    lines += [f"complete -c orch {first} -l help -d 'Show the help.'", f"complete -c orch {first} -l version -d 'Print the version.'"]
    for place in places:
        at = f"-n {quote('__orch_place ' + str(len(place.words)) + ' ' + ' '.join(place.words))}"
        exactly = f"-n {quote('__orch_place only ' + ' '.join(place.words))}"
        lines += [f"complete -c orch {exactly} -a {name} -d {quote(words)}".removesuffix(" -d ''") for name, words in place.members]
        if place.members:
            at = exactly  # further on, the sub-word says what fits
        if place.kind:
            lines.append(f"complete -c orch {at} {offer(place.kind)}")
        for option in place.options:
            spelled = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            value = f" {'-r' if option.kind == 'files' else '-x'} {offer(option.kind)}".rstrip() if option.value else ""
            lines.append(f"complete -c orch {at} {spelled}{value} -d {quote(option.help)}".removesuffix(" -d ''"))
    lines += [f"complete -c orch-{name} -w 'orch {name}'" for name in commands.programs()]
    return "\n".join(lines)


def offer(kind: str) -> str:
    if kind == "files":
        return "-F"
    if kind.startswith("="):
        return f"-a {quote(kind[1:])}"
    return f"-a '(command orch --complete {kind} 2>/dev/null)'" if kind else ""


def colon(name: str, words: str) -> str:
    return name.replace(":", "\\:") + (":" + words if words else "")


def files() -> dict[str, str]:
    """name -> content of each file."""
    places = list(grammar.places())
    programs = " ".join(["orch", *(f"orch-{name}" for name in commands.programs())])
    shared = SHARED.format(**cases(places))
    words = " ".join(row.name for row in commands.ROWS)
    summaries = " ".join(quote(colon(row.name, row.summary)) for row in commands.ROWS)
    described = "\n".join(
        f"    {pattern(each.words)}) print -l -- {' '.join(quote(colon(*member)) for member in each.members)} ;;"
        for each in places if each.members
    )
    return {
        "orch.bash": BASH.format(note=NOTE, shared=shared, words=words, programs=programs),
        "_orch": ZSH.format(note=NOTE, shared=shared, programs=programs, summaries=summaries, described=described),
        "orch.fish": FISH.format(note=NOTE, lines=fish(places)),
    }


def main() -> int:
    stale = 0
    for name, content in files().items():
        path = os.path.join(HERE, name)
        if "--check" in sys.argv:
            with open(path, encoding="utf-8") as file:
                if file.read() != content:
                    print(f"{path}: not current; run `make completion`", file=sys.stderr)
                    stale = 1
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
    return stale


if __name__ == "__main__":
    sys.exit(main())
