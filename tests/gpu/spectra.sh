#!/bin/sh
# Class spectra through the program itself: SADDLE DEVICE [MODEL [PRODUCTS]]; every class of the demo, up to 500 images each.
saddle=$1 device=$2 model=${3:-resnet32} products=${4:-30}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$saddle" --no-config --sessions="$dir" --device="$device" --yes \
    -c "data demo; model $model; set epochs 1; train --steps 2; hessian all --iters $products --images 500" >"$dir/log" 2>&1
status=$?
grep -a 'rror' "$dir/log"
grep -a ' eig ' "$dir/log" | awk -v name="$model" -v device="$device" '
    { for (i = 1; i <= NF; i++) { split($i, p, "="); if (p[1] == "sec") s += p[2]; if (p[1] == "images") n += p[2]; if (p[1] == "iters") k += p[2] } }
    END { printf "%s %s: spectra of %d classes, %d images, %d products in %.2f s\n", device, name, NR, n, k, s; exit NR == 0 }' || status=1
exit $status
