#!/bin/sh
# sweep: every combination a run by a process of its own; the table is a function of their recordings, whatever interrupted it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
command -v setsid >/dev/null 2>&1 || { echo 'no setsid'; exit 77; }
sessions=data/saddle/sessions
python3 "$here/tensors.py" batch.st 1 4 3x8x8
setup='data tensors batch.st --val 4; model resnet8; set batch 8; set lr .02; set opt sam; set weights effective; set hessian_every 0; set snapshot_seconds 0; set threads 1'
table() { # NAME: without the words around it
    "$SADDLE" sweep "$1" | sed -n '/^  #/,/^.fork/p'
}
final() { # RUN STEP
    states "$1" "$2" | sort -u
}

# --- a table that is what the recordings say ---
run -q -c "$setup; sweep rho=.05,.4 drw=1,2 --epochs 3 --jobs 2 --name one"
is 'four combinations, two at a time' "$code $err $(ls $sessions | tr '\n' ' ')" '0  one-rho0.05-drw1-s0.saddle one-rho0.05-drw2-s0.saddle one-rho0.4-drw1-s0.saddle one-rho0.4-drw2-s0.saddle one.sweep '
table one >one.table
is 'a line for each, ranked by validation images' "$(awk 'NR > 1 && $1 ~ /^[0-9]/ { print $1, ($4 <= last || NR == 2) ; last = $4 }' one.table | tr '\n' ' ')" '1 1 2 1 3 1 4 1 '
best=$(awk '$1 == 1 { print $8 }' one.table)
values() { # RUN: last accuracy of val, and of test images
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"epoch".*"ep":3,"split":"\([a-z]*\)".*"acc":\([0-9.]*\),.*/\1 \2/p' | sort -r | awk '{ printf "%.2f ", $2 }'
}
is 'with the numbers of its recording' "$(awk '$1 == 1 { printf "%s %s ", $4, $6 }' one.table)" "$(values "$best")"
has 'the best is a fork away' "$(cat one.table)" "^'fork $best' goes on from the best"
run -q -c "set epochs 4; fork $best further; train"
is 'and it is' "$code $err" '0 '
run -q -c "$setup; set rho .4; set drw 2; train --epochs 3 --name alone"
is 'the bits of each alone' "$code $(final one-rho0.4-drw2-s0 9)" "0 $(final alone 9)"
run sweep one --resume
is 'nothing is left to do' "$code $err $(sed -n '/^  #/,/^.fork/p' out | cmp - one.table && echo same)" '0  same'
run sweep
has 'those that there are' "$out" '^one$'

# --- its table as a file: a line for each run, with the numbers of the text ---
run sweep one --csv one.csv
is 'csv' "$code $err $(sed 1q one.csv)" '0  rank,rho,drw,seed,val,tail,test,epoch,state,val_mean,val_sd,run'
has 'is said beside the text' "$out" '^  1  ' '^wrote one.csv$'
is 'the ranks, values and runs of the text' "$(awk -F, 'NR > 1 { printf "%s %s %s %.2f %.2f %.2f %s %s\n", $1, $2, $3, $5, $6, $7, $8, $12 }' one.csv)" \
    "$(awk '$1 ~ /^[0-9]/ { print $1, $2, $3, $4, $5, $6, $7, $8 }' one.table)"
is 'each is done, and the mean of one seed is its value' "$(awk -F, 'NR > 1 { print $4, $9, $5 == $10, $11 }' one.csv | sort -u)" '0 done 1 '
cp one.csv before.csv
run sweep one --csv one.csv
is 'a file that is there stays' "$code: $err $(cmp one.csv before.csv && echo same)" "1: saddle: sweep: 'one.csv' exists; --force replaces it same"
run sweep one --csv one.csv --force
is 'unless it is said' "$code $err $(cmp one.csv before.csv && echo same)" '0  same'
run sweep one --csv -
is 'standard output takes it in place of the text' "$code $err $(cmp out before.csv && echo same)" '0  same'

