#!/bin/sh
# Taking up a run again: damaged snapshots, none at all, an earlier epoch, a longer one; and the weights of any moment of it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
sessions=data/saddle/sessions
python3 "$here/tensors.py" images 1 2 3x8x8 # 24 of them: an epoch has 3 steps of 8
tiny="data tensors images; model resnet8; set opt sam; set rho .05; set lr .02; $quick; set snapshot_every 0"
copy() { # NAME AS
    cp -R "$sessions/$1.saddle" "$sessions/$2.saddle"
}
same_weights() { # FILE FILE: the same but for the header's words
    [ "$(tail -c 290000 "$1" | cksum)" = "$(tail -c 290000 "$2" | cksum)" ] && echo same
}

# Snapshots of steps 10, 20 and 30; a change of rho after the last but one; the state and the weights of each are kept aside.
steps="step 10; wait step 10; snapshot ten; save weights ten.st --force; step 10; wait step 20; snapshot twenty; save weights twenty.st --force; \
set rho .3; step 7; wait step 27; save weights 27.st --force; resume"
run -c "$tiny; train --steps 30 --name whole --paused; $steps"
is 'a run to begin with' "$code $("$SADDLE" cat whole | grep -c '"k":"snap"')" '0 3'
whole=$(states whole 30)

# --- one bit of the newest snapshot ---
copy whole bit
newest=$(ls $sessions/bit.saddle/snap-*30-t0*)
flip "$newest" 5000
run resume bit
is 'a finished run whose last weights are damaged is brought to its end again' "$code $("$SADDLE" verify bit | grep -c missing) $(states bit 30 | tail -n 1)" "0 0 $whole"
flip "$newest" 5000
run -c 'set steps 34; resume bit'
is 'a damaged snapshot is named and passed over' "$code $(printf '%s\n' "$err" | grep -c 'warning: resume: the snapshot of step 30 cannot be read')" '0 1'
is 'the one before it leads to the same bits' \
    "$(printf '%s\n' "$out" | grep -c 'bit: from the snapshot of step 20, repeating 10') $("$SADDLE" cat bit | grep -c '"k":"branch"')" '1 0'
rm $sessions/bit.saddle/snap-*
run -c 'set steps 36; resume bit'
is 'without any the weights of the seed do' "$code $(printf '%s\n' "$out" | grep -c 'from the weights of the seed, repeating 34 ') $("$SADDLE" cat bit | grep -c '"k":"branch"')" '0 1 0'

# --- killed before its first snapshot: seed and configuration are recorded ---
copy whole early
rm $sessions/early.saddle/snap-*
run resume early
is 'a finished run whose weights are gone is brought to its end again' "$code $("$SADDLE" cat early | grep -c '"k":"branch"') $(states early 30 | tail -n 1)" "0 0 $whole"
run resume early
is 'and then it is finished' "$code $out$err" "0 early is finished at epoch 10.0; 'set epochs N' before 'resume' makes it longer, 'replay' shows it"

run sessions 'nos*'
is 'a pattern that fits no run is not called an empty folder' "$code $(printf '%s\n' "$out" | grep -c "^no run matches 'nos\*'; 3 recorded in ")" '0 1'

# --- longer, and another way ---
run -c 'set steps 40; resume whole'
is 'a finished run goes on when it is made longer' "$code $("$SADDLE" cat whole | grep -c -e '"s":40,.*"state":"finished"')" '0 1'
run -c 'set steps 45; resume whole; show steps'
is 'and the length is recorded' "$code $("$SADDLE" cat whole | grep -c -e '"key":"steps","value":"45","old":"40"')" '0 1'
run -c "$tiny; train --steps 45 --name twin --paused; $steps; wait; save weights twin.st"
is 'just as if it had been that long at once' "$(states twin 45 | tail -n 1)" "$(states whole 45 | tail -n 1)"
run -c 'set steps 5; resume twin'
is 'a length that lies behind it is refused' "$code $err" "1 saddle: resume: the run is at step 45 already: with an end at 5 steps, epoch 1.67 it would end at once"
is 'and nothing is written' "$("$SADDLE" cat twin | grep -c '"k":"open"')" 1
run -c 'model resnet20; set steps 50; resume twin'
is 'what is fixed cannot be changed on the way' "$code $err" \
    "1 saddle: resume: model is fixed while a run exists: it is recorded with resnet8, and resnet20 was set here; 'train' starts another run"
