#!/bin/sh
# The cpu back end against the paper's own code: every case of the smallest network.
# SADDLE_FIXTURE_CASES=more: two of ResNet-32 too; =all: all sixteen.
program=${top_builddir:-.}/tests/reference/fixtures
case ${SADDLE_FIXTURE_CASES:-} in
all) exec "$program" cpu ;;
more) cases='resnet8 resnet32/ce_drw resnet32-norm/ldam_drw' ;;
*) cases=resnet8 ;;
esac
for case in $cases; do
    "$program" cpu "$case" || exit
done
