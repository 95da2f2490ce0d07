#!/bin/sh
# A whole run of the paper through the program itself, from start to end: SADDLE DEVICE [MATH [EPOCHS [MODEL]]]
# CIFAR-10-LT, CE+DRW+SAM, an evaluation and a snapshot after each epoch, recorded. The images are those of $SADDLE_DATA, or of
# cifar-10-batches-bin beside this checkout or in it; without them noise in their format, which takes the same time and whose
# accuracy means nothing. One line tells; 1 when the run did not get to its end.
saddle=$1 device=$2 math=${3:-fp32} epochs=${4:-200} model=${5:-resnet32}
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP INT TERM
SADDLE_RECIPES=${SADDLE_RECIPES:-$top/recipes}
export SADDLE_RECIPES

root=
for try in "${SADDLE_DATA:-}" "$top/cifar-10-batches-bin" "$top/../cifar-10-batches-bin"; do
    for at in "$try" "$try/cifar-10-batches-bin"; do
        [ -z "$root" ] && [ -n "$try" ] && [ -f "$at/data_batch_1.bin" ] && root=$at
    done
done
if [ -n "$root" ]; then images=CIFAR-10-LT; else
    images='noise in the format of CIFAR-10-LT'
    root=$dir/noise
    mkdir "$root"
    "$(dirname "$saddle")/tests/gpu/probe" noise "$root" || { echo "skipped: no CIFAR-10 (SADDLE_DATA names its folder), and no tests/gpu/probe to make noise"; exit 77; }
fi

from=$(date +%s%N)
"$saddle" --no-config --sessions="$dir/sessions" --device="$device" --yes -c "set math $math; preset paper/cifar10-lt/ce+drw+sam --root $root;
    model $model; set seed 1; train --epochs $epochs --name whole" >"$dir/log" 2>&1
status=$?
to=$(date +%s%N)
grep -a ' env ' "$dir/log"
grep -a '^saddle: ' "$dir/log"
awk -v images="$images" -v device="$device" -v math="$math" -v model="$model" -v epochs="$epochs" -v ns="$((to - from))" '
    / eval / { n++; for (i = 1; i <= NF; i++) { split($i, p, "="); if (p[1] ~ /^(step|acc|head|mid|tail)$/) last[p[1]] = p[2] } }
    / finished all / { done = 1 }
    END {
        if (!done) { print "the run did not get to its end"; exit 1 }
        printf "%s %s: %d epochs of %s, %s, ce+drw+sam: %.1f s from start to end, %d steps (%.3f ms each with all that is beside), %d evaluations; accuracy %s (head %s, mid %s, tail %s)\n",
            device, math, epochs, images, model, ns / 1e9, last["step"], ns / 1e6 / last["step"], n, last["acc"], last["head"], last["mid"], last["tail"]
        if (epochs != 200)
            printf "200 epochs at that pace: %.0f s\n", ns / 1e9 / epochs * 200
    }' "$dir/log" || status=1
[ $status -eq 0 ] || tail -n 5 "$dir/log"
exit $status
