#!/bin/sh
# Every CUDA call made to fail in turn, on an emulated device.
program=${top_builddir:-.}/tests/kernels/cuda_faults
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
exec "$program"
