#!/bin/sh
# A second stage as it is recorded: its event, and a run that ends anywhere near its beginning and is taken up from disk.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" batch.st 1 2
quiet='data tensors batch.st; model resnet8; set batch 8; set lr .02; set hessian_every 0; set snapshot_seconds 0; set eval_every 2; unwatch'
plan='set epochs 2; set stage lws; set stage_epochs 2; set stage_norm frozen; set weights effective; set drw 1'
last() { # RUN: the state of its last snapshot
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"snap",.*"state":"\([0-9a-f]*\)".*/\1/p' | tail -n 1
}
stages() { # RUN: step and name of each stage event
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"stage",.*"s":\([0-9]*\),.*"name":"\([a-z]*\)".*/\1 \2/p' | tr '\n' ','
}
losses() { # RUN
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"step",.*"s":\([0-9]*\),.*"loss":\([^,]*\),.*/\1 \2/p'
}

run -c "$quiet; $plan; train --name whole"
is 'two stages' "$code $("$SADDLE" cat whole | grep -c '"s":12,.*"state":"finished"')" '0 1'
is 'each but the first is told of once, with its first step' "$(stages whole)" '4 drw,7 lws,'
is 'and in the log' "$(printf '%s\n' "$out" | sed -n 's/.* step=7 ep=2.00 \(stage .*\)/\1/p')" \
    'stage lws number=3 epochs=2 steps=3 trains=scales redraw=0 sampler=class-aware norm=frozen loss=ce weights=none augment=0'
run -c 'info whole; export csv w.csv whole'
is 'info and tables have it' "$(printf '%s\n' "$out" | grep -c '^from epoch 2 on stage lws: scales trains for 2 epochs of 3 steps, sampler class-aware, ') $(grep -c 'mark_B,,,lws' w.csv)" '1 1'
for at in 5 6 7 10; do
    run -c "$quiet; $plan; set steps $at; train --name cut$at"
    run -c "set steps 0; resume cut$at"
    is "taken up at step $at" "$code $(stages "cut$at")$(last "cut$at")" "0 4 drw,7 lws,$(last whole)"
    is 'with the same losses' "$(losses "cut$at" | cksum)" "$(losses whole | cksum)"
done
run -c 'resume whole@2'
is 'begun again from its own beginning, on a new timeline' "$code $(stages whole)$(last whole)" "0 4 drw,7 lws,7 lws,$(last cut10)"
run -c 'replay whole; seek 3; export safetensors three.st; replay cut5; export safetensors cut.st cut5@3'
is 'weights within it' "$code $(cksum <three.st)" "0 $(cksum <cut.st)"
run -c "$quiet; $plan; set stage_sampler weighted; set sampler_power .5; set head norm; train --name no"
is 'no scales of a normalised classifier' "$code $err" \
    '1 saddle: train: stage lws trains a factor for each row of the classifier, and head is norm, which does not see the length of its rows; accepted with it: head linear'
run -c 'set steps 0; set stage_sampler instance; resume cut7'
is 'what has begun stays' "$code $(printf '%s\n' "$err" | grep -c "stage_sampler is fixed (class-aware) since stage lws began at epoch 2; 'stage lws --from cut7@2' begins one anew from there")" '1 1'
finish
