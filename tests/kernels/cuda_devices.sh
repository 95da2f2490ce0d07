#!/bin/sh
# Several CUDA devices, on an emulated one.
program=${top_builddir:-.}/tests/kernels/cuda_devices
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
exec "$program"
