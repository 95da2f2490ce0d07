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
{ "$SADDLE" -v -c "$tiny; train --steps 9 --name piped" 2>err; echo $? >code; } | head -n 1 >/dev/null
is 'a run outlives its reader' "$(cat code) $(cat err) $("$SADDLE" cat piped | grep -c '"state":"finished"')" \
    '1 saddle: cannot write standard output: Broken pipe 1'

# --log=jsonl is the journal's own text: the same numbers, the same times.
"$SADDLE" --log=jsonl -v --log-file=both.log -c "$tiny; train --steps 12 --name json --paused; step 5; wait step 5; set rho .3; note hi; resume; wait; hessian 9 --iters 3" \
    >json.log 2>err
is 'a run with a log of JSON' "$? $(cat err)" '0 '
grep -v '"q":null' json.log | sed 's/,"time":"[^"]*"}$/}/' >lines
"$SADDLE" cat json >journal
if cmp -s lines journal; then ok 'its lines are those of the recording'; else
    not_ok 'its lines are those of the recording' "$(diff lines journal | cut -c1-200 | head -n 6)"; fi
if cmp -s both.log json.log; then ok 'and the log file has them too'; else not_ok 'and the log file has them too' "$(diff both.log json.log | head -n 4)"; fi
"$SADDLE" --log=jsonl -v -c "$tiny; device cpu; train --steps 9 --no-record" >none.log 2>err
is 'where nothing records they are numbered from 0' \
    "$(grep -o '"q":[0-9][0-9]*' none.log | tr -d '\n')" "$(seq 0 14 | sed 's/^/"q":/' | tr -d '\n')"
is 'and timed from the beginning of the run' "$(grep -v '"q":null' none.log | grep -c '"m":[0-9]\{1,11\},')" 15

# A loss that is not finite ends what runs without a screen with 5, whatever on_nan says.
wild="$tiny; opt sgd; set lr 100; train --steps 1000"
"$SADDLE" -c "set on_nan stop; $wild" >out 2>err
is 'a loss that is not finite, on_nan stop' "$?" 5
"$SADDLE" -c "set on_nan pause; $wild; wait step 999; eval" >out 2>err
is 'on_nan pause, and a script waits' "$? $(tail -n 1 err | cut -c1-37)" '5 saddle: wait: training is paused: the'
mkfifo commands
"$SADDLE" <commands >out 2>err &
pid=$!
exec 3>commands
echo "set on_nan pause; $wild" >&3
wait $pid
is 'on_nan pause, and more commands might come' "$?" 5
exec 3>&-
# --- what a screen shows of a run beside its numbers is recorded for a replay ---
SADDLE_STATUS_SECONDS=0 "$SADDLE" -c "$tiny; train --steps 4 --name told --paused; set rho 0.3 at step 3; set lr 0.01 at step 3; snapshot here at step 3; resume; wait" >out 2>err </dev/null
"$SADDLE" cat told | grep '"k":"status"' >told.txt
is 'each step, and the commands that wait for theirs' "$? $(cat err) $(grep -c . told.txt) $(sed -n '1s/.*"n_pending":\([0-9]*\).*/\1/p; 4s/.*"n_pending":\([0-9]*\).*/\1/p' told.txt)" "0  4 3
0"
is 'with what the machine did' "$(grep -c '"total":4,.*"pending":\[.*"processors":[1-9].*"rss":[1-9]' told.txt)" 4
run -c "$tiny; train --steps 4 --name quiet; wait"
is 'of a run of seconds nothing of it' "$("$SADDLE" cat quiet | grep -c '"k":"status"')" 0
finish
