#!/bin/sh
# CUDA calls that fail in the middle of a recorded run, on an emulated device.
program=${top_builddir:-.}/tests/kernels/run_faults
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
exec "$program"