# --- stopping early: at a rung, by the median, and not before ---
run -q -c "$setup; set drw 2; sweep rho=.05,.1,.4 --seeds 2 --epochs 14 --early median --name early --jobs 2 --csv early.csv"
is 'early: runs pause at the rung and go on' "$code $err" '0 '
has 'the table says so' "$(table early)" '^  1'
rung=$("$SADDLE" sweep early | awk '$1 == "-" { print $7 }' | sort -u)
is 'nothing is stopped before ten epochs after re-weighting' "${rung:-12}" 12
is 'the csv of one that was waited for: two seeds each, stopped ones at their rung' \
    "$(awk -F, 'NR > 1 { print $1 == "", $7, $8 }' early.csv | sort | uniq -c | awk '{ print $1 % 2, $2, $3, $4 }')" \
    "$(table early | awk '$1 ~ /^[0-9-]/ { print 0, $1 == "-", $7, $8 == "stopped" ? $8 : "done" }' | sort -u)"
going=$(table early | awk '$1 == 1 { print $8 }')
rho=$(echo "$going" | sed 's/.*rho\([0-9.]*\)-s\(.*\)/\1/') seed=$(echo "$going" | sed 's/.*-s//')
run -q -c "$setup; set drw 2; set rho $rho; seed $seed; train --epochs 14 --name straight"
is 'a run that was halted on the way has the bits of one that was not' "$code $(final "$going" 42)" "0 $(final straight 42)"

# --- rho=auto: each decision with its evidence ---
run -c "$setup; set drw 1; sweep rho=auto --epochs 1 --name ladder --jobs 2"
is 'auto' "$code $err" '0 '
has 'the first two values, with two seeds' "$out" '^rho 0.05: val [0-9.]* ([0-9.]* [0-9.]*); 0.1 is next$' '^rho 0.1: val [0-9.]* ([0-9.]* [0-9.]*), [0-9.]* [ab][a-z]* rho 0.05, noise [0-9.]*: '
is 'it ends with a reason' "$(printf '%s\n' "$out" | grep -c -e ' below rho [0-9.]*, noise [0-9.]*: it ends here$' -e 'the largest rho that there is$')" 1
is 'every run has all epochs' "$(table ladder | awk '$1 ~ /^[0-9]/ { print $7 }' | sort -u)" 1

# --- kill -9, of all processes and of the first alone; SADDLE_SWEEP_KILLS=20 is for the night, on a longer sweep ---
kills=${SADDLE_SWEEP_KILLS:-2} tried=0 hit=0 axes='rho=.05,.4 drw=1,2' epochs=3
[ "$kills" -le 2 ] || axes='rho=.05,.1,.2,.4,.8,1.6 drw=1,2' epochs=20
run -q -c "$setup; sweep $axes --epochs $epochs --name base"
table base | sed 's/base-/RUN-/g' >unbroken
while [ $hit -lt "$kills" ] && [ $tried -lt 100 ]; do
    if [ -e $sessions/broken.sweep ]; then
        setsid "$SADDLE" -q -c 'sweep broken --resume --jobs 2' >log 2>&1 &
    else
        setsid "$SADDLE" -q -c "$setup; sweep $axes --epochs $epochs --jobs 2 --name broken" >log 2>&1 &
    fi
    pid=$!
    until_seen $pid "$sessions/broken.sweep" 1 '^sweep' # a slow machine has not begun yet
    sleep "0.$((tried % 7 * 5 + 10))"
    if [ $((tried % 2)) = 0 ]; then kill -9 "-$pid"; else kill -9 $pid; fi 2>/dev/null
    wait $pid 2>/dev/null
    case $? in
    137) hit=$((hit + 1)) ;;
    0) break ;; # it was over before
    esac
    tried=$((tried + 1))
done
run -q -c 'sweep broken --resume --jobs 2'
is 'killed on its way, gone on with' "$code $err $([ $((hit * 2)) -ge "$kills" ] && echo hit)" '0  hit'
is "$hit kills, and the table of an unbroken sweep" "$(table broken | sed 's/broken-/RUN-/g' | cmp - unbroken && echo same)" same
for d in "$sessions"/base-*.saddle; do
    r=$(basename "$d" .saddle | sed 's/^base-//')
    [ "$(final "base-$r" $((3 * epochs)))" = "$(final "broken-$r" $((3 * epochs)))" ] || echo "$r"
