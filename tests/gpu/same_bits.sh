#!/bin/sh
# tests/gpu/same_bits.sh MATH [STEPS] - SAM steps twice, then without captured passes, without early launches, then of single calls: the same bits. Runs in a build.
math=$1 steps=${2:-20}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP INT TERM
probe() { # NAME WHAT
    tests/gpu/probe "$2" "${SADDLE_DEVICE:-cuda}" "$steps" "$math" >"$dir/$1"
    status=$?
    [ $status -eq 0 ] || { tail -n 3 "$dir/$1"; exit $status; }
    cmp "$dir/run" "$dir/$1" || { echo "$1 gave other bits:"; tail -n 2 "$dir/run" "$dir/$1"; exit 1; }
}
probe run bits
probe again bits
SADDLE_CUDA_GRAPHS=off probe plain bits
SADDLE_CUDA_EARLY=off probe late bits
probe parts parts
tail -n 2 "$dir/run"
