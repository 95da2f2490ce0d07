#!/bin/sh
# Every instruction of every kernel, as nvcc made it for each architecture whose PTX is part of the program, is one that tests/ptx knows.
cd "${top_builddir:-.}" || exit 1
for arch in 80 90; do
    set -- src/kernels/cuda/*.compute_$arch.ptx
    [ -f "$1" ] || { echo "skipped: this build has no CUDA kernels (no nvcc)"; exit 77; }
    tests/ptx/kernels "$@" || exit 1
done
