#!/bin/sh
# Print a service file with orch, its home and the PATH of this moment filled in, escaped as the format wants it.
# Cron, systemd and launchd start programs with a short PATH, on which git, tmux and agents may not be found.
#
#   shell/service/fill.sh crontab          >> a line for `crontab -e`
#   shell/service/fill.sh orch.service     >  ~/.config/systemd/user/orch.service
#   shell/service/fill.sh orch.timer       >  ~/.config/systemd/user/orch.timer
#   shell/service/fill.sh orch.plist       >  ~/Library/LaunchAgents/orch.tick.plist
set -eu
kind=${1:?usage: fill.sh crontab|orch.service|orch.timer|orch.plist}
here=$(cd "$(dirname "$0")" && pwd)
[ -f "$here/$kind.in" ] || { echo "fill.sh: no template $kind; there are: $(cd "$here" && echo *.in)" >&2; exit 2; }
ORCH=$(command -v orch) || { echo "fill.sh: orch is not on the PATH" >&2; exit 69; }
case $ORCH in /*) ;; *) ORCH=$(pwd)/$ORCH ;; esac
home=$("$ORCH" config home)
case $PATH$home$ORCH in *'
'*) echo "fill.sh: a path with a line break cannot be written into such a file" >&2; exit 65 ;; esac
ORCH=$ORCH ORCH_HOME=$home LOG=$home/tick.log awk '
    function all(text, old, new,    at, out) {  # gsub would read & and \ in new
        while ((at = index(text, old)) > 0) { out = out substr(text, 1, at - 1) new; text = substr(text, at + length(old)) }
        return out text
    }
    function crontab(name, value) {  # a word for the shell; cron takes a bare % for a line break
        return all("\047" all(value, "\047", "\047\\\047\047") "\047", "%", "\\%")
    }
    function systemd(name, value) {  # % begins a specifier; neither a program nor a value in Environment expands $
        return "\"" (name == "ORCH" ? "" : name "=") all(all(all(value, "\\", "\\\\"), "\"", "\\\""), "%", "%%") "\""
    }
    function plist(name, value) {
        return all(all(all(value, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
    }
    {
        line = $0
        for (i = split("PATH ORCH_HOME ORCH LOG", names, " "); i > 0; i--) {
            name = names[i]; value = ENVIRON[name]
            word = kind == "crontab" ? crontab(name, value) : kind == "orch.plist" ? plist(name, value) : systemd(name, value)
            line = all(line, "@" name "@", word)
        }
        print line
    }' kind="$kind" "$here/$kind.in"