done >differ
is 'and the same weights' "$(cat differ)" ''

# --- asked to end: its runs end with snapshots, also where the signal is sent to all of the group ---
setsid "$SADDLE" -q -c "$setup; sweep rho=.05,.4 drw=1 --epochs 100000 --jobs 2 --name asked" >log 2>&1 &
pid=$!
until_seen $pid "$sessions/asked.sweep" 1 '^sweep'
for r in asked-rho0.05-drw1-s0 asked-rho0.4-drw1-s0; do
    i=0
    until "$SADDLE" cat $r 2>/dev/null | grep -q '"k":"step"' || [ $((i += 1)) -gt 3000 ]; do sleep 0.1; done
done
mistake 'one that goes on is not removed' 6 'saddle: rm: another process is at this sweep' -q -c 'rm asked --yes'
kill -TERM "-$pid"
wait $pid
is 'asked to end' "$? $("$SADDLE" sessions 'asked-*' | awk 'NR > 1 { print $2 }' | sort -u)" '75 stopped'

has 'the sweep can be gone on with' "$(cat log)" '^saddle: Terminated; its runs ended with snapshots and can be gone on with$'

# --- a run that fails is told with its reason, and tried again ---
mv batch.st away.st
rm -r "$sessions/one-rho0.4-drw1-s0.saddle"
run sweep one --resume
is 'a run that fails' "$code $err" "1 saddle: sweep: 1 of 4 runs failed; 'sweep one --resume' tries them again"
has 'the reason' "$out" '^one-rho0.4-drw1-s0: failed: .*batch.st: No such file or directory$' '^  -  0.4   1 .* failed  one-rho0.4-drw1-s0$'
mv away.st batch.st
run -q sweep one --resume
is 'is tried again' "$code $err $(table one | cmp - one.table && echo same)" '0  same'

# --- a file of somebody else's ---
printf 'set rho 3\nquit\nsweep rho=.1 --name zz\n' >"$sessions/odd.sweep"
run sweep odd
is 'a line that sweeps do not write' "$code $err" "3 saddle: sweep: odd.sweep: 'quit' is no line of a sweep"
rm "$sessions/odd.sweep"
mkfifo "$sessions/odd.sweep"
run sweep odd
is 'nor a pipe' "$code $err $("$SADDLE" --complete sweep od)" '3 saddle: sweep: odd.sweep: there is no command in it odd'
rm "$sessions/odd.sweep"

