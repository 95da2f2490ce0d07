#!/bin/sh
# The reference back end against the paper's own code: a case of the smallest network.
# SADDLE_FIXTURE_CASES=more: one of each loss; =all: all sixteen, ResNet-32 too (five minutes of one core).
program=${top_builddir:-.}/tests/reference/fixtures
case ${SADDLE_FIXTURE_CASES:-} in
all) exec "$program" reference ;;
more) cases='resnet8/ce_drw resnet8/focal_drw resnet8/vs_drw resnet8-norm/ldam_drw' ;;
*) cases=resnet8/ce_drw ;;
esac
for case in $cases; do
    "$program" reference "$case" || exit
done
