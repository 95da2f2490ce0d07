#!/bin/sh
# What was chosen and can never act is said; what would be dropped is refused; what is not known is shown as such.
. "$(dirname "$0")/lib.sh"
small='data demo; set batch 8'

# --- defaults are quiet, choices are not; one process, many plans ---
run -n -q -c "train --steps 5; preset demo; train --epochs 3; set drw 24; set rho 0.1; train --epochs 3; opt sgd; set rho 0.1; train"
is 'nothing is said about defaults, however short the run, nor about a default that was set' "$code $err" '0 '
cat >choices.sad <<'END'
data demo
set batch 8
loss ldam --drw 1 --weights none
train
loss ldam --weights effective --drw 30
train --steps 20
opt sgd --rho_drw .5
train
set lr multistep:0.1,warmup=5
train --epochs 4
set lr cosine:0.1
train --steps 20
preset demo
loss ldam
model resnet8 --head linear
train
preset demo
set eval_every 0
set lr .01 if acc > 60
set momentum .5 if lmin:3 < -5
train
set eval_every 1 at epoch 2
train
preset demo
watch 3 every 41
train
END
run -n -q run choices.sad
is 'and of what was chosen, each thing by the line that trains' "$code $err" \
    "0 warning: choices.sad:4: train: weights is none, so drw does nothing until 'set weights effective'
warning: choices.sad:6: train: drw 30 is past the end of training (20 steps, epoch 0.0645): class weights never act
warning: choices.sad:8: train: opt is sgd, so rho_drw does nothing until 'set opt sam'
warning: choices.sad:10: train: opt is sgd, so rho_drw does nothing until 'set opt sam'
warning: choices.sad:10: train: drw 30 is past the end of training (4): class weights never act
warning: choices.sad:10: train: lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1
warning: choices.sad:12: train: opt is sgd, so rho_drw does nothing until 'set opt sam'
warning: choices.sad:12: train: drw 30 is past the end of training (20 steps, epoch 0.0645): class weights never act
warning: choices.sad:12: train: lr follows its cosine over 40 epochs, but training ends before (20 steps, epoch 0.0645): it stops at 0.1 and never comes to 0
warning: choices.sad:16: train: head is linear, but ldam's margin and scale are for cosines: they act as meant with 'head norm' only (auto takes it)
warning: choices.sad:21: train: pending 1 'if acc': eval_every is 0: only an 'eval' by hand can meet it
warning: choices.sad:21: train: pending 2 'if lmin:3': class 3 is not watched, so it waits for a 'hessian 3' by hand
warning: choices.sad:23: train: pending 2 'if lmin:3': class 3 is not watched, so it waits for a 'hessian 3' by hand
warning: choices.sad:26: train: hessian_every 41 is past the end of training (40): nothing is probed"
mkdir recipes
printf 'data demo\nset lr multistep:0.1,warmup=5,160:0.01,180:0.0001\ntrain\n' >recipes/short.sad
SADDLE_RECIPES=$work/recipes
export SADDLE_RECIPES
run -n -q -c 'preset short; train'
is 'a recipe chooses, even what is the default' "$code $err" \
    '0 warning: train: lr: epoch 160 is past the end of training (40), so it never changes there'

# --- a recorded run: its script sets every knob, and is as quiet as the run was; resume says the same ---
run -q -c "$tiny; set weights none; loss ldam --drw 1; train --steps 4 --name a --paused; step 2; wait step 2; stop --yes"
is 'the run says it' "$code $err" "0 warning: train: weights is none, so drw does nothing until 'set weights effective'"
run -q resume a
is 'and so does the run that goes on' "$code $err" "0 warning: resume: weights is none, so drw does nothing until 'set weights effective'"
run -q -c "$tiny; train --steps 3 --name b; wait; export script b.sad"
is 'a short run of defaults says nothing' "$code $err" '0 '
run -n -q run b.sad
is 'nor does the script that repeats it' "$code $err" '0 '

# --- refused rather than dropped ---
mistake 'beta of a whole data set' 1 \
    'saddle: data: cifar10 keeps every image, so beta 100 does nothing; cifar10-lt and cifar10-step take it' -c 'data cifar10 --beta 100'
mistake 'beta without a profile' 1 'saddle: data: beta 9 does nothing with --imb none; exp and step take it' -c 'data demo --imb none --beta 9'
mistake 'beta of tensors' 1 'saddle: data: --beta is not for tensors FILE, which is taken as it is' -c 'data tensors x --beta 9'
for data in cifar10 cifar100-lt demo; do
    mistake "classes of $data" 1 'saddle: data: --classes is for tensors FILE and list FILE; this data has classes of its own' -c "data $data --classes 5"
done
mistake 'a folder for the demo' 1 'saddle: data: --root is for CIFAR; the demo is drawn and needs no folder' -c 'data demo --root x'
mistake 'a knob that nobody read' 1 "saddle: set: unknown knob 'tensor_classes'; 'show' lists them" -c 'set tensor_classes 5'
mistake 'more pieces than images' 1 \
    'saddle: train: lpf_m 9: a batch of 8 images has no more than 8 pieces; accepted with this batch: 1..8' -q -c "$small; opt lpf; set lpf_m 9; train --steps 1"
is 'and nothing was recorded' "$(ls "$XDG_DATA_HOME/saddle/sessions" | grep -c demo)" 0

# --- resample draws by beta_en ---
state_of() { # SETTINGS
    "$SADDLE" -c "$tiny; $1; train --steps 3 --no-record; wait; save weights w.safetensors --force" >/dev/null 2>&1 </dev/null
    cksum <w.safetensors
}
usual=$(state_of 'set resample on; set weights none; set opt sgd')
is 'fixed is 0.9999' "$(state_of 'set resample fixed; set weights none; set opt sgd; set beta_en .5')" "$usual"
half=$(state_of 'set resample on; set weights none; set opt sgd; set beta_en .5')
if [ "$half" != "$usual" ]; then ok 'beta_en decides what resample on draws'; else not_ok 'beta_en decides what resample on draws' "$half"; fi

# --- a class without images: two images of classes 0 and 1, six classes ---
header='{"images":{"dtype":"F32","shape":[2,3,32,32],"data_offsets":[0,24576]},"labels":{"dtype":"I64","shape":[2],"data_offsets":[24576,24592]}}'
{
    printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"
    head -c 24576 /dev/zero
    printf '\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0'
} >two.safetensors
six='data tensors two.safetensors --classes 6; model resnet8'
run -q -c "$six; set weights effective; show weights"
is 'no weight without images' "$code $(printf '%s\n' "$out" | grep -c 'weight\|nan') $err" \
    '3 0 saddle: show: class 2 has no training images, but the class weight needs its count'
run -q -c "$six; set weights inverse; set drw 0; train --no-record --steps 1"
is 'as train says' "$code $err" '3 saddle: train: class 2 has no training images, but the class weight needs its count'
run -c "$six; show weights"
is 'and without a rule every class counts alike' "$code $(printf '%s\n' "$out" | grep -c 'weight 1$')" '0 6'
finish
