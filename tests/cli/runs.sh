#!/bin/sh
# Runs are repeatable, survive kill -9 and signals, and do not depend on the locale.
. "$(dirname "$0")/lib.sh"
settings="$tiny; set rho .3 at step 20; train --steps 60"

"$SADDLE" -c "$settings --name one" >one.log 2>&1
"$SADDLE" -c "$settings --name two" >two.log 2>&1
one=$(last_state one.log)
is 'a run ends with a snapshot' "$(printf %s "$one" | wc -c | tr -d ' ')" 64
is 'the same seed gives the same state' "$(last_state two.log)" "$one"
"$SADDLE" -c "seed 1; $settings --name other" >other.log 2>&1
if [ "$(last_state other.log)" = "$one" ]; then not_ok 'another seed gives another one' "$one"; else ok 'another seed gives another one'; fi

# --- kill -9 in the middle, then resume ---
"$SADDLE" -v -c "$settings --name cut" >cut.log 2>&1 &
pid=$!
tries=0
while [ "$(grep -c ' step  step=' cut.log)" -lt 30 ] && [ $tries -lt 600 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
is 'it was killed before its end' "$(grep -c finished cut.log)" 0
run info cut
is 'and is known as broken off' "$(printf '%s\n' "$out" | grep -c 'broken off')" 1
"$SADDLE" resume cut >resumed.log 2>&1
is 'resume finishes it' "$?" 0
is 'in the very same state' "$(last_state resumed.log)" "$one"
run verify cut
is 'and every checksum is right' "$code" 0
run resume cut
is 'a finished run is not resumed' "$code $(printf '%s\n' "$err" | grep -c 'cut is finished')" '1 1'

# --- signals ---
stopped() { # SIGNAL NAME
    : >"$2.log"
    "$SADDLE" -v -c "$tiny; train --steps 100000 --name $2" >"$2.log" 2>"$2.err" &
    pid=$!
    tries=0
    while ! grep -q ' step  step=3 ' "$2.log" && [ $tries -lt 600 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -"$1" $pid
    wait $pid
    code=$?
}
stopped TERM term
is 'SIGTERM: snapshot, 75' "$code $(grep -c "'saddle resume term' goes on" term.err)" '75 1'
stopped USR1 usr1
is 'SIGUSR1: the same' "$code" 75
stopped HUP hup
is 'SIGHUP: the same' "$code" 75
# a shell without job control makes background jobs ignore SIGINT; the program reads it all the same
stopped INT int
is 'SIGINT: snapshot, 130' "$code $(grep -c ' snapshot ' int.log)" '130 2'
"$SADDLE" -v -c "$tiny; train --steps 100000 --name usr2" >usr2.log 2>&1 &
pid=$!
tries=0
while ! grep -q ' step  step=3 ' usr2.log && [ $tries -lt 600 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -USR2 $pid
tries=0
while [ "$(grep -c ' snapshot .* state=' usr2.log)" -lt 2 ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
at=$(grep -c ' step  step=' usr2.log)
sleep 0.5
if [ "$(grep -c ' step  step=' usr2.log)" -gt "$at" ]; then went=on; else went=no; fi
is 'SIGUSR2: a snapshot, and training goes on' "$(grep -c ' snapshot .* state=' usr2.log) $went" '2 on'
run resume usr2
is 'a run that is being written is locked' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '6 1'
kill -TERM $pid
wait $pid
"$SADDLE" -c 'resume term; wait step 30; stop --yes' >term2.log 2>&1
is 'what SIGTERM stopped goes on' "$? $(grep -c ' stopped asked for' term2.log)" '0 1'

# --- a locale with commas ---
locale=
for try in de_DE.UTF-8 de_DE.utf8 fr_FR.UTF-8 fr_FR.utf8 ru_RU.UTF-8; do
    if [ "$(LC_ALL=$try locale decimal_point 2>/dev/null)" = , ]; then locale=$try; fi
done
if [ -z "$locale" ] && command -v localedef >/dev/null 2>&1 && localedef -i de_DE -f UTF-8 "$work/de_DE.UTF-8" >/dev/null 2>&1; then
    LOCPATH=$work locale=de_DE.UTF-8
    export LOCPATH
fi
numbers() { # RUN: its journal without times
    "$SADDLE" cat "$1" | sed 's/"m":[0-9]*//; s/"w":[^,]*//; s/"ms":[^,}]*//; s/"sec":[^,}]*//; s/"name":"[a-z]*"//' | grep -v '"k":"open"'
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
