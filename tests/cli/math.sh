#!/bin/sh
# Maths bf16 and winograd on the cpu, eval_math bf16: recorded with the name of their instruction set, the same bits in one piece, cut, repeated and on any
# number of threads; another instruction set does not go on with them.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
python3 "$here/tensors.py" images 1 2 3x16x16
tiny="data tensors images; set opt sam; set rho .05; set lr .02; $quick"
SADDLE_ISA=portable
export SADDLE_ISA
half="$tiny; model resnet8; set math bf16"

run -v -c "$half; set threads 2; train --steps 10 --name whole"
is 'a run' "$code $err" '0 '
is 'its instruction set' "$(isa_of whole)" portable-bf16
whole=$(last_state out)
run -c "$half; set threads 1; train --steps 6 --name cut"
run -v -c 'set steps 10; set threads 3; resume cut'
is 'cut and resumed: the same bits' "$code $(last_state out)" "0 $whole"
run -v -c "$tiny; model resnet8; set eval_every 1; train --steps 10 --name exact"
is 'fp32 has others' "$code $([ "$(last_state out)" != "$whole" ] && echo others)" '0 others'
exact=$(last_state out)
fewer="$tiny; model resnet8; set math winograd"
run -c "$fewer; set threads 2; train --steps 6 --name fewer"
is 'winograd: its form is recorded' "$code $err $(isa_of fewer)" '0  portable-f4x4-hvp'
run -v -c 'set steps 10; set threads 3; resume fewer'
resumed=$(last_state out)
run -v -c "$fewer; train --steps 10 --name fewer-whole"
is 'winograd, cut and resumed: the same bits' "$code $(last_state out)" "0 $resumed"

run -v -c "$tiny; model resnet8; set eval_math bf16; set eval_every 1; train --steps 10 --name rough"
is 'evaluated in bf16, trained in fp32: the same weights' "$code $(last_state out) $(isa_of rough)" "0 $exact portable"
is 'each evaluation says so' "$(printf '%s\n' "$out" | grep ' eval ' | grep -vc 'math=bf16') $("$SADDLE" cat rough | grep '"k":"epoch"' | grep -c '"math":"bf16"')" '0 4'
is 'one of fp32 does not' "$("$SADDLE" cat exact | grep '"k":"epoch"' | grep -c '"math":null')" 4
run -c "$tiny; model resnet8; set math auto; show math; model resnet18; set math auto; show math; device reference; model resnet8; set math auto; show math"
is 'auto: what network and device have' "$(printf '%s\n' "$out" | sed -n 's/^math \([a-z0-9]*\)  (default.*/\1/p' | tr '\n' ' ')" 'bf16 fp32 fp32 '
mistake 'others refuse' 4 'saddle: train: eval_math bf16: device reference evaluates in fp32 only; accepted here is fp32' \
    -c "$tiny; device reference; set eval_math bf16; train --steps 2"
mistake 'networks of other units refuse' 1 'saddle: train: eval_math bf16 does not have unit 0 of resnet18, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or eval_math fp32' \
    -c "$tiny; model resnet18; set eval_math bf16; train --steps 2"
run doctor
is 'doctor knows' "$(printf '%s\n' "$out" | grep '^cpu: math')" 'cpu: math fp32, winograd, bf16 (portable-bf16)'

SADDLE_ISA=amx-emulated
run doctor
is 'doctor knows tiles' "$(printf '%s\n' "$out" | grep '^cpu: math')" 'cpu: math fp32, winograd, bf16 (amx-emulated)'
python3 "$here/tensors.py" smaller 1 2 3x8x8 # tiles that are emulated take long
for net in resnet8 resnet20 resnet32; do
    run -v -c "$tiny; data tensors smaller; model $net; set math bf16; set threads 2; train --steps 2 --name tiles-$net"
    tiles=$(last_state out)
    run -v -c "$tiny; data tensors smaller; model $net; set math bf16; set threads 1; train --steps 1 --name cut-$net"
    run -v -c "set steps 2; set threads 3; resume cut-$net"
    is "tiles: $net, cut and resumed: the same bits" "$code $(last_state out) $(isa_of tiles-$net)" "0 $tiles amx-emulated"
done
SADDLE_ISA=amx
run doctor
if printf '%s\n' "$out" | grep -q '^cpu: AMX tiles compute math bf16'; then
    skip 'tiles are refused by name' 'this processor has them'
else
    is 'tiles are refused by name' "$(printf '%s\n' "$out" | grep -c '^cpu: SADDLE_ISA=amx: ')" 1
fi
SADDLE_ISA=amx-emulated
run -c 'set steps 12; resume cut'
is 'tiles do not go on with what vectors summed' "$code $err" \
    '4 saddle: resume: math bf16 with amx-emulated: the run was recorded with portable-bf16, and goes on with that only'

SADDLE_ISA=avx2
run doctor
if printf '%s\n' "$out" | grep -q 'instruction set avx2'; then
    is 'doctor knows who has none' "$(printf '%s\n' "$out" | grep '^cpu: math')" \
        'cpu: math fp32, winograd; bf16 needs the instructions AVX512-BF16, and no other set chosen'
    run -c 'set steps 12; resume fewer'
    is 'winograd does not go on in another form' "$code $err" \
        '4 saddle: resume: math winograd with avx2-f4x4-hvp: the run was recorded with portable-f4x4-hvp, and goes on with that only'
    run -v -c 'set steps 11; resume rough'
    is 'who has none goes on with fp32 evaluations' "$code $(printf '%s\n' "$err" | grep 'warning: resume: eval') $(printf '%s\n' "$out" | grep ' eval ' | grep -c 'math=')" \
        '0 warning: resume: eval_math bf16: device cpu evaluates in fp32 only; accepted here is fp32; it is evaluated in fp32 here 0'
    mistake 'who has none refuses' 4 'saddle: train: math bf16: device cpu computes in fp32, winograd only; accepted here are fp32, winograd' -c "$half; train --steps 2"
else
    skip 'who has none refuses' 'no AVX2'
    skip 'who has none goes on with fp32 evaluations' 'no AVX2'
fi
SADDLE_ISA=avx512
run doctor
if printf '%s\n' "$out" | grep -q 'bf16 (avx512bf16)'; then
    run -c 'set steps 12; resume cut'
    is 'another instruction set does not go on' "$code $err" \
        '4 saddle: resume: math bf16 with avx512bf16: the run was recorded with portable-bf16, and goes on with that only'
    run -c 'set steps 12; fork cut elsewhere'
    is 'a fork at a snapshot does, and says so' "$code $err $(isa_of elsewhere)" \
        '0 warning: fork: its steps in math bf16 were rounded on cpu portable-bf16, and are on cpu avx512bf16 from here on avx512bf16'
    run -c 'set steps 12; fork elsewhere again'
    is 'on its own it has nothing to say' "$code $err" '0 '
else
    skip 'another instruction set does not go on' 'no AVX512-BF16'
    skip 'a fork at a snapshot does, and says so' 'no AVX512-BF16'
    skip 'on its own it has nothing to say' 'no AVX512-BF16'
fi
finish
