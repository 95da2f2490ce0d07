#!/bin/sh
# The reference back end against the code of the systems that came after the paper: losses, and one case of steps.
# SADDLE_FIXTURE_CASES=all: every case that saddle has.
program=${top_builddir:-.}/tests/reference/systems
[ "${SADDLE_FIXTURE_CASES:-}" != all ] || exec "$program" reference
for cases in k10/ k100/ resnet8/ce/sam; do
    "$program" reference "$cases" || exit
done
