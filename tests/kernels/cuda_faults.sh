#!/bin/sh
# Every CUDA call made to fail in turn, on an emulated device.
program=${top_builddir:-.}/tests/kernels/cuda_faults
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
# Each call, and every variant of a step, is nightly's: SADDLE_CUDA_FAULTS=all.
[ "${SADDLE_CUDA_FAULTS:-}" = all ] || export SADDLE_FEW_CASES=1
exec "$program"
