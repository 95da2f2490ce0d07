#!/bin/bash
# record.sh OLD NAME... - how the golden sessions were recorded. Documentation: no test runs it, and a session that is here
# is never recorded again, since what it proves is that a later program reads what an earlier one wrote. A later release
# adds sessions under new names, recorded by its own program.
#
# OLD is the program that records: for all of these commit eb102cc (0.1.0), before the first change of what a recording holds.
#
# Everything is as small as the demo set allows: beta 1000 with 1840 of 1863 images held out leaves 23, six steps of four
# an epoch. Evaluations look at 1000 test images and cost more than a hundred steps, so one session has one.
# What must follow is computed by OLD too: golden.py --expect has it resume a copy and keeps what came out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
SADDLE=${1:?the program that records} SADDLE_ISA=portable
shift
export SADDLE SADDLE_ISA
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/config" "$work/twin"
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work XDG_STATE_HOME=$work LC_ALL=C
saddle() { "$SADDLE" --no-config --sessions="$work" --threads=1 "$@"; }
tiny='data demo --beta 1000 --val 1840; set batch 4; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; unwatch'
last_only="$tiny; set snapshot_every 0" # no snapshot but the last, and none at all of a run that is killed
first_only="$tiny; set snapshot_every 100"  # one of step 0; a run that is killed has no other

