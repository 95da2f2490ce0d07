#!/bin/sh
# The whole program on emulated CUDA devices: which there are, choosing one, resuming a run on the same; bf16; and calls
# that fail.
program=${top_builddir:-.}/tests/kernels/saddle_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
SADDLE=$(cd "$(dirname "$program")" && pwd)/saddle_emulated
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top_srcdir/tests/cli/lib.sh"
export SHIM_DEVICES=2
command -v python3 >/dev/null || { echo 'skipped: no python3'; exit 77; }
python3 "$top_srcdir/tests/cli/tensors.py" images 1 2 3x8x8 # a sixteenth of the work of the demo's
small="data tensors images; $quick; set batch 4; set model resnet8"

run doctor
is 'doctor takes the first device and names both' "$(printf '%s\n' "$out" | grep -c -E '^(auto      cuda|cuda:[01]: emulated device, .*)$')" 3
run --version
is '--version lists them too' "$(printf '%s\n' "$out" | grep -c -E '^device    cuda(:1)?: an NVIDIA GPU')" 2
run -c 'device cuda:1'
is 'the second is chosen' "$code $out" '0 device cuda:1: an NVIDIA GPU (compute capability 8.0 or newer): exact float, or math tf32 and bf16'
mistake 'a third is not there' 4 'saddle: device: there is no cuda:2: this machine has 2 CUDA devices, cuda:0 to cuda:1' -c 'device cuda:2'
mistake 'nor for a run' 4 'saddle: train: there is no cuda:2: this machine has 2 CUDA devices, cuda:0 to cuda:1' \
    -q --device=cuda:2 -c "$tiny; train --steps 1"
is 'which leaves no recording' "$(ls data/saddle/sessions 2>/dev/null)" ''

printf '%s\n' "$small" 'device cuda:1' 'train --steps 2 --name second' >second.sad
"$SADDLE" run second.sad >second.log 2>&1
is 'a recipe says so as well' "$? $(grep -c ' env cuda:1 isa=sm_90 ' second.log)" '0 1'
"$SADDLE" -v --device=cuda -c "$small; train --steps 2 --name first" >first.log 2>&1
is 'both train to the same state' "$(last_state second.log)" "$(last_state first.log)"
is 'which was told' "$(last_state first.log | tr -d '\n' | wc -c | tr -d ' ')" 64

"$SADDLE" --device=cuda:1 -c "$small; train --steps 3 --name cut --paused; step 2; wait step 2; stop --yes" >cut.log 2>&1
is 'a run is stopped on the second' "$? $(grep -c ' env cuda:1 ' cut.log) $(grep -c ' stopped ' cut.log)" '0 1 1'
SHIM_DEVICES=1 mistake 'where that is missing it is not resumed in silence' 4 \
    'saddle: resume: there is no cuda:1: this machine has one CUDA device, cuda:0' -q resume cut
run -c 'resume cut'
is 'where it is there the run goes on' "$code $("$SADDLE" cat cut | grep -c '"k":"step"')" '0 3'
SHIM_OLD_DEVICES=1 "$SADDLE" --device=cuda -c "$small; train --steps 1 --name newer" >newer.log 2>&1
is 'the first that can compute is taken, and it is said why' "$? $(grep -c ' env cuda:1 ' newer.log) $(grep -c \
    'note device cuda takes cuda:1: cuda:0, emulated device, has compute capability 7.0; 8.0 or newer is needed' newer.log)" '0 1 1'

# --- a fork of a fork of a run that was taken up comes to the bits of the run that was left alone ---
numbers() { # RUN FROM: losses from that step on, and what was probed
    "$SADDLE" cat "$1" | sed -n 's/.*"k":"step","q":[0-9]*,"s":\([0-9]*\),"m":[0-9]*,\(.*\),"ms".*/\1 \2/p; s/.*"k":"eig",.*\("of":[0-9]*.*\),"iters".*/99 \1/p' | awk -v from="$2" '$1 >= from'
}
probed='hessian 2 --iters 2 --images 2 at step 6'
run --device=cuda -c "$small; set opt sam; set rho .1; train --steps 7 --name alone --paused; $probed; set rho .2 at step 5; resume"
is 'a run is left alone' "$code $err" '0 '
epoch=$(printf '%s\n' "$out" | sed -n 's/.* steps_per_epoch=\([0-9]*\) .*/\1/p')
at() { # STEP: as an epoch
    echo "$1 $epoch" | awk '{ printf "%.7f", $1 / $2 }'
}
run --device=cuda -c "$small; set opt sam; set rho .1; train --steps 7 --name taken --paused; $probed; set rho .2 at step 5; step 2; wait step 2; stop --yes"
run -c 'resume taken --paused; step 2; wait step 4; stop --yes'
run -c "fork taken@$(at 3) child; train --steps 6; wait; fork @$(at 5) grandchild; train --steps 7"
is 'another is taken up and forked, and its fork too' "$code $err" '0 '
is 'with the same state' "$(states grandchild 7 | sort -u)" "$(states alone 7 | sort -u)"
is 'losses and probes' "$(numbers child 0 | sed -n '1,3p')$(numbers grandchild 0)" "$(numbers alone 4 | sed -n '1,3p')$(numbers alone 6)"

