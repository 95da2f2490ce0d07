#!/bin/sh
# Spectra are fp32 in every math: SADDLE DEVICE [MODEL [PRODUCTS]]. The same weights, those of the seed, are looked at in set-ups
# of all three; the eigenvalues and their bounds must be the same text. 1 when they differ, 77 where the device has fp32 alone.
saddle=$1 device=$2 model=${3:-resnet32} products=${4:-10}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP INT TERM
for math in fp32 tf32 bf16; do
    "$saddle" --no-config --sessions="$dir" --device="$device" --yes \
        -c "data demo; model $model; set math $math; hessian 0 9 --iters $products --images 100" >"$dir/$math.log" 2>&1
    status=$?
    if grep -a 'computes in .* only' "$dir/$math.log"; then exit 77; fi
    if [ $status -ne 0 ]; then tail -n 5 "$dir/$math.log"; exit 1; fi
    # what is left out is the time
    grep -a ' eig ' "$dir/$math.log" | sed 's/^[^ ]* //; s/ sec=[^ ]*//' >"$dir/$math"
done
[ "$(wc -l <"$dir/fp32")" -eq 2 ] || { echo "no eigenvalues were told"; tail -n 5 "$dir/fp32.log"; exit 1; }
for math in tf32 bf16; do
    cmp "$dir/fp32" "$dir/$math" || { diff "$dir/fp32" "$dir/$math"; exit 1; }
done
echo "$device $model: the spectra of two classes are the same text in fp32, tf32 and bf16"
