#!/bin/sh
# The cpu back end against the paper's own code: every case of the smallest network; more: two of ResNet-32 too, and one in math bf16 and winograd; all: all
# sixteen.
. "$(dirname "$0")/cases.sh"
if [ "${SADDLE_FIXTURE_CASES:-}" ]; then
    SADDLE_ISA=portable "${top_builddir:-.}/tests/reference/fixtures" cpu resnet8/ce_drw bf16 || exit
    "${top_builddir:-.}/tests/reference/fixtures" cpu resnet8/ce_drw winograd || exit
fi
compare fixtures cpu resnet8 'resnet8 resnet32/ce_drw resnet32-norm/ldam_drw'
