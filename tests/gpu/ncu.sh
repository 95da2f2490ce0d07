#!/bin/sh
# tests/gpu/ncu.sh [MATH [IMAGES]] - how long each kernel of one gradient takes on the device, by NVIDIA's profiler: first in the order of the launches, then by
# kernel. ResNet-32, 128 images, nothing captured. Runs in a build. 77 where there is no ncu, or where it may not look.
set -u
math=${1:-bf16} images=${2:-128}
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP INT TERM
ncu=$(command -v ncu || ls /usr/local/cuda/bin/ncu /opt/nvidia/nsight-compute/*/ncu 2>/dev/null | tail -n 1)
[ -n "$ncu" ] || { echo "skipped: there is no ncu on this machine"; exit 77; }
SADDLE_CUDA_GRAPHS=off "$ncu" --csv --log-file "$dir/csv" --metrics gpu__time_duration.sum --print-units base --print-kernel-base mangled \
    --clock-control none --cache-control none tests/gpu/probe gradient "${SADDLE_DEVICE:-cuda}" "$images" "$math" >"$dir/probe" 2>&1
status=$?
tail -n 1 "$dir/probe"
if ! grep -q '"Metric Value"' "$dir/csv" 2>/dev/null; then
    grep -h '==ERROR==' "$dir/csv" "$dir/probe" 2>/dev/null | head -n 3
    grep -q '^bf16\|^fp32\|^tf32' "$dir/probe" || [ $status -eq 0 ] || exit $status # the gradient failed, not the profiler
    echo "skipped: ncu measured nothing (exit $status)"
    exit 77
fi
awk -F '","' '
    /"Metric Value"/ { sub(/^"/, ""); sub(/"$/, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
    !column["Metric Value"] || NF < column["Metric Value"] { next }
    {
        sub(/"$/, "")
        value = $column["Metric Value"]; gsub(/,/, "", value)
        unit = $column["Metric Unit"]
        print $column["Kernel Name"], value * (unit ~ /^ns|^nsecond/ ? 0.001 : unit ~ /^us|^usecond/ ? 1 : unit ~ /^ms|^msecond/ ? 1000 : 1e6)
    }' "$dir/csv" | "$top/tests/ptx/words.sh" >"$dir/times" || { echo "the kernels' names are not known here"; exit 1; }
awk -v math="$math" -v images="$images" '
    { printf "%4d %9.2f us  %s\n", NR, $2, $1; n[$1]++; us[$1] += $2; all += $2 }
    END {
        printf "all %d launches of a gradient of %d images in %s, one after the other: %.1f us\n", NR, images, math, all
        for (k in n) printf "%9.2f us in %3d launches, %8.2f us each  %s\n", us[k], n[k], us[k] / n[k], k | "sort -rn"
        close("sort -rn")
        exit NR == 0
    }' "$dir/times"
