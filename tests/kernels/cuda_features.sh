#!/bin/sh
# Batches of features on the emulated device.
program=${top_builddir:-.}/tests/kernels/features_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
SADDLE_FEW_CASES=1 exec "$program"
