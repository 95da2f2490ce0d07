#!/bin/sh
# Bad input of every kind: one clear line, the documented exit code.
. "$(dirname "$0")/lib.sh"

# --- the command line: 2 ---
mistake 'unknown option' 2 "saddle: unknown option '--lgo=text'; did you mean '--log'?" --lgo=text
mistake 'unknown letter' 2 "saddle: unknown option '-x'; 'saddle --help' lists them" -x
mistake 'missing value' 2 "saddle: option '-c' needs a value" -c
mistake 'value too many' 2 "saddle: option '--yes=1' takes no value" --yes=1
mistake 'option out of range' 2 'saddle: --fps 99 is outside 1..30' --fps=99
mistake 'wrong log format' 2 "saddle: --log 'xml'; text, jsonl or none" --log=xml
mistake 'unknown sub-command' 2 "saddle: unknown sub-command 'resmue'; did you mean 'resume'?" resmue a
mistake 'a command of the prompt' 2 "saddle: 'rm' is a command of the prompt: saddle -c \"rm mm\" runs it" rm mm
mistake 'sub-command without its word' 2 'saddle: usage: saddle resume RUN[@EPOCH]' resume
mistake 'words beside -c' 2 "saddle: 'demo' beside -c; quote all commands together" -c data demo

# --- commands: 1 ---
mistake 'unknown verb' 1 "saddle: unknown command 'tarin'; did you mean 'train'?" -c tarin
mistake 'a word of other programs' 1 "saddle: unknown command 'exit'; did you mean 'quit'?" -c exit
mistake 'prefix in a script' 1 "saddle: unknown command 'hess'; in a script write it out: 'hessian'" -c 'hess 9'
mistake 'unknown knob' 1 "saddle: set: unknown knob 'roh'; did you mean 'rho'?" -c 'set roh .5'
mistake 'impossible value' 1 'saddle: set: epochs: 0 is not in 1..100000' -c 'set epochs 0'
mistake 'not a number' 1 "saddle: set: momentum: 'big' is not a number in 0..0.9999" -c 'set momentum big'
mistake 'wrong choice' 1 "saddle: loss: unknown value 'ldma'; did you mean 'ldam'? accepted: ce focal ldam vs la ib ib-focal" -c 'loss ldma'
mistake 'unknown option of a verb' 1 "saddle: data: unknown option '--gorups'; did you mean '--groups'?" -c 'data demo --gorups 3'
mistake 'unknown class' 1 "saddle: watch: unknown class 'flwoer'; did you mean 'flower'?" -q -c 'data demo; watch flwoer'
mistake 'class out of range' 1 \
    "saddle: watch: unknown class '10'; an index 0..9, a name, a..b, head, mid, tail, all or worst:K" -q -c 'data demo; watch 10'
mistake 'a group without classes' 1 "saddle: watch: no class is in group 'mid' of this data; 'show classes' lists them with their groups" \
    -q -c 'data demo --groups 0-4/5-9; watch mid'
mistake 'watch without a number' 1 "saddle: watch: 'every' needs a number" -q -c 'data demo; watch 9 every'
mistake 'watch how often' 1 "saddle: watch: iters 1 is outside 2..1000" -q -c 'data demo; watch tail every 5 iters 1'
mistake 'too much after the classes' 1 "saddle: watch: 'of' after the classes; every N, iters M or images K" \
    -q -c 'data demo; watch 9 every 5 of 3'
mistake 'another protocol' 1 "saddle: hessian: like 'pyhessain'; pyhessian is accepted" -q -c 'data demo; model resnet8; hessian 9 --like pyhessain'
mistake 'slice of two classes' 1 "saddle: slice: 'tail' names 3 classes; one is needed" -q -c 'data demo; model resnet8; slice tail'
mistake 'direction that is none' 1 "saddle: slice: direction 'up'; v_min, v_max or random:N with N in 0..999999" \
    -q -c 'data demo; model resnet8; slice 9 up'
