#!/bin/sh
# The reference back end against the code of the systems that came after the paper: losses.
# SADDLE_FIXTURE_CASES=more: a case of steps too; =all: every case that saddle has.
program=${top_builddir:-.}/tests/reference/systems
case ${SADDLE_FIXTURE_CASES:-} in
all) exec "$program" reference ;;
more) cases='k10/ k100/ resnet8/ce/sam' ;;
*) cases='k10/ k100/' ;;
esac
for case in $cases; do
    "$program" reference "$case" || exit
done
