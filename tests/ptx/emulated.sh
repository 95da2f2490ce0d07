#!/bin/sh
# The cuda back end against the reference, its kernels run as nvcc compiled them. By default tests of seconds; SADDLE_PTX_TESTS names others
# (patterns; "*": all of tests/kernels/device.c, many minutes), SADDLE_PTX_ARCH=90 the other architecture. Then each launch against the sources, of a
# small network in each math, or with "*" of networks of each operation, shape and loss.
. "${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/ptx/lib.sh"
need tests/kernels/device_emulated
set -f
export SADDLE_EMULATOR_LOG="$PWD/tests/ptx/emulated.launches"
rm -f "$SADDLE_EMULATOR_LOG"
[ -n "${SADDLE_PTX_TESTS:-}" ] || export SADDLE_FEW_CASES=1
for test in ${SADDLE_PTX_TESTS:-vectors far_means small_maths nan_is_passed_on one_piece*}; do
    SADDLE_EMULATOR=ptx tests/kernels/device_emulated cuda "$test" || exit 1
    tail -n 1 "$SADDLE_EMULATOR_LOG"
done
# Only code of compute_90 is launched early (kernels/cuda/early.h).
if [ -z "${SADDLE_PTX_ARCH:-}${SADDLE_PTX_TESTS:-}" ]; then
    SADDLE_EMULATOR=ptx SADDLE_PTX_ARCH=90 tests/kernels/device_emulated cuda small_maths || exit 1
fi
# Nothing may have fallen back to the sources.
if grep -v ' 0 on the sources, 0 on both$' "$SADDLE_EMULATOR_LOG"; then exit 1; fi

# The same bits as the sources give, launch by launch, when a fused multiply-add is computed with two roundings: fusing is all that nvcc changed.
# exp and log of the loss are others' code (libm here), and may round another way.
rm -f "$SADDLE_EMULATOR_LOG"
export SADDLE_EMULATOR=both SADDLE_PTX_FMA=split SADDLE_FEW_CASES=1
kernels=40
tests=small_maths
if [ "${SADDLE_PTX_TESTS:-}" = '*' ]; then
    kernels=100
    tests='vectors parity_of_maths parity_of_criteria one_piece*'
    tests/kernels/operations_emulated cuda || exit 1
fi
for test in $tests; do
    tests/kernels/device_emulated cuda "$test" || exit 1
done
awk -v least=$kernels '/ launches, / { # KERNEL N launches, N differ, N words written, N differ, by at most X
        match($0, / +[0-9]+ launches, .*/); name = substr($0, 1, RSTART - 1); split(substr($0, RSTART), part, /[ ,]+/)
        if (!(name in seen)) { seen[name]; kernels++ }
        launches += part[2]; words += part[6]
        if (part[9] > 0 && (name !~ /^head_/ || part[14] > 1e-6)) { print "FAIL " $0; bad = 1 }
    }
    END { print kernels " kernels, " launches " launches, " words " words: the same bits but for fused multiply-adds"; exit bad || kernels < least }' \
    "$SADDLE_EMULATOR_LOG"
