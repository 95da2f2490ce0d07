#!/bin/sh
# The reference back end against the paper's own code: a case of each loss on the smallest network.
# SADDLE_FIXTURE_CASES=all: all sixteen, ResNet-32 too (five minutes of one core).
program=${top_builddir:-.}/tests/reference/fixtures
[ "${SADDLE_FIXTURE_CASES:-}" != all ] || exec "$program" reference
for case in resnet8/ce_drw resnet8/focal_drw resnet8/vs_drw resnet8-norm/ldam_drw; do
    "$program" reference "$case" || exit
done
