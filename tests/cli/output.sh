#!/bin/sh
# What is printed arrives, or the program says that it did not and fails.
. "$(dirname "$0")/lib.sh"

printf '%s\n' "$tiny" 'train --steps 3 --name one' >one.sad
run run one.sad
is 'a run' "$code" 0

if [ -w /dev/full ]; then
    full() { # NAME WORDS...: to a device that is full
        name=$1
        shift
        "$SADDLE" "$@" >/dev/full 2>err </dev/null
        is "$name >/dev/full" "$? $(cat err)" '1 saddle: cannot write standard output: No space left on device'
    }
    sed 's/one/two/' one.sad >two.sad
    full 'saddle run' run two.sad
    is 'the run itself was trained to its end' "$("$SADDLE" cat two | grep -c '"state":"finished"')" 1
    full 'saddle -c' -c 'show config'
    for words in --help -h --version doctor sessions 'info one' 'verify one' 'replay one' 'completion bash'; do
        full "saddle $words" $words
    done
    "$SADDLE" cat one >/dev/full 2>err
    is 'saddle cat >/dev/full' "$? $(grep -c 'No space left on device' err) $(wc -l <err | tr -d ' ')" '1 1 1'
    "$SADDLE" --log-file=/dev/full -c "$tiny; train --steps 3 --name three" >out 2>err
    is '--log-file=/dev/full of a run' "$? $(cat err)" '1 saddle: cannot write the log file: No space left on device'
else
    skip 'a full device' 'no /dev/full'
fi

"$SADDLE" sessions >&- 2>err
is 'standard output is closed' "$? $(cat err)" '1 saddle: cannot write standard output: Bad file descriptor'
"$SADDLE" --no-config -c "$tiny; train --steps 3 --name closed" >&- 2>err <&-
is 'and no line of the log gets into the recording' "$? $("$SADDLE" verify closed >/dev/null && echo good)" '1 good'

# A reader that had enough ends what only prints, as a signal does, and no run.
"$SADDLE" sessions 2>err | :
is 'a reader that had enough is no mistake' "$(cat err)" ''
{ "$SADDLE" -v -c "$tiny; train --steps 30 --name piped" 2>err; echo $? >code; } | head -n 1 >/dev/null
is 'a run outlives its reader' "$(cat code) $(cat err) $("$SADDLE" cat piped | grep -c '"state":"finished"')" \
    '1 saddle: cannot write standard output: Broken pipe 1'
finish
