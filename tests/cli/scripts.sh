#!/bin/sh
# Scripts: where commands come from, where they stop, what is printed.
. "$(dirname "$0")/lib.sh"

printf 'echo one\n# nothing\necho two; set roh 1; echo three\necho four\n' >a.sad
run run a.sad
is 'stops at the first error' "$code $out" "1 one
two"
is 'with file and line' "$err" "saddle: a.sad:3: set: unknown knob 'roh'; did you mean 'rho'?"

printf 'source a.sad\necho after\n' >b.sad
run run b.sad
is 'also in a sourced file' "$code $err" "1 saddle: a.sad:3: set: unknown knob 'roh'; did you mean 'rho'?"
printf 'source c.sad\n' >c.sad
run run c.sad
is 'a script that runs itself ends' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '1 1'

printf 'set lr 0.05@0 \\\n  0.1@5\nshow lr\n' >d.sad
run run d.sad
is 'a backslash continues a line' "$(printf '%s\n' "$out" | head -n 1)" 'lr multistep:0.1 -> 0.05@0 0.1@5'

printf 'echo a\nset roh 1\necho b\n' | "$SADDLE" >out 2>err
is 'standard input' "$? $(cat out) $(cat err)" "1 a saddle: stdin:2: set: unknown knob 'roh'; did you mean 'rho'?"
printf 'echo last line without end' | "$SADDLE" >out 2>err
is 'a last line without a newline' "$(cat out)" 'last line without end'
is 'nothing at all' "$("$SADDLE" </dev/null 2>&1; echo $?)" 0

run -c 'echo a; quit; echo b'
is 'quit ends a script' "$code $out" '0 a'
run --do 'set rho .2' -c 'show rho'
is '--do comes first' "$(printf '%s\n' "$out" | tail -n 1 | cut -d' ' -f1,2)" 'rho 0.2'

mkdir -p config/saddle
printf "set fps 2\nalias hi 'echo hello'\n" >config/saddle/saddlerc
run -c 'hi there; show fps'
is 'saddlerc is read' "$code $(printf '%s\n' "$out" | head -n 1)" '0 hello there'
run --no-config -c 'hi'
is '--no-config reads none' "$code" 1
rm config/saddle/saddlerc

run -n -c "$tiny; train --steps 50 --name plan"
is 'a dry run prints a plan' "$code $(printf '%s\n' "$out" | grep -c '^plan: demo-lt beta=100, resnet8, ce+drw+sam: 50 steps of 8 images in [0-9]* epochs, 2 passes each')" '0 1'
run -n -c "$tiny; hessian all; save weights dry.safetensors; train --steps 5; rm no-such-run --yes"
is 'and names what it leaves alone' "$code $(printf '%s\n' "$out" | grep '^not run' | tr '\n' '|') $(ls dry.safetensors 2>/dev/null)" \
    '0 not run: hessian all|not run: save weights dry.safetensors|not run: rm no-such-run --yes| '
run sessions
is 'and records nothing' "$(printf '%s\n' "$out" | grep -c plan)" 0

run --log=none -c "$tiny; set rho .3 at step 5; set momentum .8 in 9 steps; show pending; train --steps 14 --name when; wait step 10; show rho; show momentum"
is 'when-clauses act at their step' \
    "$code $(printf '%s\n' "$out" | grep -c '^rho 0.3\*') $(printf '%s\n' "$out" | grep -c '^momentum 0.8\*')" '0 1 1'
long='0.05@0'
for e in 11 12 13 14 15 16 17 18 19 21 22 23 24 25 26; do long="$long 0.01234567890123$e@${e}000"; done
run --log=none -c "$tiny; train --steps 2 --no-record --paused; set lr '$long' at step 1; resume; wait"
is 'an answer is whole however long it is' "$code $(printf '%s\n' "$out" | grep -cF "pending 1: set lr $long at step 1 (in 0.0 epochs)")" '0 1'
run export script again.sad when
is 'a run becomes a script' "$code $(grep -c '^set rho 0.3 at step 5 --force' again.sad) $(grep -c '^set momentum 0.8 at step 9 --force' again.sad)" '0 1 1'
sed 's/^train.*/& --no-record/' again.sad >twice.sad
echo 'wait' >>twice.sad
echo 'save weights 2.safetensors' >>twice.sad
run run twice.sad
"$SADDLE" -c "$tiny; set rho .3 at step 5; set momentum .8 at step 9; train --steps 14 --no-record; wait; save weights 1.safetensors" >/dev/null 2>&1
if cmp -s 1.safetensors 2.safetensors; then same=same; else same=differ; fi
is 'that repeats it bit by bit' "$code $same" '0 same'

run -c "$tiny; train --steps 100000 --no-record; pause; wait"
is 'waiting while paused is an error, not a hang' "$code $(printf '%s\n' "$err" | tail -n 1)" "1 saddle: wait: training is paused: asked for; 'resume' goes on"
run -c "$tiny; train --steps 100000 --no-record; stop"
is 'stop asks, and nobody answers' "$code $(printf '%s\n' "$err" | tail -n 1)" '1 saddle: stop: nobody here to say yes; give --yes'
run -c "$tiny; train --steps 100000 --no-record; stop --yes"
is 'stop --yes' "$code" 0

# A build with CUDA on a machine without a GPU says at the start of a run why the processor computes, as `saddle doctor` does.
run doctor
passed_over=$(printf '%s\n' "$out" | sed -n 's/^device    cuda: \(no .*\)/\1/p')
run -c "$tiny; train --steps 1"
if [ -n "$passed_over" ]; then
    is 'a device that auto passes over is named with the reason' "$(printf '%s\n' "$out" | grep -c -F "note device auto takes cpu: $passed_over")" 1
    run -c "$tiny; set device cpu; train --steps 1"
fi
is 'nothing is said of a device when none was passed over' "$code $(printf '%s\n' "$out" | grep -c 'device auto takes')" '0 0'

run --log=jsonl -c "data demo; set batch 64; set hessian_every 0; train --steps 2 --no-record; wait; eval test; hessian 9 --iters 4; show rho"
is 'JSON Lines' "$code" 0
if command -v python3 >/dev/null 2>&1; then
    check=$(python3 -c '
import json, sys
kinds = set()
for line in open(sys.argv[1], encoding="ascii"):
    record = json.loads(line)
    assert list(record)[:4] == ["k", "q", "s", "m"], record
    assert record["time"].endswith("Z")
    kinds.add(record["k"])
    if record["k"] == "epoch":
        assert len(record["cls"]) == 10
print(" ".join(sorted(kinds & {"config", "data", "env", "epoch", "eig", "say", "state"})))' "$work/out" 2>&1)
    is 'every line is an event' "$check" 'config data eig env epoch say state'
else
    skip 'every line is an event' 'no python3'
fi
run -c "$tiny; train --steps 30 --no-record; wait; eval"
is 'no carriage return, no escape' "$code $(tr -d '\n\40-\176' <out | wc -c | tr -d ' ')" '0 0'
is 'an eval line' "$(grep -c '^20[0-9-]*T[0-9:]*Z eval  step=30 ep=[0-9.]* lr=[0-9.]* rho=0.1 drw=0 loss=[0-9.]* acc=[0-9.]* head=' out)" 1
finish
