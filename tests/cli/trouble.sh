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

# A full disk: the reserve is used, then it is full for good. The last word must not be that recording goes on.
if unshare -rm true 2>/dev/null && mkdir -p small && unshare -rm mount -t tmpfs -o size=5m none small 2>/dev/null; then
    cat >full.sh <<END
mount -t tmpfs -o size=5m none small || exit 99
"$SADDLE" --sessions=small -v -c "$tiny; train --steps 100000 --name full" >full.log 2>full.err &
pid=\$!
echo \$pid >full.pid
wait \$pid
END
    : >full.pid
    : >full.err
    unshare -rm sh full.sh &
    outer=$!
    until_seen $outer full.pid 1 .
    pid=$(cat full.pid)
    until_seen $outer full.log 1 ' step  step=3 '
    tries=0
    while [ $tries -lt 3000 ] && ! grep -q '^warning: recording waits: ' full.err; do
        # somebody else takes what is left, and what the session gave back of its reserve
        nsenter -t $pid -U -m --preserve-credentials dd if=/dev/zero of="$work/small/filler$tries" bs=4096 2>/dev/null
        tries=$((tries + 1))
        sleep 0.1
    done
    is 'a full disk: what is said last is true' "$? $(tail -n 1 full.err | grep -c '^warning: recording waits: .*No space left on device; training stands still')" '0 1'
    kill -TERM $pid
    wait $outer
else
    skip 'a full disk' 'no name space of mounts'
fi
finish