keep() { # NAME [TWIN]: without what belongs to this machine and process
    rm -f "$work/$1.saddle/lock" "$work/$1.saddle/reserve" "$work/$1.saddle"/tmp-*
    chmod 644 "$work/$1.saddle"/*
    rm -rf "$here/$1.saddle" && cp -r "$work/$1.saddle" "$here/" && chmod 755 "$here/$1.saddle"
    "$here/golden.py" --expect "$@"
}
whole() { # NAME COMMANDS: to the end
    saddle -c "$2 --name $1" >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; exit 1; }
    keep "$1"
}
killed() { # NAME PATTERN WORDS...: saddle -v WORDS, killed with -9 as soon as its log says PATTERN
    local name=$1 pattern=$2 line
    shift 2
    coproc RUN { exec "$SADDLE" --no-config --sessions="$work" --threads=1 -v "$@" 2>&1 </dev/null; }
    local pid=$RUN_PID log
    exec {log}<&"${RUN[0]}" # the coprocess takes its own with it
    while IFS= read -r line <&"$log"; do
        printf '%s\n' "$line" >>"$work/$name.log"
        [[ $line =~ $pattern ]] && kill -9 "$pid"
    done
    exec {log}<&-
    wait "$pid" 2>/dev/null
    [ $? -eq 137 ] || { echo "$name: ended before it was killed:"; tail -n 5 "$work/$name.log"; exit 1; }
}

# Killed before it had any snapshot. OLD could not resume such a run; what must come of it is what OLD makes of the same
# commands when nobody kills it.
killed_early() { # NAME PATTERN COMMANDS
    killed "$1" "$2" -c "$3"
    "$SADDLE" --no-config --sessions="$work/twin" --threads=1 -c "$3" >"$work/$1.twin.log" 2>&1 || { cat "$work/$1.twin.log"; exit 1; }
    keep "$1" "$work/twin/$1.saddle"
}

sgd() { whole sgd "$last_only; set opt sgd; set loss ce; set weights none; seed 1; train --steps 14"; }
sam() { whole sam "$last_only; set opt sam; set rho .08; seed 2; set lr multistep:0.05,warmup=1,2:0.01; set epochs 3; train"; }
# LDAM brings the normalised head.
ldam() {
    killed ldam 'step=8 .* set momentum' -c "$first_only; loss ldam --margin .4; set weights effective; set drw 1; set opt sgd; seed 3
        train --steps 60 --name ldam --paused; set momentum .85 at step 8; set epochs 3; resume"
    keep ldam
}
# Class weights and SAM's second radius come into force at epoch 1, between what was kept and what was killed; evaluations tell.
drw() {
    killed drw 'step=9 .* set weight_decay' -c "$first_only; set opt sam; set rho .05; set rho_drw .2; seed 4
        set weights inverse; set drw 1; set epochs 3
        train --name drw --paused; eval train at step 6; eval test at step 8; set weight_decay 1e-3 at step 9; resume"
    keep drw
}
knobs() {
    killed knobs 'step=11 .* set lr' -c "$first_only; set opt sam; set loss ce; seed 5; set epochs 3
        train --name knobs --paused; step 2; wait step 2; set rho .3; set lr .02; step 2; wait step 4; undo; set momentum .5
        set opt sgd at step 6; set opt asam at step 8; set lr 0.05@0 0.01@2 at step 11; set wd 1e-2 at step 12; set wd 1 at step 10
        cancel 5; set nesterov on; note changed by hand; resume"
    keep knobs
}
# Stopped in order while commands wait: for an epoch, for steps, for a condition that a probe will meet, and one that nothing will.
pending() {
    saddle -c "$last_only; set opt sgd; seed 6; train --steps 16 --name pending --paused
        set lr 0.004 at epoch 2; set momentum .7 at step 9; set opt sam if lmin:9 < -0.01; set rho .2 at step 14; set wd 0 if tail > 99
        hessian 9 --iters 3 at step 11; stop --yes at step 5; resume" >"$work/pending.log" 2>&1
    keep pending
}
# All kinds of probes, by hand and by the clock of epochs; two are still to come when it is killed.
probes() {
    killed probes 'step=9 .* set weight_decay' -c "$first_only; set opt sam; set rho .1; seed 7; set epochs 3; set budget 1
        train --name probes --paused; step 3; wait step 3
        hessian 9 --iters 4 --images 2; hessian 0 --iters 3 --images 5 --vectors 2 --trace --train-mode --weighted
        slice 0 v_min --points 5 --span .5 --iters 4 --images 3; cnc 0 --rho .1 --batches 12 --batch 2 --iters 60 --images 4
        set hessian_every 1; watch 8,9 every 1 iters 3 images 2
        hessian 1 --iters 4 --images 3 --top 2 at step 10; slice 2 random:3 --points 3 --images 2 at step 11
        set weight_decay 1e-3 at step 9; resume"
    keep probes
}
# Killed in the middle of its second epoch, three steps after a snapshot; commands wait in the snapshot and after it.
broken() {
    killed broken 'step=9 .* set rho' -c "$tiny; set opt sam; seed 8; set epochs 3
        train --name broken --paused; set rho .2 at step 9; set lr .02 at epoch 2
        set momentum .6 at step 8; set wd 1e-3 at step 16; resume"
    keep broken
}
# Killed, resumed, killed again: two segments, the second with steps of its own.
twice() {
    killed twice 'step=5 .* set rho' -c "$first_only; set opt sam; set loss focal; seed 9; set epochs 3
        train --name twice --paused; set rho .15 at step 5; set lr .03 at step 10; set momentum .8 at step 13; resume"
    killed twice 'step=10 .* set lr' resume twice
    keep twice
}
# Losses and optimisers that the others leave out; a few thousand bytes each, as they have no snapshot. Here is also what
# was accepted when it was recorded: more pieces than images in a batch, numbers of classes that mean nothing to the demo.
noise() {
    killed_early noise 'step=11 .* set lr' "$last_only; set classes 7; set tensor_classes 5; set opt pgd; set pgd_sigma .01
        loss vs --gamma .2; set lpf_gamma .1; seed 10; set epochs 3
        train --name noise --paused; set pgd_where weights at step 3; set opt lpf at step 6; set lpf_m 2 at step 9; set lr .03 at step 11; resume"
}
priors() {
    killed_early priors 'step=10 .* set rho' "$last_only; set opt asam; loss la --tau .9; set resample on; set bn_second_pass freeze; seed 11
        set epochs 3; set lr cosine:0.06
        train --name priors --paused; set rho .5 at step 10; resume"
}
# Killed between its last step, already told as the end, and its last snapshot.
unsaved() {
    killed_early unsaved ' finished ' "$last_only; set opt sgd; loss focal --gamma 2; set weights effective; set drw 0; set reduction batch-mean
        set augment off; set beta_en .9; seed 12; set epochs 2; train --name unsaved --paused; set momentum .6 at step 9; resume"
}
for name; do "$name"; done
