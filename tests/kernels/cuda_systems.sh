#!/bin/sh
# The cuda back end's own sources against the code of the systems that came after the paper, on an emulated device: a second stage and the first step of three.
# SADDLE_SYSTEMS_CASES names others, with all their steps: "k10/ k100/" all losses (10 s of processor time each), "resnet8/ce/sam" steps.
program=${top_builddir:-.}/tests/kernels/systems_emulated
[ -x "$program" ] || { echo "skipped: the emulated device needs g++ and cmocka, and no thread sanitizer"; exit 77; }
[ -n "${SADDLE_SYSTEMS_CASES:-}" ] || export SADDLE_FIXTURE_FIRST=1
for case in ${SADDLE_SYSTEMS_CASES:-k10/lws.order resnet8/ce/imbsam.gain2}; do
    "$program" cuda "$case" || exit
done
