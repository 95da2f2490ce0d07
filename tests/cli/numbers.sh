#!/bin/sh
# Numbers that can be checked from outside: weights, a gradient, a product, against the paper's own code (fixtures), without a run.
. "$(dirname "$0")/lib.sh"
fixtures=${SADDLE_FIXTURES:-$top/../shared/fixtures}
if [ ! -f "$fixtures/expected.json" ]; then echo "no fixtures at $fixtures"; exit 77; fi
command -v python3 >/dev/null 2>&1 || { echo 'no python3'; exit 77; }
fixtures=$(cd "$fixtures" && pwd)
"$here/compare.py" --help >/dev/null 2>&1 || { echo 'no python3 that runs compare.py'; exit 77; }

# The direction of the fixture, under the names of the weights.
"$here/compare.py" rename "$fixtures/resnet8.expected.safetensors" v. direction.safetensors
# The fixtures' figure; for float32 activations four times PyTorch's own error in float32 where that is larger, as
# tests/reference/fixtures.c has it (a ReLU that falls on the other side is another gradient: HACKING, "float32 and the fixtures").
python3 -c 'import json, sys
for name, case in json.load(open(sys.argv[1]))["float32"].items():
    for mode in "eval", "train":
        for what in "gradient", "product":
            if name.startswith("resnet8/"):
                print(name[8:], mode, what, 4 * case[mode][what])' "$top/tests/reference/rounding.json" >in_float32
accepted() { # DEVICE LOSS MODE WHAT FIGURE
    awk -v device="$1" -v asked="$2 $3 $4" -v figure="$5" 'device == "cpu" && $1 " " $2 " " $3 == asked && $4 > figure { figure = $4 } END { print figure }' in_float32
}
# What a device computes is for tests/reference/fixtures to say; here it is the commands' way there, on the slow one in two of four.
for device in reference cpu; do
    common="device $device; data tensors $fixtures/batch.safetensors --classes 10; model resnet8; set batch 32; set shuffle off
load weights $fixtures/resnet8.safetensors"
    for loss in ce focal; do
        for mode in eval train; do
            case $device-$loss-$mode in reference-ce-train | reference-focal-eval) continue ;; esac
            option=
            [ $mode = train ] && option=--train-mode
            name=$device-$loss-$mode
            run -q -c "$common; loss $loss; gradient g-$name.safetensors $option; hvp direction.safetensors h-$name.safetensors $option"
            is "$name: files are written" "$code $err" '0 '
            is "$name: gradient" "$("$here/compare.py" near "g-$name.safetensors" "$fixtures/resnet8.expected.safetensors" "$loss.$mode.grad." \
                "$(accepted $device $loss $mode gradient 1e-4)" 2>&1)" near
            is "$name: product" "$("$here/compare.py" near "h-$name.safetensors" "$fixtures/resnet8.expected.safetensors" "$loss.$mode.hvp." \
                "$(accepted $device $loss $mode product 1e-3)" 2>&1)" near
        done
    done
done
run -q -c "data tensors $fixtures/batch.safetensors --classes 10; model resnet8; load weights $fixtures/resnet8.safetensors; save weights back.safetensors"
is 'weights come back as they went in' "$code $("$here/compare.py" near back.safetensors "$fixtures/resnet8.safetensors" '' 0 2>&1)" '0 near'
finish
