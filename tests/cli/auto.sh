#!/bin/sh
# `set rho auto`: its moves are recorded with their numbers; killed, resumed, forked and repeated by a script it comes to the same bits.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" small 1 2 3x16x16 LT # 24 images of three classes: 6 steps an epoch
setup='data tensors small --val 3; set model resnet8; set opt sam; set weights effective; set batch 4; set epochs 5; set drw 1; set hessian_every 1; set hessian_iters 6; set budget 1; set snapshot_seconds 0; unwatch; watch 2; set rho auto:0.1'
end() { # RUN: the state at its end
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"snap",.*"state":"\([0-9a-f]*\)".*/\1/p' | tail -n 1
}
moves() { # RUN: step and value of each
    "$SADDLE" cat "$1" | sed -n 's/.*"s":\([0-9]*\),.*"op":"set","key":"rho","value":"\(auto:[^"]*\)".*"by":"auto".*/\1 \2/p' | tr '\n' '|'
}

run -c "$setup; train --name whole"
is 'a run whose rho is moved' "$code" 0
has 'each move is told with its numbers' "$out" 'set rho auto:0.1 auto:.* by=auto why="(rho/|g|)lmin -[0-9.]* of 2 2, lmin -[0-9.]*; head [0-9.]*, mean before .*, band [0-9.]*"'
is 'at the end of an epoch' "$(moves whole | tr '|' '\n' | awk 'NF && $1 % 6 { print "step", $1 }')" ''

run export script again.sad whole
is 'its script leaves the moves to rho auto' "$(grep -c '^set rho ' again.sad) $(grep -c 'auto:0.1$' again.sad)" '1 1'
sed 's/^train/& --name again/' again.sad >twice.sad
run run twice.sad
is 'and comes to the same moves and bits' "$code $(moves again) $(end again)" "0 $(moves whole) $(end whole)"

"$SADDLE" -c "$setup; train --name killed" >log 2>&1 &
pid=$!
i=0
while [ $i -lt 600 ] && ! grep -q 'by=auto' log; do sleep 0.1; i=$((i + 1)); done
kill -9 $pid
wait $pid 2>/dev/null
run resume killed
is 'killed after a move it goes on to the same bits' "$code $(moves killed) $(end killed)" "0 $(moves whole) $(end whole)"

run -c 'fork whole@1.5 child; train'
is 'so does a fork' "$code $(end child)" "0 $(end whole)"

is 'Tab knows it wherever rho is given' "$("$SADDLE" --complete set rho au; "$SADDLE" --complete opt sam --rho au; "$SADDLE" --complete sweep rho=.1,au)" "$(printf 'auto\nauto\nrho=.1,auto')"

run -c 'set lr auto'
is 'no other knob has it' "$code $err" "1 saddle: set: lr: 'auto' is for rho only"
mistake 'it begins within its bounds' 1 'saddle: set: rho: auto begins at 0.01..1, and not at 50' -c 'set rho auto:50'
mistake 'and at a number' 1 "saddle: set: rho: 'x' is not a number" -c 'set rho auto:x'
run -q -c 'data demo; set epochs 1; set eval_every 0; set hessian_every 0; set rho 50; train --steps 2 --paused; set rho auto'
is 'a radius in force that is past them' "$code $err" "1 saddle: set: rho: it is 50, and auto moves it between 0.01 and 1; 'set rho auto:0.05' begins there"
run -n -c 'data demo; opt sam; set rho auto; unwatch; train'
has 'what keeps it from moving is told' "$out$err" "rho is auto, and no class of the tail is watched, so it stays 0.05 until 'watch tail'"
finish