mistake 'no radius' 1 'saddle: cnc: rho 0 is outside 1e-09..100' -q -c 'data demo; model resnet8; cnc 9 --rho 0'
mistake 'open quote' 1 'saddle: quote " is not closed' -c 'note "a'
mistake 'wrong when' 1 "saddle: set: 'eopch' is neither epoch nor step" -c 'set rho 1 at eopch 3'
mistake 'a head that does not fit the loss' 1 \
    'saddle: train: loss ib is made for the plain linear classifier, and head is norm; accepted with it: head auto, head linear' \
    -q -c 'data demo; model resnet8 --head norm; loss ib; train --steps 1'
mistake 'a math that the device has not' 4 'saddle: train: math bf16: device reference computes in fp32 only; accepted here is fp32' \
    -q -c 'data demo; set math bf16; device reference; train --steps 1'
is 'and nothing was recorded' "$(ls data/saddle/sessions 2>/dev/null)" ''
mistake 'nor a plan made' 4 'saddle: train: math tf32: device reference computes in fp32 only; accepted here is fp32' \
    -q -n -c 'data demo; set math tf32; device reference; train --steps 1'
mistake 'a math that there is not' 1 "saddle: set: math: unknown value 'fp16'; did you mean 'fp32'? accepted: fp32 tf32 bf16 winograd" \
    -c 'set math fp16'
mistake 'no run' 1 "saddle: pause: no run; 'train' starts one" -c pause
mistake 'needs the screen' 1 'saddle: sort: needs the screen' -c 'sort acc'
mistake 'read-only' 1 'saddle: train: not with --readonly' --readonly -c train
mistake 'unknown recipe' 1 "saddle: preset: unknown recipe 'dmeo'; 'preset' lists them" -c 'preset dmeo'
run -c 'preset paper/cifar10-lt/ce --root nowhere'
is 'a recipe looks for its images where --root says' "$code $(printf '%s\n' "$err" | grep -c 'ce.sad:3: data: cifar10: neither nowhere nor ')" '3 1'
mistake 'the demo has no folder' 1 "saddle: preset: the demo is drawn and needs no folder" -c 'preset demo --root nowhere'
mistake 'recipe outside its folder' 1 "saddle: preset: unknown recipe '../../etc'; 'preset' lists them" -c 'preset ../../etc'
mistake 'script that is not there' 1 "saddle: cannot read 'no.sad': No such file or directory" run no.sad

# --- data: what is there but cannot be used, and what is not there ---
mistake 'a class without images' 1 \
    'saddle: data: demo: beta 100000 leaves class 6 heart without any image (the largest has 1000); accepted: 1..1000' \
    -c 'data demo --beta 100000'
mistake 'beta out of range' 1 'saddle: data: beta: .5 is not in 1..100000' -c 'data demo --beta .5'
mistake 'no data folder' 3 'saddle: data: cifar10 needs its binary version, data_batch_1.bin to data_batch_5.bin and test_batch.bin; name their folder with --root DIR or $SADDLE_DATA (looked here, in data, ../data, ~/data, ~/datasets and ~/Downloads)' -c 'data cifar10-lt'
run -c 'data cifar10-lt --root /nonexistent'
is 'missing data files' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
run -c 'data tensors nothing.safetensors'
is 'missing tensors file' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'

run -q -c 'data demo; model resnet8; save weights w.safetensors'
is 'weights are written' "$code" 0
head -c 1000 w.safetensors >cut.safetensors
run -q -c 'data demo; model resnet8; load weights cut.safetensors'
is 'truncated weights' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
printf '\377\377\377\377\377\377\377\177{}' >huge.safetensors
run -q -c 'data demo; model resnet8; load weights huge.safetensors'
is 'a header that claims to be huge' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
run -q -c 'data demo; model resnet20; load weights w.safetensors'
is 'weights of another network' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
run -q -c 'data demo; model resnet8; save weights w.safetensors'
is 'an existing file is refused' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '1 1'
run -q -c 'data demo; model resnet8; save weights w.safetensors --force'
is 'and replaced with --force' "$code" 0

# --- sessions ---
run resume nothing
is 'resume of a run that is not there' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'
run replay nothing@3
is 'replay of a run that is not there' "$code $(printf '%s\n' "$err" | wc -l | tr -d ' ')" '3 1'

# --- saddlerc ---
printf 'set fps 2\ntrain\n' >rc
mistake 'a command in saddlerc' 2 'saddle: rc:2: train: only set and alias may stand in saddlerc' --config=rc -c 'echo a'
finish
