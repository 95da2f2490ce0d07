#!/bin/sh
# Runs are repeatable, survive kill -9 and signals, and do not depend on the locale.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" images 1 2 3x8x8 # 24 of them: an epoch has 3 steps
tiny="data tensors images; model resnet8; set opt sam; set rho .05; set lr .02; $quick; set epochs 40000; set snapshot_every 30000"
settings="$tiny; set rho .3 at step 20; train --steps 60"

"$SADDLE" -c "$settings --name one" >one.log 2>&1
"$SADDLE" -c "$settings --name two" >two.log 2>&1
one=$(last_state one.log)
is 'a run ends with a snapshot' "$(printf %s "$one" | wc -c | tr -d ' ')" 64
is 'the same seed gives the same state' "$(last_state two.log)" "$one"
"$SADDLE" -c "seed 1; $settings --name other" >other.log 2>&1
if [ "$(last_state other.log)" = "$one" ]; then not_ok 'another seed gives another one' "$one"; else ok 'another seed gives another one'; fi

begin() { # NAME COMMANDS: a run in the background; its lines go to NAME.log, its process is $pid
    : >"$1.log"
    "$SADDLE" --threads=1 -v -c "$2" >"$1.log" 2>&1 &
    pid=$!
}
kill_hard() {
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}

# --- kill -9 in the middle of a long run, then resume up to a step that the same run reaches undisturbed ---
long="$tiny; set rho .3 at step 20; train --steps 100000 --paused"
begin cut "$long --name cut; resume"
until_seen $pid cut.log 1 ' snapshot .* state='
until_seen $pid cut.log 30 ' step  step='
kill_hard
is 'it was killed before its end' "$(grep -c finished cut.log)" 0
run info cut
is 'and is known as broken off' "$(printf '%s\n' "$out" | grep -c 'broken off')" 1
run -c 'resume cut; stop --yes'
is 'a stop while recorded steps are repeated is a clean end' "$code $err" '0 '
recorded=$("$SADDLE" cat cut | grep -c '"k":"step"')
end=$((recorded + 25))
"$SADDLE" -c "resume cut --paused; stop --yes at step $end; resume" >resumed.log 2>&1
is 'resume goes on from there' "$? $(grep -c " step=$end .* stopped asked for" resumed.log)" '0 1'
"$SADDLE" -c "$long --name whole; stop --yes at step $end; resume" >whole.log 2>&1
is 'a run that was not killed stops there too' "$? $(grep -c " step=$end .* stopped asked for" whole.log)" '0 1'
is 'in the very same state' "$(last_state resumed.log)" "$(last_state whole.log)"
run verify cut
is 'and every checksum is right' "$code" 0
run resume one
is 'a finished run is left as it is, which is no failure' "$code $(printf '%s\n' "$out" | grep -c 'one is finished')$err" '0 1'

# Killed after `watch ... every`: the resumed run watches the same classes with the same numbers, said twice or once.
begin eye "$tiny; train --steps 100000 --name eye --paused; step 3; wait step 3; watch 1,2 every 7 iters 3 images 8; resume"
until_seen $pid eye.log 1 ' watch 1 2 '
until_seen $pid eye.log 10 ' step  step='
kill_hard
end=$(($("$SADDLE" cat eye | grep -c '"k":"step"') + 5))
run -c "resume eye --paused; step 5; wait step $end; show hessian_every; show hessian_iters; show hessian_images; hessian; stop --yes"
is 'a resumed run watches as before' "$code $(printf '%s\n' "$out" | grep -c -E '^hessian_(every 7|iters 3|images 8)\* ')" '0 3'
is 'the same classes' "$("$SADDLE" cat eye | grep -c -E '"k":"eig".*"class":[12],.*"iters":3,')" 2
is 'and repeats the recorded steps to the bit' "$("$SADDLE" cat eye | grep -c '"k":"branch"')" 0

# Killed before any snapshot: the seed and the configuration are recorded, and lead to the same weights.
begin early "$tiny; set snapshot_every 0; train --steps 100000 --name early"
until_seen $pid early.log 3 ' step  step='
kill_hard
run -c "resume early; stop --yes at step $(($("$SADDLE" cat early | grep -c '"k":"step"') + 3))"
is 'a run killed before its first snapshot goes on too' "$code $(printf '%s\n' "$out" | grep -c 'early: from the weights of the seed')" '0 1'
is 'with the very losses that were recorded' "$("$SADDLE" cat early | grep -c '"k":"branch"')" 0