# --- math bf16 ---
"$SADDLE" -v --device=cuda -c "$small; set math bf16; train --steps 2 --name whole" >whole.log 2>&1
"$SADDLE" -v --device=cuda -c "$small; set math bf16; train --steps 2 --name part --paused; step 1; wait step 1; stop --yes" >part.log 2>&1
"$SADDLE" -v -c 'resume part' >rest.log 2>&1
is 'bf16 trains' "$(grep -c ' finished all 2 steps' whole.log)" 1
is 'to a state of its own' "$(last_state whole.log | tr -d '\n' | wc -c | tr -d ' ') $([ "$(last_state whole.log)" = "$(last_state first.log)" ] && echo same)" '64 '
is 'and a run in bf16 goes on in bf16' "$(last_state rest.log)" "$(last_state whole.log)"
loss() { sed -n 's/.* step  step=2 .* loss=\([0-9.]*\) .*/\1/p' "$1"; }
is 'with nearly the losses of fp32' "$(echo "$(loss whole.log) $(loss first.log)" | awk '{ d = $1 / $2 - 1; print NF, d * d < 0.0009 && d != 0 }')" '2 1'
mistake 'other networks do not' 1 'saddle: train: math bf16 does not have unit 0 of resnet18, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or math fp32' \
    -q --device=cuda -c "$tiny; set model resnet18; set math bf16; train --steps 1"

# --- a call that fails, anywhere in a run with a probe ---
bad=
stopped=0
failing() { # NAME SETTINGS PARTS: of tenths of the run's calls
    broken="$small; $2; train --steps 2 --no-augment --name"
    look='hessian 2 --iters 2 --images 2'
    SHIM_CALLS=$work/calls "$SADDLE" --device=cuda -c "$broken $1; $look" >"$1.log" 2>&1
    calls=$(cat calls)
    for part in $3; do
        SHIM_FAIL_AT=$((part * calls / 10)) run --device=cuda -c "$broken $1-$part; $look"
        said_and_sealed "$1" "$1-$part"
    done
}
said_and_sealed() { # WHOLE BROKEN
    if [ "$code" -eq 0 ]; then # a piece of memory given back, or after the end: the run is the one it would have been
        printf '%s\n' "$out" >part.log
        [ "$(last_state part.log)" = "$(last_state "$1.log")" ] || bad="$bad $2:other-bits"
        return
    fi
    stopped=$((stopped + 1))
    # the reason, and what it has for consequences
    other=$(printf '%s\n' "$err" | grep -v -E 'no CUDA device: unknown error$|cuda: .* failed: unknown error$|no snapshot of step [0-9]* is on disk$')
    printf '%s\n' "$err" | grep -q 'unknown error$' && [ -z "$other" ] || bad="$bad $2:$err"
    [ -d "data/saddle/sessions/$2.saddle" ] || return # before the run was made
    "$SADDLE" verify "$2" >/dev/null 2>&1 || bad="$bad $2:damaged"
    "$SADDLE" cat "$2" | tail -n 1 | grep -q '"k":"seal"' || bad="$bad $2:not-sealed"
}
if [ "${SADDLE_KILLS:-1}" = 0 ]; then # minutes with a sanitizer, and run_faults.c has the engine's part of it
    skip 'failed calls are told, and the session is sealed' 'no kills asked for (SADDLE_KILLS)'
else
    if [ "${SADDLE_CUDA_FAULTS:-}" = all ]; then
        failing steps 'set opt sam' '1 3 5 6 8'
        failing calls 'set opt pgd' '7 8'
        least=4
    else
        failing steps 'set opt sam' "$((3 + ${SADDLE_FAULT_SEED:-0} % 4))" # another one every day
        least=1
    fi
    is 'failed calls are told, and the session is sealed' "$bad" ''
    is 'most of them' "$((stopped >= least))" 1
fi
finish
