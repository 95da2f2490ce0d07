#!/bin/sh
# Networks against torchvision and the code of long-tail systems: the cheapest on cpu.
# SADDLE_FIXTURE_CASES=small: one of each network on cpu, the two cheapest on reference; =all: all on both, but images of 224 pixels on cpu alone.
program=${top_builddir:-.}/tests/reference/systems
case ${SADDLE_FIXTURE_CASES:-} in
'') set -- 'cpu net resnet32-mlp' ;;
small) set -- 'cpu .10.' 'reference net resnet32-mlp' 'reference net resnet18.10.64' ;;
*) set -- 'cpu net ' 'cpu .224' 'reference net ' ;;
esac
for cases; do
    "$program" "${cases%% *}" "${cases#* }" || exit
done
