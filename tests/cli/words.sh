#!/bin/sh
# What explains itself: words of the screen, why a class is as it is, what is recorded.
. "$(dirname "$0")/lib.sh"
tour=$top/tests/screen/tour.saddle

run -c "replay $tour; seek 9; why flower; why 2"
has 'why tells what is recorded, and what would tell more' "$code $out" '^9 flower: 10 training images, tail, 0 of 10 classes have fewer' \
    '^accuracy [0-9.]* % at epoch 9' 'before D8 (drw on: weights effective) it was' 'it is taken for' 'counts 3.96 times since epoch 8' \
    'min -[0-9.]* ± [0-9.e-]*, .*max [0-9.]* ± ' 'hessian 2' '^0 '
has 'and whether the saddle is left' "$out" 'its loss falls along v_min: a saddle\|SAM.s step'
run -c "replay $tour; seek 4; why 9"
has 'before re-weighting it says when' "$out" 'not re-weighted yet: its loss will count 3.96 times from epoch 8'
mistake 'of one class only' 1 "saddle: why: '0..2' names 3 classes; one is needed" -c "replay $tour; why 0..2"
mistake 'not before there is anything' 1 "saddle: why: nothing is recorded yet; 'train' or 'replay RUN' first" -c 'why 3'

run -c 'help amp; help ESD; help D; help when'
has 'help knows the words of the screen' "$code $out" 'on the screen: amp' 'Empirical spectral density' 'Letters where something changed' "'at epoch 170'" '^0 '

run -c "$tiny; train --name plain --steps 2; wait; $tiny; opt sgd; loss focal; train --name sharp --steps 2 --paused; note 'a look'; resume; wait; stop --yes"
run sessions
has 'sessions shows data, loss, optimiser and radius' "$out" '^NAME *STATE *EPOCH *ACC *TAIL *BEST *LOSS/OPT *DATA' '^plain .* ce+drw+sam rho 0.1 *demo' '^sharp .* focal+drw  *demo'
run -c 'sessions --sort name'
is 'sorted by a column' "$(printf '%s\n' "$out" | cut -d ' ' -f 1 | tr '\n' ' ')" 'NAME plain sharp '
run sessions --sort=name
is 'from the shell too' "$(printf '%s\n' "$out" | cut -d ' ' -f 1 | tr '\n' ' ')" 'NAME plain sharp '
run --no-config sessions --sort tail --notes 'sh*'
is 'with its options anywhere behind it' "$code $(printf '%s\n' "$out" | grep -c '^  note at epoch 0: a look$')" '0 1'
mistake 'a value is asked for' 2 "saddle: option '--sort' needs a value" sessions --sort
mistake 'one that the command lacks' 2 "saddle: unknown option '--notes'; 'saddle --help' lists them" info --notes plain
mistake 'or whose value is wrong' 1 "saddle: sessions: 'size' is no column; there are time, name, data, loss, opt, state, epoch, acc, tail and best" sessions --sort size
run -c "sessions 'sh*' --notes"
is 'and what was noted of each' "$(printf '%s\n' "$out" | grep -c '^  note at epoch 0: a look$') $(printf '%s\n' "$out" | grep -c '^plain')" '1 0'
mistake 'that exists' 1 "saddle: sessions: 'size' is no column; there are time, name, data, loss, opt, state, epoch, acc, tail and best" -c 'sessions --sort size'
run -c "$tiny; train --name hand --steps 6 --paused; set rho 5; set opt sgd at step 3; set opt asam at step 5; resume; wait; stop --yes"
run -c 'sessions ha*'
has 'as they are at the end of a run that was changed by hand' "$out" '^hand .* ce+drw+asam rho 5 *demo'
run info hand
has 'also in info, with what they were' "$out" 'ce+drw+asam rho 5, ' 'not as by default: .*opt asam\* (sam > sgd@[0-9.]* > asam@[0-9.]*), lr multistep.*, rho 5\* (0.1 > 5@[0-9.]*), '
run info sharp
has 'info shows what is not as by default, and notes' "$out" 'not as by default: .*loss focal.*' 'model resnet8' 'note at epoch 0: a look'
is 'the recipes watch one class of head, mid and tail' "$(cat "$top"/recipes/paper/cifar10-*/*.sad | grep -c '^watch 0 5 9$') \
$(cat "$top"/recipes/paper/cifar100-*/*.sad | grep -c '^watch 0 50 99$')" '23 25'
finish
