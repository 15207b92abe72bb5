#!/bin/sh
# The command template-compile: exit codes, one line per fault, nothing written after one, parts in the depfile.
set -eu
compile=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir parts
printf '{{part box}}\n<div>{{slot}}</div>\n' > parts/box.html
printf '{{page home in none out none}}\n{{use box}}{{msg home_title}}{{end}}\n' > good.html
printf '{{page home in none out none}}\n\n<p>{{msg home_titel}}</p>\n' > bad.html
printf 'enum message { MSG_HOME_TITLE, MSG_COUNT_ };\n' > header.h
printf 'home_title\n' > list

fail() { echo "failed: $1" >&2; exit 1; }
code() { want=$1; shift; got=0; "$@" 2> err || got=$?; [ "$got" = "$want" ] || fail "exit $got, not $want: $*: $(cat err)"; }

for messages in header.h list; do
    code 0 "$compile" --messages $messages --parts parts --depfile good.d -o good.c good.html
    grep -q 'html_message(html, rq->lang, MSG_HOME_TITLE, 0, NULL);' good.c || fail "no message in good.c"
    [ "$(cat good.d)" = "good.c: $messages parts/box.html" ] || fail "depfile: $(cat good.d)"
done
code 1 "$compile" --messages list --parts parts -o bad.c bad.html
[ ! -e bad.c ] || fail "bad.c was written"
[ "$(wc -l < err)" = 1 ] && grep -q '^bad.html:3: .*home_titel' err || fail "bad.html: $(cat err)"
code 1 "$compile" --messages list --parts nowhere -o bad.c good.html
code 1 "$compile" --messages list --parts parts -o bad.c missing.html
code 1 "$compile" --messages missing --parts parts -o bad.c good.html
code 1 "$compile" --messages list --parts parts -o nowhere/good.c good.html
code 2 "$compile" --messages list
code 2 "$compile" --colour red -o a.c --messages list good.html
code 2 "$compile" -o a.c --messages list good.html bad.html