spe=$("$SADDLE" cat twin | sed -n 's/.*"k":"data".*"steps":\([0-9]*\).*/\1/p')
at=$(awk "BEGIN { print 20 / $spe }")
run -c "set lr .01; resume twin@$at"
is 'an earlier epoch, with a knob changed' "$code $("$SADDLE" cat twin | grep -c '"k":"branch".*taken up again') $("$SADDLE" cat twin | sed -n 's/.*"s":\([0-9]*\),.*"key":"lr","value":"[^"]*0.01".*/\1/p' | tail -n 1)" '0 1 20'
is 'ends elsewhere' "$([ "$(states twin 45 | tail -n 1)" != "$(states whole 45 | tail -n 1)" ] && echo yes)" yes
run verify twin
is 'and every checksum is right' "$code" 0
"$SADDLE" -c "resume twin@$at --paused; step 4; wait step 24; stop --yes" >/dev/null 2>&1
run info twin
last=$("$SADDLE" cat twin | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\).*/\1/p' | tail -n 1)
is 'and it is known by the step of the new way' "$(printf '%s\n' "$out" | grep -c "stopped.* step $last,")" 1
mistake 'train in a replay is refused' 1 "saddle: train: a recorded run is shown; 'resume RUN@EPOCH' goes on from there, 'live' leaves it" \
    -c "replay twin; train --steps 2"
mistake 'an epoch past the end' 1 "saddle: resume: epoch 900 is past the end of the recording (8.0)" resume twin@900

# --- a loss that is not finite: another way from before ---
run -c "$tiny; set on_nan stop; train --steps 30 --name wild --paused; step 10; wait step 10; snapshot; set lr 100 at step 12; set momentum .9999 at step 12; set weight_decay 10 at step 12; resume"
if [ "$code" -eq 5 ]; then
    at=$(awk "BEGIN { print 11 / $spe }")
    run -c "resume wild@$at --paused; cancel 1; cancel 2; cancel 3; resume; wait"
    is 'after a loss that was not finite it goes on from before' "$code $("$SADDLE" cat wild | grep -c '"s":30,.*"state":"finished"')" '0 1'
else
    not_ok 'after a loss that was not finite it goes on from before' "the run did not diverge: $code $err"
fi

# --- the weights of any moment ---
for moment in 10:ten 20:twenty 27:27; do
    step=${moment%%:*} file=${moment#*:}.st
    at=$(awk "BEGIN { print $step / $spe }")
    run -c "export safetensors e$step.st whole@$at; replay whole@$at; save weights r$step.st"
    is "the weights of step $step, exported and saved in a replay" "$code $(same_weights e$step.st "$file") $(same_weights r$step.st "$file")" '0 same same'
done
run -c "export safetensors e45.st whole"
is 'and those of the end' "$code $(same_weights e45.st twin.st)" '0 same'
run -c "replay whole@$at; hessian 2 --iters 2 --images 4; eval; slice 2 random:1 --points 3 --images 4; gradient g.st; hvp g.st h.st"
is 'whatever looks at weights in a replay looks at those' "$(printf '%s\n' "$out$err" | grep -c 'step 27')" 6
"$SADDLE" cat whole >after.txt
run -c "replay whole@$at; eval"
is 'and records nothing' "$("$SADDLE" cat whole | cmp - after.txt && echo same)" same
isa=$(isa_of whole)
if [ "$isa" != portable ]; then # other rounding: the recorded weights are not to be had here
    SADDLE_ISA=portable "$SADDLE" -c "replay whole@$at; eval" >out 2>err
    is 'weights that cannot be repeated are not looked at' "$? $(grep -c '^saddle: eval: the recorded weights cannot be made here: step .* was recorded, .* is computed now' err) $(grep -c 'acc' out)" '1 1 0'
else
    skip 'weights that cannot be repeated are not looked at' 'one instruction set'
fi
mistake 'an existing file stays' 1 "saddle: export: 'e10.st' exists; --force replaces it" -c "export safetensors e10.st whole"

# --- words that mean something else later ---
run -c "$tiny; train --steps 4 --name worst --paused; eval; watch worst:2; hessian worst:1 --iters 2 --images 2; resume"
is 'the classes that were worst are recorded, not the words' "$code $("$SADDLE" cat worst | grep -c '"txt":"[a-z]* worst')" '0 0'

# --- nothing is made before the set-up is accepted, and an empty folder holds no name ---
run -c "$tiny; set threads 1; set math tf32; train --steps 3 --name refused"
is 'a refused train leaves nothing behind' "$code $(ls -d $sessions/refused.saddle 2>/dev/null)" "$code "
mkdir $sessions/husk.saddle
: >$sessions/husk.saddle/lock
run info husk
is 'a folder without a run is nothing to resume' "$code" 3
run -c "$tiny; train --steps 3 --name husk"
is 'and gives its name to the next one' "$code $("$SADDLE" cat husk | grep -c '"state":"finished"')" '0 1'
run -c "$tiny; train --steps 3 --name husk"
is 'which a run does not' "$code $err" "1 saddle: train: a session 'husk' is there already; choose another name, or resume it"
mistake 'what is for later and never comes is said' 1 "saddle: set rho .3 at epoch 500: epoch 500 is not before the end of training (1), it would never fire; not kept (use --force)" \
    -q -c "$tiny; set rho .3 at epoch 500; train --steps 3 --name late"

# --- a longer run: what it was laid over stays, unless it is asked for again ---
# 24 images: an epoch has 4 steps of 6
small='data tensors images; model resnet8; set batch 6; set eval_every 0; set hessian_every 0; unwatch; set snapshot_seconds 0'
run -c "$small; set lr cosine:0.1; set epochs 1; train --name slope"
run -v -c 'set epochs 2; set steps 5; resume slope'
is 'a longer run moves no schedule' "$code $(printf '%s\n' "$out" | grep -c ' step=5 ep=1.25 lr=0 ')" '0 1'
is 'and says what becomes of it' "$(printf '%s\n' "$out" | sed -n 's/.* warning //p')" \
    "set: lr keeps the 1 epochs that it began with, and stays at 0 after them; 'set lr cosine:0.1' lays it over all 2"
run -v -c 'set steps 7; set lr cosine:0.1; resume slope'
is 'which lays it over both' "$code $(printf '%s\n' "$out" | grep -c ' step=[67] ep=1.[0-9]* lr=0.05 ')" '0 2'
"$SADDLE" export script slope.sad slope >slope.err 2>&1
"$SADDLE" -v run slope.sad >slope.log 2>&1
is 'export script repeats it' "$(tail -n 1 slope.log | grep -c finished) $(last_state slope.log)" "1 $(printf '%s\n' "$out" | last_state /dev/stdin)"
finish
