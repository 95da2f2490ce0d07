#!/bin/sh
# Training with steps in a queue against training without one, on an emulated device.
program=${top_builddir:-.}/tests/kernels/ahead_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
# Commands and probes between steps are for .ci/run: SADDLE_EMULATED_CASES=all.
[ "${SADDLE_EMULATED_CASES:-}" = all ] || export SADDLE_FEW_CASES=1
exec "$program"
