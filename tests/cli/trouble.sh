#!/bin/sh
# Trouble with the recording is told without a screen, at once, and the last word about it is true.
. "$(dirname "$0")/lib.sh"

# The lock is looked for twice a second, not once a minute.
: >moved.log
"$SADDLE" -v -c "$tiny; train --steps 100000 --name moved" >moved.log 2>moved.err &
pid=$!
until_seen $pid moved.log 1 ' step  step=3 '
mkdir -p elsewhere
from=$(date +%s)
mv data/saddle/sessions/moved.saddle elsewhere
until_seen $pid moved.err 1 'moved or replaced'
if [ $(($(date +%s) - from)) -lt 30 ]; then soon=soon; else soon=late; fi
is 'a folder that was moved is told of' "$soon $(cat moved.err)" \
    "soon warning: recording waits: the folder of session 'moved' was moved or replaced; training stands still until it can be written"
mv elsewhere/moved.saddle data/saddle/sessions
until_seen $pid moved.err 1 'recording goes on in segment 2'
at=$(grep -c ' step  step=' moved.log)
until_seen $pid moved.log $((at + 2)) ' step  step='
is 'back in its place it is written again' $? 0
mv data/saddle/sessions/moved.saddle elsewhere
cp -r elsewhere/moved.saddle data/saddle/sessions
until_seen $pid moved.err 2 "^warning: recording waits: the folder of session 'moved' was moved or replaced; "
is 'a folder that was replaced is told of too' $? 0
kill -TERM $pid
wait $pid
is 'and the end of that run is no success' "$? $(tail -n 1 moved.err | grep -c 'could not be written: .*moved or replaced')" '143 1'
is 'what was there before is whole' "$("$SADDLE" verify elsewhere/moved.saddle >/dev/null && echo good)" good

# Nothing can be written: a limit of the size of files, taken away again.
if command -v prlimit >/dev/null 2>&1; then
    mkfifo lines
    cat lines >limit.log &
    "$SADDLE" -c "$tiny; train --steps 100000 --name limit --paused; step 3; wait step 3; resume" >lines 2>&1 &
    pid=$!
    until_seen $pid limit.log 1 ' snapshot .* state='
    prlimit --pid $pid --fsize=0:
    until_seen $pid limit.log 1 '^warning: recording waits: cannot .*: File too large; training stands still'
    is 'a recording that cannot be written is told of' $? 0
    prlimit --pid $pid --fsize=unlimited:
    until_seen $pid limit.log 1 '^warning: recording: .*; recording goes on in segment'
    is 'and so is its end' "$? $(grep -e 'recording' limit.log | tail -n 1 | grep -c 'goes on in segment')" '0 1'
    # what fails only while the run is ended must not hold it either
    prlimit --pid $pid --fsize=0:
    kill -TERM $pid
    tries=0
    while kill -0 $pid 2>/dev/null && [ $tries -lt 3000 ]; do tries=$((tries + 1)); sleep 0.1; done
    kill -9 $pid 2>/dev/null
    wait $pid
    is 'a run that can no more be written can be ended' "$? $(tail -n 1 limit.log | grep -c 'could not be written: .*File too large')" '143 1'
else
    skip 'a limit of the size of files' 'no prlimit'
fi

# A full disk of 8 MiB, with space again, and full for good. The last word must not be that recording goes on. SADDLE_FULL: how often it is full (2).
if unshare -rm true 2>/dev/null && mkdir -p small && unshare -rm mount -t tmpfs -o size=8m none small 2>/dev/null; then
    cat >full.sh <<END
mount -t tmpfs -o size=8m none small || exit 99
"$SADDLE" --sessions=small -v -c "$tiny; train --steps 100000 --name full" >full.log 2>full.err &
pid=\$!
echo \$pid >full.pid
wait \$pid
echo \$? >full.code
rm -f small/filler*
"$SADDLE" --sessions=small verify full >full.whole 2>&1
echo \$? >>full.code
END
    : >full.pid
    : >full.err
    unshare -rm sh full.sh &
    outer=$!
    until_seen $outer full.pid 1 .
    pid=$(cat full.pid)
    inside() { # COMMAND...: where the program sees the small disk
        nsenter -t $pid -U -m --preserve-credentials "$@"
    }
    until_seen $outer full.log 1 ' step  step=3 '
    round=1 bad=
    while [ $round -le "${SADDLE_FULL:-2}" ] && [ -z "$bad" ]; do
        if [ $round -gt 1 ]; then
            inside sh -c "rm -f '$work/small/filler'*"
            until_seen $outer full.err $((round - 1)) '; recording goes on' || bad="$bad round $round: not gone on"
            steps=$(grep -c ' step  step=' full.log)
            until_seen $outer full.log $((steps + 3)) ' step  step=' || bad="$bad round $round: no more steps"
        fi
        tries=0
        while [ $tries -lt 3000 ] && ! seen full.err $round '^warning: recording waits: '; do
            # somebody else takes what is left, and what the session gave back of its reserve
            inside dd if=/dev/zero of="$work/small/filler$tries" bs=4096 2>/dev/null
            tries=$((tries + 1))
            sleep 0.1
        done
        tail -n 1 full.err | grep -q '^warning: recording waits: .*No space left on device; training stands still' || bad="$bad round $round: $(tail -n 1 full.err)"
        round=$((round + 1))
    done
    is 'a full disk, and with space again: what is said last is true' "$bad" ''
    kill -TERM $pid
    wait $outer
    is 'asked to end while it is full it does, and what is recorded is whole' "$(head -n 1 full.code | grep -c '^75$\|^143$') $(sed -n 2p full.code)" '1 0'
else
    skip 'a full disk' 'no right to mount here'
fi
finish
