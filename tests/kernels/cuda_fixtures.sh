#!/bin/sh
# The cuda back end's own sources against the paper's code, on an emulated device: a case of the smallest network, and of three steps the first.
# SADDLE_EMULATED_CASES names others, with all their steps: "resnet8" all eight of the smallest (12 s each), "resnet32" the other eight (55 s each);
# SADDLE_EMULATED_MATH another math. With SADDLE_EMULATOR=ptx on the code that nvcc made.
program=${top_builddir:-.}/tests/kernels/fixtures_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
[ -n "${SADDLE_EMULATED_CASES:-}" ] || export SADDLE_FIXTURE_FIRST=1
for case in ${SADDLE_EMULATED_CASES:-resnet8/ce_drw}; do
    "$program" cuda "$case" ${SADDLE_EMULATED_MATH:-fp32} || exit
done
