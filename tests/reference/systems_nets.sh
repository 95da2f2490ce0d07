#!/bin/sh
# Networks against torchvision and the code of long-tail systems: the cheapest on cpu.
# SADDLE_FIXTURE_CASES=small: all of 32 and 64 pixels on both; =all: images of 224 pixels on cpu too.
program=${top_builddir:-.}/tests/reference/systems
case ${SADDLE_FIXTURE_CASES:-} in
'') set -- 'cpu net resnet32-mlp' ;;
small) set -- 'cpu net ' 'reference net ' ;;
*) set -- 'cpu net ' 'cpu .224' 'reference net ' ;;
esac
for cases; do
    "$program" "${cases%% *}" "${cases#* }" || exit
done
