#!/bin/sh
# demo_session.sh - the recorded session that comes with saddle is whole, and replays to the end of its run. TAP.
set -u
saddle=${SADDLE:-build/saddle}
demo=${top_srcdir:-.}/sessions/demo.saddle
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export XDG_DATA_HOME="$home" XDG_STATE_HOME="$home" XDG_CONFIG_HOME="$home"
n=0
status=0
report() { # RESULT NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; status=1; fi
}
before=$(cat "$demo"/* | cksum)
"$saddle" --no-config verify "$demo" >"$home/verify" 2>&1
report $? 'verify finds every checksum right'
"$saddle" --no-config -c "replay $demo; seek 24; show classes; seek 40; show classes" >"$home/replay" 2>&1
report $? 'it replays, forwards to any epoch'
grep -q 'flower' "$home/replay"
report $? 'and names its classes'
"$saddle" --no-config cat "$demo" | grep -c '"k":"eig"' >"$home/eig"
[ "$(cat "$home/eig")" -gt 10 ]
report $? 'spectra of the watched classes are in it'
[ "$before" = "$(cat "$demo"/* | cksum)" ]
report $? 'reading changed nothing'
[ $status -eq 0 ] || cat "$home/verify" "$home/replay"
echo "1..$n"
exit $status
