#!/bin/sh
# `pause --release`: from a script, from outside or at its time, a run gives its memory back and takes it again; ended meanwhile it can be
# resumed.
. "$(dirname "$0")/lib.sh"

resident() { # PID: MiB
    awk '/^VmRSS:/ { print int($2 / 1024) }' "/proc/$1/status"
}
length=20
"$SADDLE" -v -c "$tiny; set opt sam; train --steps $length --name whole" >whole.log 2>&1
whole=$(last_state whole.log)

"$SADDLE" -v -c "$tiny; set opt sam; train --steps $length --name script; wait step 7; pause --release; resume" >script.log 2>&1
is 'a script pauses and goes on: the same bits' "$? $(last_state script.log)" "0 $whole"
is 'and what was typed is recorded' "$("$SADDLE" cat script | grep -c '"txt":"pause --release","op":"pause"')" 1

# From outside, of a run that stands still: what it held is the system's again.
listening lent.log
echo "$tiny; set batch 64; set opt sam; train --steps 4 --paused --name lent" >&3
until_seen $pid lent.log 1 ' event .* paused'
run ctl lent 'step 2'
until_seen $pid lent.log 1 ' paused the steps asked for are done'
before=$(resident $pid)
run ctl lent 'pause --release'
is 'ctl: a pause becomes a release' "$code $out" '0 paused at step 2 (ep 0.1); device and memory are given back'
after=$(resident $pid)
echo "# resident: $before MiB, released $after MiB"
[ "$after" -lt $((before * 3 / 5)) ] && ok 'the process shrinks' || not_ok 'the process shrinks' "$before MiB, then $after MiB"
is 'there is a snapshot of the step first' "$("$SADDLE" cat lent | grep -c '"k":"snap",.*"s":2,')" 1
mistake 'what needs the weights is refused' 1 "saddle: eval: eval needs the weights, and the run gave device and memory back; 'resume' takes them again" ctl lent eval
mistake 'a second time too' 1 "saddle: pause: paused already at step 2, device and memory given back; 'resume' goes on" ctl lent 'pause --release'
run ctl lent 'set rho .3'
is 'a knob is not' "$code $(printf '%s\n' "$out" | grep -c '^rho 0.1 -> 0.3 from step 3')" '0 1'
run ctl lent 'step 1'
until_seen $pid lent.log 2 ' paused the steps asked for are done'
[ "$(resident $pid)" -gt "$after" ] && ok 'step takes it back' || not_ok 'step takes it back' "$(resident $pid) MiB"
run ctl lent 'pause --release'
kill -TERM $pid
wait $pid
is 'SIGTERM meanwhile: 75' "$? $(grep -c "'saddle resume lent' goes on" lent.log)" '75 1'
exec 3>&-
rm lines
run -v -c 'resume lent'
is 'and it goes on' "$code $(printf '%s\n' "$out" | grep -c ' finished all 4 steps')" '0 1'
"$SADDLE" -v -c "$tiny; set batch 64; set opt sam; train --steps 4 --name straight --paused; set rho .3 at step 2; resume" >straight.log 2>&1
printf '%s\n' "$out" >lent.log
is 'to the bits of a run that kept it all' "$(last_state lent.log)" "$(last_state straight.log)"

# Pending.
listening later.log
echo "$tiny; set opt sam; train --paused --steps $length --name later; pause --release at step 9; show pending; resume" >&3
until_seen $pid later.log 1 ' paused .*device and memory are given back'
is 'one that waits keeps its word' "$(grep -c '^1: pause --release at step 9' later.log)" 1
is 'and is done in its time' "$(grep -c 'step=9 .* paused a pending .*device and memory are given back' later.log)" 1
echo resume >&3
exec 3>&-
wait $pid
is 'after which it comes to the same bits' "$? $(last_state later.log)" "0 $whole"
rm lines
mistake 'a word too many' 1 "saddle: pause: 'now' is too much; usage: pause [--release]" -c "$tiny; train --steps 3 --name odd; pause now"
finish