# --- signals ---
start_long() { # NAME [PREFIX]: leaves its process in $pid, past its third step; who calls may have SIGHUP ignored
    : >"$1.log"
    ${2:-env --default-signal=HUP} "$SADDLE" --threads=1 -v -c "$tiny; train --steps 100000 --name $1" >"$1.log" 2>"$1.err" &
    pid=$!
    until_seen $pid "$1.log" 1 ' step  step=3 '
}
stopped() { # SIGNAL NAME
    start_long "$2"
    kill -"$1" $pid
    wait $pid
    code=$?
}
# The exit code, and how often the log and stderr tell the expected; both in full when it is something else.
told() { # NAME WANTED GOT RUN
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got:    $3
wanted: $2
$(tail -n 5 "$4.log" | cut -c1-200)
stderr: $(tail -n 30 "$4.err" | cut -c1-200)"; fi
}
stopped TERM term
told 'SIGTERM: snapshot, 75' '75 1' "$code $(grep -c "'saddle resume term' goes on" term.err)" term
stopped USR1 usr1
told 'SIGUSR1: the same' '75 1' "$code $(grep -c "'saddle resume usr1' goes on" usr1.err)" usr1
stopped HUP hup
told 'SIGHUP: the same' '75 1' "$code $(grep -c "'saddle resume hup' goes on" hup.err)" hup
start_long nohup 'nohup'
kill -HUP $pid
until_seen $pid nohup.log 2 ' step  step='
at=$(grep -c ' step  step=' nohup.log)
if until_seen $pid nohup.log $((at + 2)) ' step  step='; then went=on; else went=no; fi
kill -TERM $pid
wait $pid
told 'SIGHUP under nohup changes nothing' 'on 75' "$went $?" nohup
# a shell without job control makes background jobs ignore SIGINT; the program reads it all the same
stopped INT int
told 'SIGINT: snapshot, 130' '130 2' "$code $(grep -c ' snapshot ' int.log)" int
start_long usr2
until_seen $pid usr2.log 1 ' snapshot .* state='
kill -USR2 $pid
until_seen $pid usr2.log 2 ' snapshot .* state='
at=$(grep -c ' step  step=' usr2.log)
if until_seen $pid usr2.log $((at + 2)) ' step  step='; then went=on; else went=no; fi
told 'SIGUSR2: a snapshot, and training goes on' '2 on' "$(grep -c ' snapshot .* state=' usr2.log) $went" usr2
run resume usr2
is 'a run that is being written is locked' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '6 1'
kill -TERM $pid
wait $pid
"$SADDLE" -c 'resume term --paused; stop --yes in 20 steps; resume' >term2.log 2>&1
is 'what SIGTERM stopped goes on' "$? $(grep -c ' stopped asked for' term2.log)" '0 1'

# A signal that is there before the program's first line: held back until it can be obeyed, never lost.
if command -v python3 >/dev/null 2>&1; then
    before='import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])'
    python3 -c "$before" "$SADDLE" -c "$tiny; train --steps 100000 --name sooner" >sooner.log 2>sooner.err
    told 'SIGTERM before the start: snapshot, 75' '75 1' "$? $(grep -c "'saddle resume sooner' goes on" sooner.err)" sooner
    python3 -c "$before" "$SADDLE" -c 'wait' >none.log 2>none.err </dev/null
    told 'SIGTERM before the end: too late to matter' '0' "$?" none
    mkfifo open
    python3 -c "$before" "$SADDLE" <open >idle.log 2>idle.err &
    pid=$!
    exec 3>open
    wait $pid
    told 'SIGTERM without a run: 143' '143' "$?" idle
    exec 3>&-
else
    skip 'SIGTERM before the start: snapshot, 75' 'no python3'
fi

# --- a locale with commas ---
locale=
for try in de_DE.UTF-8 de_DE.utf8 fr_FR.UTF-8 fr_FR.utf8 ru_RU.UTF-8; do
    if [ "$(LC_ALL=$try locale decimal_point 2>/dev/null)" = , ]; then locale=$try; fi
done
if [ -z "$locale" ] && command -v localedef >/dev/null 2>&1 && localedef -i de_DE@euro -f ISO-8859-15 "$work/de_DE" >/dev/null 2>&1; then
    LOCPATH=$work locale=de_DE
    export LOCPATH
fi
numbers() { # RUN: its journal without times and names, and without what the disk decides: when a snapshot is there
    "$SADDLE" cat "$1" | grep -v -e '"k":"open"' -e '"k":"snap"' |
        sed 's/"q":[0-9]*//; s/"m":[0-9]*//; s/"w":[^,]*//; s/"ms":[^,}]*//; s/"sec":[^,}]*//; s/"name":"[a-z]*"//'
}
if [ -n "$locale" ]; then
    LC_ALL=$locale "$SADDLE" -c "$settings --name comma" >comma.log 2>&1
    numbers one >one.txt
    LC_ALL=$locale numbers comma >comma.txt
    if cmp -s one.txt comma.txt; then ok 'a locale with commas writes the same journal'; else
        not_ok 'a locale with commas writes the same journal' "$(diff one.txt comma.txt | head -n 5)"; fi
else
    skip 'a locale with commas writes the same journal' 'no such locale here'
fi
finish
