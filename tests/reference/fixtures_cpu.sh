#!/bin/sh
# The cpu back end against the paper's own code: every case of the smallest network, two of ResNet-32.
# SADDLE_FIXTURE_CASES=all: all sixteen.
program=${top_builddir:-.}/tests/reference/fixtures
[ "${SADDLE_FIXTURE_CASES:-}" != all ] || exec "$program" cpu
for cases in resnet8 resnet32/ce_drw resnet32-norm/ldam_drw; do
    "$program" cpu "$cases" || exit
done
