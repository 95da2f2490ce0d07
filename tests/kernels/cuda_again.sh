#!/bin/sh
# Two ways back through one forward pass on the emulated device, in each math.
program=${top_builddir:-.}/tests/kernels/again_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
SADDLE_FEW_CASES=1 exec "$program" cuda
