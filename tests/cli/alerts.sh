#!/bin/sh
# alert: told and done when a metric is past a limit, by this process alone; and what is surprising is told without being asked for.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" images 1 2 3x8x8 LT # 24 images of three classes: 6 steps an epoch
small='data tensors images; set model resnet8; set hessian_every 0; set snapshot_seconds 0; set batch 4; unwatch; set epochs 3; set eval_every 1'

run -c "$small; alert if acc < 100 for 1 epochs then 'set lr /2'; alert if tail > 200; alert; train --name one"
is 'an alert is listed' "$code $(printf '%s\n' "$out" | grep -c -e '^1: acc < 100 for 1 epochs then set lr /2$' -e '^2: tail > 200$')" '0 2'
is 'told once, when it held so long' "$(printf '%s\n' "$err" | grep '^warning: alert' | sed 's/it is [0-9.]*/it is A/')" \
    'warning: alert 1: acc < 100 for 1 epochs: it is A at epoch 2'
is 'what it does is recorded as what it became' "$("$SADDLE" cat one | grep -c '"op":"set","key":"lr","value":"multistep:.*"by":"alarm"')" 1
is 'and so is that it was raised' "$("$SADDLE" cat one | grep -c '"k":"note","q":[0-9]*,.*"text":"alert 1: acc < 100')" 1
"$SADDLE" export script one.sad one >/dev/null
is 'a script repeats the change, not the alert' "$(grep -c alert one.sad) $(grep -c '^set lr .* at step [0-9]* --force$' one.sad)" '0 1'
run -c "$small; alert if acc < 100 then 'stop --yes' --level error; train --name two"
is 'one of level error ends a run without a screen with 7' "$code $(printf '%s\n' "$out" | grep -c ' stopped asked for')" '7 1'
run -c "$small; train --steps 12 --name three; wait until acc > 1; note seen; wait until tail > 99.9"
is 'wait until a metric is past a limit; a run that ends before says so' \
    "$code $("$SADDLE" cat three | grep -c '"k":"note".*"text":"seen"') $(printf '%s\n' "$err" | sed 's/is [0-9.]* at/is A at/')" \
    '1 1 saddle: wait: the run ended before tail > 99.9: the last one is A at epoch 2'
mistake 'until when?' 1 "saddle: wait: unknown metric 'tial'; did you mean 'tail'?" -c 'wait until tial > 60'
run -c 'resume two; wait'
is 'a recording brings none along' "$code $(printf '%s\n%s\n' "$out" "$err" | grep -c 'alert 1')" '0 0'
mistake 'what begins a run is not done' 1 "saddle: alert: 'train' cannot be done by an alert; what steers a run or measures can" -c 'alert if acc < 5 then train'
mistake 'a metric that is not there' 1 "saddle: alert: unknown metric 'tial'; did you mean 'tail'?" -c 'alert if tial < 5'
mistake 'a command that is none' 1 "saddle: alert: unknown command 'puase'; did you mean 'pause'?" -c 'alert if tail < 5 then puase'
run -c "$small; set lr 30; set momentum 0; set weight_decay 0; set batch 12; train --epochs 15"
is 'a loss that explodes without NaN is told' "$(printf '%s\n' "$err" | grep -c '^warning: the loss is .* times that of guessing: lr 30')" 1
finish