# --- mistakes: one line, nothing made ---
before=$(ls $sessions | wc -l)
bad() { # NAME LINE WORDS
    run -q -c "$setup; set epochs 3; sweep $3"
    is "$1" "$code: $(tail -n 1 err)" "$2"
}
bad 'no values' "1: saddle: sweep: 'one-rho' is no list of values; expected KNOB=V,V,... or one NAME" 'one-rho two'
bad 'an unknown knob' "1: saddle: sweep: unknown knob 'roh'; did you mean 'rho'?" 'roh=1,2'
bad 'a bad value' "1: saddle: sweep: rho: '.x' is not a number" 'rho=.1,.x'
bad 'an empty value' '1: saddle: sweep: rho: a value is empty; expected rho=V,V,...' 'rho=.1,,.2'
bad 'a value twice' '1: saddle: sweep: rho: .10 is there twice' 'rho=.1,.10'
bad 'a knob twice' '1: saddle: sweep: rho is there twice' 'rho=.1 rho=.2'
bad 'seed' '1: saddle: sweep: seed: --seeds N takes so many' 'seed=1,2'
bad 'a place' "1: saddle: sweep: data_path is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss" 'data_path=a,b'
bad 'what never acts' '1: saddle: sweep: drw 9 is past the end of training (3): class weights never act' 'drw=1,9'
bad 'one seed for auto' '1: saddle: sweep: rho=auto needs --seeds 2 or more: one seed says nothing of noise' 'rho=auto --seeds 1'
bad 'early for auto' '1: saddle: sweep: rho=auto compares whole runs; --early is for lists of values' 'rho=auto --early median'
bad 'another rule' "1: saddle: sweep: --early 'mean'; median is accepted" 'rho=.1,.2 --early mean'
bad 'no jobs' '1: saddle: sweep: --jobs 0 is outside 1..64' 'rho=.1,.2 --jobs 0'
bad 'a name' "1: saddle: sweep: --name 'a/b'; 1 to 40 of A-Z a-z 0-9 . _ + - are accepted" 'rho=.1,.2 --name a/b'
bad 'a name that is taken' "1: saddle: sweep: sweep one is there already; 'sweep one --resume' goes on with it" 'rho=.1,.2 --name one'
bad 'an unknown one' "3: saddle: sweep: no sweep 'none'; 'sweep' lists those there are, 'sweep KNOB=V,V,...' makes one" none
bad 'options of a new one' '1: saddle: sweep: --seeds is for a new sweep; one is what its file says' 'one --seeds 2'
bad 'more than 100 runs' '1: saddle: sweep: 120 runs of 3 epochs; more than 100 need --yes' 'rho=.1,.2,.3,.4,.5,.6 --seeds 20'
bad 'a file that cannot be' "1: saddle: sweep: cannot write 'no/such.csv': No such file or directory" 'rho=.1,.2 --csv no/such.csv'
bad 'csv of none' '1: saddle: sweep: which sweep? sweep NAME --csv PATH' '--csv x.csv'
bad 'nothing is under way' '1: saddle: sweep: no sweep is under way here' --stop
run -c 'data demo; sweep rho=a'
is 'what is refused sets no images apart' "$code $(printf '%s\n' "$out" | grep -c '^val ')" '1 0'
cat >typing.py <<'PY'
import os, pty, sys
master, slave = pty.openpty()
os.write(master, b"data demo\nset rho .3\nsweep rho=a\nundo\nshow rho\nquit\n")
if os.fork() == 0:
    os.dup2(slave, 0)
    os.execv(sys.argv[1], [sys.argv[1], "--no-screen"])
os.wait()
PY
TERM=dumb python3 typing.py "$SADDLE" >typed 2>&1
has 'and leaves nothing to undo' "$(cat typed)" '^saddle> rho 0.3 -> 0.1$'
is 'nothing was made' "$(ls $sessions | wc -l)" "$before"
is 'Tab knows it' "$("$SADDLE" --complete sweep on | sed -n '/^one\t/p'; "$SADDLE" --complete rm one | sed -n '/^one\t/p')" \
    "$(printf 'one\tsweep rho=0.05,0.4 drw=1,2 --seeds 1 --name one\none\tsweep rho=0.05,0.4 drw=1,2 --seeds 1 --name one')"
is 'and what may be tried' "$("$SADDLE" --complete sweep one rho_d; "$SADDLE" --complete sweep loss=ce,ld)" "$(printf 'rho_drw=\nloss=ce,ldam')"
run --readonly -c 'sweep one'
is 'the table may be looked at, though' "$code $err" '0 '

# --- removed with its runs, whole or not at all; a fork of one stays ---
mistake 'not without being asked' 1 'saddle: rm: nobody here to say yes; give --yes' -q -c 'rm one'
touch "$sessions/one-rho0.4-drw2-s0.saddle/mine"
run -q -c 'rm one --yes'
has 'what is no part of a session' "$code: $err" "^1: saddle: rm: .*one-rho0.4-drw2-s0.saddle holds 'mine', which is no part of a session; remove it by hand$"
is 'nothing was removed' "$(ls $sessions | wc -l)" "$before"
rm "$sessions/one-rho0.4-drw2-s0.saddle/mine"
mkdir "$sessions/one.saddle"
cp "$sessions/further.saddle"/* "$sessions/one.saddle"
run -c 'rm one --yes; rm one --yes'
is 'a run of that name is meant first' "$code $err $out" '0  removed one
removed the sweep one and its 4 runs'
is 'the fork stays' "$(ls -d $sessions/further.saddle $sessions/one* 2>/dev/null)" $sessions/further.saddle
mistake 'one that is not there' 3 "saddle: rm: no sweep 'one'; 'sweep' lists those there are, 'sweep KNOB=V,V,...' makes one" -q -c 'rm one.sweep --yes'

echo "1..$n"
exit $failed
